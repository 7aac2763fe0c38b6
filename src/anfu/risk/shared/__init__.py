"""Profiles kept in Valkey for several processes.

Valkey holds, of each key of each home, a log of what was done to its tracks and now and then a
snapshot of them; it says in what order things happened. Every process keeps the tracks of the keys
it meets, as Python objects, and computes itself; a battery holds it and the store in process to the
same answers.

Here: what is written there and read back (`trace`, `snapshot`), the script that appends, what a
track is (`groups`, `tracks`) and how features are read off it (`reading`, `measures`, `moves`,
`told`), the store, and the restoring of a Valkey that was lost.
Not here: the line (`storage.valkey`), the store in process (`risk.packed`).
"""
