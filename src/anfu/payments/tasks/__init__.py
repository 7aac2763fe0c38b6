"""Tasks (待办事项): what no journey can finish by itself, and a person has to see to in time.

Here: what a task is, its table, and how it is opened, escalated and done.
Not here: why one is opened; that is in the journeys, of this room and of those above.
"""
