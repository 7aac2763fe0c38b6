"""Where things lie in the arrays of the kernel. Times in microseconds since 1970, amounts in minor
units, ids of texts as `names` gives them; NONE where there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.int64]
Int = Any
"""A 64-bit number: an `int` to Python, an `int64` to the kernel."""


class State(NamedTuple):
    """All that a kernel knows.

    `meta`: single words, then the heads of the lists of free blocks. `slots`: a row for each key of
    each home. `ids`: a row for each text: how often it is used, the next one that no longer is, and
    its slot in each home. `arena`: blocks of words. `seen`: a table of texts for each column of a
    row, good for one walk. `cells`: counts of cells, good for one walk. `program`: tables made of
    the catalogue.
    """

    meta: Words
    slots: Words
    ids: npt.NDArray[np.int32]
    arena: Words
    seen: Words
    cells: Words
    program: npt.NDArray[np.int64]


class Desk(NamedTuple):
    """Arrays of what is being done: `given` and `out` of all events, or of the one in hand; `marks`
    for Python to attend to, `sums` of a walk, and `at` (`AT_*`): where the walk is."""

    given: Words
    out: Words
    marks: Words
    sums: Words
    at: Words


NONE = -(1 << 62)
SECOND = 1_000_000

# An event up to this much older than the newest of its entity still gets exact answers.
LATE_S = 3_600
LATE = LATE_S * SECOND
# Rows are kept this much longer than windows reach: a late event sees all it should, and may be
# forgotten up to `LATE_S` later still.
KEPT = 2 * LATE
# A window with more rows than this is tiled; of a group with tiles, up to twice as many are kept.
LIMIT = 4_096

# meta
TOP, SLOTS, FREE_SLOT, UNUSED_ID, STAMP, HAND, NEWEST, MARKS, WANTED, STOP = range(10)
HEADS, LEVELS = 16, 40

# slots; HOME is NONE for a free one, whose BLOCK is the next free one
BLOCK, COUNT, LEVEL, HOME, ID, LAST, EXTRA, TILED = range(8)
SLOT_WIDTH = 8

# ids
REFS, NEXT, SLOT_OF = 0, 1, 2
USED, END = -2, -1
"""NEXT of a text that is not in the list of unused ones, and of the last one there."""

# a row, column after column in its block; the position only in homes that keep one
AT, AMOUNT, BITS, LATITUDE, LONGITUDE = range(5)

# what is kept of a key besides rows: what was told, then one settled record for each lifelong group
TOLD, TOLD_COUNT, TOLD_LEVEL, TOLD_NEWEST, SETTLED = range(5)
# a word of fraud: when the payment was made, from when until when it is known for a fraud, and to
# the groups of which bits
SAID_AT, SAID_FROM, SAID_TO, SAID_BITS = range(4)
TOLD_WIDTH = 4

# a settled record; three words for each table: block, count, level
(S_COUNT, S_FIRST, S_LAST, S_OLDEST, S_NEWEST, S_MOST, S_LEAST, S_LOW, S_HIGH, S_SQUARES,
 _1, _2, _3, S_PLACE_AT, S_LATITUDE, S_LONGITUDE, S_CELLS) = range(17)  # fmt: skip
S_PAIRS = S_CELLS + 3

# blocks of other kinds than rows come first among the lists of free blocks
TOLD_BLOCK, TABLE_BLOCK, HOMES_FROM = 0, 1, 2

# tables of the program
T_HOMES, T_GROUPS, T_READINGS, T_PASSES, T_SPANS, T_FEATURES, T_COLUMNS, T_ALL = range(8)
(H_WIDTH, H_KEY, H_COLUMNS, H_COLUMNS_END, H_PLACED, H_LIFELONG, H_GROUPS, H_GROUPS_END, H_EXTRA,
 H_READING, H_REACH) = range(11)  # fmt: skip
G_KEEP, G_REACH, G_LABELLED, G_SETTLED, G_WIDTH, G_PAIRS, G_PAIRS_END = range(7)
(R_HOME, R_KEY, R_OWN, R_PASSES, R_PASSES_END, R_FEATURES, R_FEATURES_END, R_WORDS, R_PLACES,
 R_PLACES_END) = range(10)  # fmt: skip
(P_GROUP, P_BIT, P_DELAY, P_SPANS, P_SPANS_END, P_SQUARES, P_EXTREMES, P_COLUMNS, P_PAIRS,
 P_PAIRS_END, P_COUNTS) = range(11)  # fmt: skip
W_WINDOW, W_FEATURES, W_FEATURES_END = range(3)
F_KIND, F_OUT, F_ARGUMENT, F_ZERO, F_BIT, F_WINDOW, F_DELAY = range(7)
# a column of a row, the column of `given` it comes from, and the last span that tells it apart
C_ROW, C_GIVEN, C_SPAN = range(3)
# one row: features of the clock, how many features and readings there are
A_CLOCK, A_CLOCK_END, A_FEATURES, A_READINGS = range(4)
PROGRAM_WIDTH = 11

# what is given of an event: position as bits of doubles; bits of groups for each home; then ids
G_AT, G_AMOUNT, G_LATITUDE, G_LONGITUDE, G_READ, G_BITS = range(6)

# what comes out: how many values are NULL, the values, then which are NULL
NULLS, VALUES = 0, 1
"""NULLS is where the next NULL is written down; whole numbers come before doubles."""

# where a walk is: the event, the reading, the slot of the key (-1 for one nobody knows), the place
# of the event's own row (-1 when it is not there, NONE without a key)
AT_EVENT, AT_READING, AT_SLOT, AT_OWN = range(4)

# marks: what Python is to do, in this order
M_EVENT, M_WHAT, M_SLOT, M_FIRST = range(4)
MARK_WIDTH = 12
DIVIDE, READ_TILES, ADD_TO_TILES, TIDY, DROPPED, MISSING = range(6)
# why a run stopped
DONE, GROW, ATTEND = range(3)
