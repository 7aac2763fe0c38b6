"""App: the composition root.

Here: the only place that reads settings and the environment, and the only one that knows every
room: it loads the keys, opens the database and puts the tools together.
Not here: anything a room could do.
Who may knock: the `anfu` command.
"""
