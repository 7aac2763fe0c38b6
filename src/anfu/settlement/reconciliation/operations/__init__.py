"""Writes of reconciliation, by what they write: `bills` and their files, `working` tables of one
transaction, `matching` of lines and payments, `buffer` of what waits for a later bill, `funds` for
the second and third leg, `items` and their treatment."""
