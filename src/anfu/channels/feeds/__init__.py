"""Feeds: lists that others publish, fetched and proven before anything of them is believed.

Here: `envelope` (the signed form of a feed), `client` (HTTP with ETag, or a file),
`simulator` (a publisher that fails on purpose).
Not here: what the rows mean and what becomes of a list; that is in risk.
Who may knock: the worker.
"""
