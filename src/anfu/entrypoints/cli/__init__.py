"""The command line: `anfu`.

Here: a file for each group of commands; progress and tables on standard error, results on
standard output, as JSON when asked for.
Not here: settings, keys, wiring; the commands are handed what `app` has put together.
Who may knock: `app`.
"""
