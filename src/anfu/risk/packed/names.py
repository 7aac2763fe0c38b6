"""Texts as small numbers, and back: one number for each text that is in use anywhere."""

from __future__ import annotations

from typing import Any

from anfu.risk.packed.arrays import clear_ids
from anfu.risk.packed.layout import END, NEXT, REFS, SKETCHED, UNUSED_ID, USED, State
from anfu.risk.sketch import place_and_rank

# What one growth adds at least.
_KEYS = 1 << 12

Text = Any
"""A text, or two of a pair."""


class Names(dict[Text, int]):
    """Ids by text; a text asked for that has none gets one. What is not in use is dropped by
    `tidy`: ids are exact, and their memory is that of the texts in use."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.texts: list[Text] = []
        self._state = state
        self._free: list[int] = []
        self._young: list[int] = []

    def __missing__(self, text: Text) -> int:
        if self._free:
            name = self._free.pop()
            self.texts[name] = text
        else:
            name = len(self.texts)
            self.texts.append(text)
            if name == len(self._state.ids):
                self._grow()
        if isinstance(text, str):
            place, rank = place_and_rank(text)
            self._state.ids[name, SKETCHED] = place << 6 | rank
        self[text] = name
        self._young.append(name)
        return name

    def tidy(self) -> None:
        """Drop the texts that are in use nowhere."""
        meta, ids = self._state.meta, self._state.ids
        name = int(meta[UNUSED_ID])
        while name != END:
            following = int(ids[name, NEXT])
            ids[name, NEXT] = USED
            self._drop(name)
            name = following
        meta[UNUSED_ID] = END
        for name in self._young:
            self._drop(name)
        self._young.clear()

    def forget(self) -> None:
        """No text has an id."""
        self.clear()
        for known in (self.texts, self._free, self._young):
            known.clear()

    def _drop(self, name: int) -> None:
        text = self.texts[name]
        if text is not None and self._state.ids[name, REFS] == 0:
            del self[text]
            self.texts[name] = None
            self._free.append(name)

    def _grow(self) -> None:
        known = len(self._state.ids)
        size = known + max(_KEYS, known // 4)
        self._state.ids.resize((size, self._state.ids.shape[1]), refcheck=False)
        clear_ids(self._state, known)
