"""Entrypoints: the doors in: the HTTP API, the worker, the command line.

Here: parsing, who the caller is, the HTTP meaning of a refusal, schedules, commands.
Not here: a decision about money; that is a journey's.
Who may knock: people and machines outside; inside, only `app`.
"""
