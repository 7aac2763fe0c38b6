"""Back-tests: what a rule, or a whole rule set, would have caught and cost on history.

Here: the wish, the question as SQL, the figures made of its answers, the report, the journey that
runs one and attaches it to a proposal, and the rows that keep it.
Not here: changing a rule; that is a proposal another person decides on.
Who may knock: the doors.
"""
