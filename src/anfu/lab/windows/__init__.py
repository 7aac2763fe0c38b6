"""Windows: the features of a catalogue as SQL over a table of events.

Here: each feature taken apart into aggregates over a frame of its entity's events, and the one
statement that computes them, equal to what the profiles said online.
Not here: the engine that runs it.
Who may knock: the lab and the doors.
"""
