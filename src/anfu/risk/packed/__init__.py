"""Packed profiles: the events of each key as rows of whole numbers, and features read off them.

Here: which events features take together (`groups`), what the compiled kernel is told of a
catalogue (`program`), its memory (`layout`, `memory`), what is done to rows (`rows`, `settled`,
`told`), tiles of windows with too many of them (`rings`, `tiles`, `sketches`), how features are
read (`walk`, `sums`, `measure`, `travel`), and `shelves`, through which the store in process uses
all of it. Compiled by Numba; with NUMBA_DISABLE_JIT=1 the same text runs as Python.
Not here: the stores (`risk.profiles`, `risk.shared`), what features mean (`risk.features`).
"""
