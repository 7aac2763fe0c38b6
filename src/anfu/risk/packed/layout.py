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
    each home. `ids`: a row for each text: how often it is used, the next one that no longer is, its
    register and rank in sketches, and its slot in each home. `arena`: blocks of words. `seen`: a
    table of texts for each column of a row, good for one walk. `cells`: counts of cells, good for
    one walk. `program`: tables made of the catalogue.
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
# A window with more rows than this is read from tiles; a group keeps up to twice as many.
LIMIT = 4_096

# meta
TOP, SLOTS, FREE_SLOT, UNUSED_ID, STAMP, HAND, NEWEST, MARKS, WANTED, STOP = range(10)
HEADS, LEVELS = 16, 40

# slots; HOME is NONE for a free one, whose BLOCK is the next free one
BLOCK, COUNT, LEVEL, HOME, ID, LAST, EXTRA, TILED = range(8)
SLOT_WIDTH = 8

# ids
REFS, NEXT, SKETCHED, SLOT_OF = range(4)
USED, END = -2, -1
"""NEXT of a text that is not in the list of unused ones, and of the last one there."""

# a row, column after column in its block; the position only in homes that keep one
AT, AMOUNT, BITS, LATITUDE, LONGITUDE = range(5)

# what is kept of a key besides rows: what was told, one settled record for each lifelong group,
# then for each group when the newest row was made that only tiles know, and its rings
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
TOLD_BLOCK, TABLE_BLOCK, RING_BLOCK, TILE_BLOCK, SKETCH_BLOCK, HOMES_FROM = range(6)

# tables of the program
(T_HOMES, T_GROUPS, T_READINGS, T_PASSES, T_SPANS, T_RINGS, T_FEATURES, T_COLUMNS,
 T_ALL) = range(9)  # fmt: skip
TABLES = 9
(H_WIDTH, H_KEY, H_COLUMNS, H_COLUMNS_END, H_PLACED, H_LIFELONG, H_GROUPS, H_GROUPS_END, H_EXTRA,
 H_READING, H_REACH, H_RINGS) = range(12)  # fmt: skip
(G_KEEP, G_REACH, G_LABELLED, G_SETTLED, G_WIDTH, G_PAIRS, G_PAIRS_END, G_TRIMMED, G_RINGS,
 G_RINGS_END) = range(10)  # fmt: skip
(R_HOME, R_KEY, R_OWN, R_PASSES, R_PASSES_END, R_FEATURES, R_FEATURES_END, R_WORDS, R_PLACES,
 R_PLACES_END) = range(10)  # fmt: skip
P_GROUP, P_BIT, P_DELAY, P_SPANS, P_SPANS_END, P_COLUMNS, P_PAIRS, P_PAIRS_END = range(8)
W_WINDOW, W_FEATURES, W_FEATURES_END, W_NEEDS, W_RING = range(5)
# what is added up of the rows of a span, for itself and for longer ones; whether it is asked for
# more than its newest row
(NEEDS_COUNT, NEEDS_AMOUNTS, NEEDS_SQUARES, NEEDS_EXTREMES, NEEDS_ENDS,
 NEEDS_MORE) = (1 << n for n in range(6))  # fmt: skip
# of a window: its length, delay, length of a tile, place in what is kept of a key, and its columns
K_WINDOW, K_DELAY, K_WIDTH, K_PLACE, K_COLUMNS, K_COLUMNS_END = range(6)
F_KIND, F_OUT, F_ARGUMENT, F_ZERO, F_BIT, F_WINDOW, F_DELAY = range(7)
# a column of a row, the column of `given` it comes from, and the last span that tells it apart
C_ROW, C_GIVEN, C_SPAN = range(3)
# one row: features of the clock, how many features and readings there are, the width of a tile
A_CLOCK, A_CLOCK_END, A_FEATURES, A_READINGS, A_TILE = range(5)
PROGRAM_WIDTH = 12

# what is given of an event: position as bits of doubles; bits of groups for each home; then ids
G_AT, G_AMOUNT, G_LATITUDE, G_LONGITUDE, G_READ, G_BITS = range(6)

# what comes out: how many values are NULL, the values, then which are NULL
NULLS, APPROXIMATE, VALUES = range(3)
"""NULLS is where the next NULL is written down, APPROXIMATE the bits of homes that were read from
tiles; whole numbers come before doubles."""

# where a walk is: the event, the reading, the slot of the key (-1 for one nobody knows), the place
# of the event's own row (-1 when it is not there, NONE without a key)
AT_EVENT, AT_READING, AT_SLOT, AT_OWN = range(4)

# marks: what Python is to do, in this order
M_EVENT, M_WHAT, M_SLOT, M_FIRST = range(4)
MARK_WIDTH = 12
DIVIDE, TIDY, DROPPED, MISSING = range(4)
# why a run stopped
DONE, GROW, ATTEND = range(3)
