"""Limits: how much may be paid, by law and by a merchant's own wish.

Here: limit rules as data (`rules/*.toml`, read by `rulebook`), each naming its law; counters
with atomic reservation (`operations.reserve`); the giving back of what did not happen; the
limits merchants set for themselves. A limit never guesses: what it cannot count it refuses to
load (`rulebook`).
Not here: why a limit exists (the rule quotes its law), limits of risk, money.
Who may knock: payments and the doors above it. `queries` and `operations` own the tables.
"""
