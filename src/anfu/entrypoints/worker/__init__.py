"""The worker: what happens later and by itself.

Here: loops that deliver webhooks, resolve what was left open, let waits run out and seal the
evidence. Several workers may run at once; each row is taken by one of them.
Not here: what any of these means; that is in the rooms.
Who may knock: `app`.
"""
