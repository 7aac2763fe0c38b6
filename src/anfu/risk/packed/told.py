"""What was said of the payments of one key, and when each was known for a fraud."""

from __future__ import annotations

from collections.abc import Iterator

Words = tuple[tuple[int, bool], ...]
"""When each word was said (microseconds), and whether it was fraud; in the order they were said."""
EVER = 1 << 62
Span = tuple[int, int]
"""From when, and until when, a payment is known for a fraud."""


class Told:
    """Words about payments, by the time of the payment and its id."""

    __slots__ = ("words",)

    def __init__(self) -> None:
        self.words: dict[tuple[int, str], Words] = {}

    def hear(self, at: int, payment: str, word: tuple[int, bool]) -> tuple[list[Span], list[Span]]:
        """One more word, in any order; the same word again says nothing new. What was known of the
        payment before, and what is known now."""
        before = self.words.get((at, payment), ())
        self.words[at, payment] = after = tuple(sorted({*before, word}))
        return list(spans(before)), list(spans(after))

    def unhear(self, at: int, payment: str) -> list[Span]:
        """Every word about that payment was never said; what was known of it."""
        return list(spans(self.words.pop((at, payment), ())))

    def drop(self, before: int) -> None:
        """Forget words about payments made up to then."""
        for key in [key for key in self.words if key[0] <= before]:
            del self.words[key]


def spans(words: Words) -> Iterator[Span]:
    """When a payment is known for a fraud: from the word that says so until one that does not; of
    several words of one moment the one that says fraud counts."""
    since = None
    for i, (at, fraud) in enumerate(words):
        if i + 1 < len(words) and words[i + 1][0] == at:
            continue
        if fraud and since is None:
            since = at
        if not fraud and since is not None:
            yield since, at
            since = None
    if since is not None:
        yield since, EVER
