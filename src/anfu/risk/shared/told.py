"""What was said of the payments of one track, and what of it was known at a time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Any

Words = tuple[tuple[int, bool], ...]
"""When each word was said (microseconds), and whether it was fraud; in the order they were said."""


class Told:
    """Words about payments. Only those ever called fraud are looked at when features are read."""

    __slots__ = ("_last", "_standing", "frauds", "honest")

    def __init__(self) -> None:
        # Of payments nobody called fraud: (time of the payment, its id) to words.
        self.honest: dict[tuple[int, str], Words] = {}
        # The others: (time of the payment, its id, words), in that order.
        self.frauds: list[tuple[int, str, Words]] = []
        # When the last word of all was said, and the times of the payments that are fraud by their
        # own last words: what holds at any later time. None: to be made anew.
        self._last = 0
        self._standing: list[int] | None = None

    def hear(self, at: int, payment: str, word: tuple[int, bool]) -> None:
        """One more word, in any order; the same word again says nothing new."""
        words = self.honest.pop((at, payment), ())
        place = bisect_left(self.frauds, (at, payment))
        if place < len(self.frauds) and self.frauds[place][:2] == (at, payment):
            words = self.frauds.pop(place)[2]
        words = tuple(sorted({*words, word}))
        self._standing = None
        if any(fraud for _, fraud in words):
            insort(self.frauds, (at, payment, words))
        else:
            self.honest[at, payment] = words

    def unhear(self, at: int, payment: str) -> None:
        """Every word about that payment was never said."""
        self._standing = None
        self.honest.pop((at, payment), None)
        self.frauds = [entry for entry in self.frauds if entry[:2] != (at, payment)]

    def count(self, after: int, until: int, known: int) -> int:
        """How many payments in `(after, until]` were, by what had been said at `known`, fraud."""
        standing = self._stand()
        if known >= self._last:
            return bisect_right(standing, until) - bisect_right(standing, after)
        return len(self._known(after, until, known))

    def times(self, after: int, until: int, known: int) -> list[int]:
        """When they were made, the oldest first."""
        standing = self._stand()
        if known >= self._last:
            return standing[bisect_right(standing, after) : bisect_right(standing, until)]
        return self._known(after, until, known)

    def _stand(self) -> list[int]:
        if self._standing is None:
            said = [words[-1][0] for _, _, words in self.frauds]
            self._last = max(said, default=0)
            self._standing = [at for at, _, words in self.frauds if words[-1][1]]
        return self._standing

    def _known(self, after: int, until: int, known: int) -> list[int]:
        frauds = self.frauds
        low = bisect_left(frauds, (after + 1,))
        high = bisect_left(frauds, (until + 1,), low)
        return [at for at, _, words in frauds[low:high] if _fraud(words, known)]

    def drop(self, before: int) -> None:
        """Forget words about payments made up to then."""
        self._standing = None
        del self.frauds[: bisect_left(self.frauds, (before + 1,))]
        for key in [key for key in self.honest if key[0] <= before]:
            del self.honest[key]

    def state(self) -> Any:
        """Everything, in an order of its own: equal for equal words however they came."""
        return sorted(self.honest.items()), self.frauds


def _fraud(words: Words, known: int) -> bool:
    if len(words) == 1:
        return words[0][1] and words[0][0] <= known
    said = False
    for at, fraud in words:
        if at > known:
            break
        said = fraud
    return said
