"""Settlement (清算): what networks and banks say they did, held against the books; what merchants
are owed for a period, and how it reaches their banks.

Here: `reconciliation` (bills, statements, differences and what becomes of them), `calendar`
(working days), `terms` (what is agreed with a merchant), `cycles` (settling a period), `payouts`
(files to the bank, and what became of each), `statements` (what a merchant is shown), `reserve`
(the three-way check of 备付金).
Not here: the formats of networks' bills, the wire to the bank, the states of a payment.
Who may knock: entrypoints, app and simulation.
"""
