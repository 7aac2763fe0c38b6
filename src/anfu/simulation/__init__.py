"""Simulation: an economy made up from a seed, a client of the HTTP API like any other.

Here: `processes` (an installation as child processes), `client` (the API as a caller sees it),
payers and merchants with habits, frauds that know they are frauds, the days they act in, and what
came of them all.
Not here: a shortcut into the rooms; what is not in an answer of the API is not known here.
Who may knock: the commands `demo`, `bench` and `chaos`, and tests.
"""
