"""Profiles kept in Valkey for several processes.

Valkey holds, of each key of each home, a log of what was done to its tracks and now and then a
snapshot of them; it says in what order things happened. Every process keeps the tracks of the keys
it meets and computes with the code of the store in process, so that both say the same.

Here: what is written there and read back, the script that appends, the tracks kept beside it, the
store, and the restoring of a Valkey that was lost.
Not here: the line (`storage.valkey`), what tracks are (`tracks`).
"""
