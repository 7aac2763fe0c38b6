"""Cases: what a person must look at, from its opening to its verdict.

Here: the case with its items, voices and notes, how decisions are grouped into cases, the policy
cases are worked by with its business calendar, reason codes of verdicts.
Not here: what a verdict does to a payment, and the journeys: those are in `payments`, since they
end payments and tell others; who a person is.
Who may knock: payments, the doors.
"""
