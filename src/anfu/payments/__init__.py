"""Payments: the spine. The journeys of one payment, from the order to the books.

Here: the payment and the refund with their states, and the journeys over them: `pay`, `step_up`,
`review`, `cancel`, `send`, `book`, `notice`, `recover`, `refund`; besides these `enrol` (a party
with its account), `deposit`, `assess` (a decision without a payment) and `reckon` (do books,
payments and evidence agree?). Where the load is (`pay`, `book`, `assess`) a journey takes a batch.
Not here: what a rule, a limit, an entry or a message is; SQL outside `queries` and `operations`.
Who may knock: entrypoints and the journeys above.
"""
