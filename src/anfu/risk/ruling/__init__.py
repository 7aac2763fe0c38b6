"""Ruling: the life of rules and of the set in force, and what may be said of a rule unasked.

Here: changes and how they are applied, drafts, moves, the set in force, the shadow difference,
static checks, decision tables and scorecards.
Not here: the language (`risk.condition`), the verdict (`risk.decision`), who approves
(`risk.proposals`).
Who may knock: the API, the command line, the worker.
"""
