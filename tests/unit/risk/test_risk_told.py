"""What was known of labels at a time: by bisection what going through all words says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anfu.risk.shared.told import Told

TIMES = st.integers(0, 12)
WORDS = st.lists(st.tuples(TIMES, st.sampled_from("abc"), TIMES, st.booleans()), max_size=14)


def naive(words: list[tuple[int, str, int, bool]], after: int, until: int, at: int) -> list[int]:
    """The times of payments in `(after, until]` that were fraud by the last word up to `at`."""
    known: dict[tuple[int, str], list[tuple[int, bool]]] = {}
    for paid, payment, said, fraud in words:
        known.setdefault((paid, payment), []).append((said, fraud))
    last = {
        paid: max((word for word in said if word[0] <= at), default=(0, False))
        for paid, said in known.items()
    }
    return sorted(paid[0] for paid, word in last.items() if word[1] and after < paid[0] <= until)


@given(words=WORDS, more=WORDS, after=TIMES, until=TIMES, at=TIMES, gone=TIMES)
def test_frauds_are_counted_as_they_were_known(
    words: list[tuple[int, str, int, bool]], more: list[tuple[int, str, int, bool]],
    after: int, until: int, at: int, gone: int,
) -> None:  # fmt: skip
    after, until = sorted((after, until))
    told = Told()
    for heard in (words, more):
        for paid, payment, said, fraud in heard:
            told.hear(paid, payment, (said, fraud))
        wanted = naive(words if heard is words else words + more, after, until, at)
        assert told.times(after, until, at) == wanted
        assert told.count(after, until, at) == len(wanted)
    told.unhear(after, "a")
    kept = [word for word in words + more if word[:2] != (after, "a")]
    assert told.count(-1, until, at) == len(naive(kept, -1, until, at))
    told.drop(gone)
    kept = [word for word in kept if word[0] > gone]
    assert told.times(-1, until, at) == naive(kept, -1, until, at)
