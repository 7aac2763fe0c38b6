"""Settlement (清算): what networks and banks say they did, held against the books.

Here: `reconciliation` (bills, statements, differences and what becomes of them).
Not here: the formats of networks' bills and the lines to them, the states of a payment.
Who may knock: entrypoints, app and simulation.
"""
