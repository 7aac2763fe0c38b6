"""The sandbox: a made-up card network that signs, loses, repeats and contradicts like a real one.

Here: `messages` (what is signed and how it is checked), `client` (the network as a `Channel`),
`notices` (what the network tells us unasked), `bills` (what it says it has done on a day), and the
network itself: `book` (its records), `billing` (how it writes bills), `faults` (what goes wrong,
from a seed), `courier` (its notices), `network` (the server).
Not here: real money. No card is a real card.
Who may knock: app wires the client; `network` runs as a process of its own or inside a test.
"""
