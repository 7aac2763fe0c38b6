"""Checkouts: what a merchant asks a payer for on our page, paid at most once.

Here: what a checkout is, who may open its page, its table and that of its payments, the origins a
payer is sent back to (`permit`), and the journeys that begin and close one.
Not here: paying itself; `pay` asks here whether a checkout may be paid, behind its lock.
"""
