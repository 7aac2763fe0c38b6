"""Privacy: what must not lie about readable, looked for wherever it could.

Here: `finding` (what is found, and how it is shown), `patterns` (how it is recognised), `papers`
(log and export files, read in a stream), `scan` (database and files, one after the other).
"""
