"""The gateway as a client, at the other end of a signed line."""

from __future__ import annotations

import json

from anfu.channels.signed import SignedLine, Unsaid
from anfu.channels.texts.text import PATH, Handed, Text
from anfu.kernel.canonical import canonical_bytes


class TextGateway:
    """Hands texts over `line`, which its owner closes."""

    def __init__(self, line: SignedLine) -> None:
        self._line = line

    async def send(self, text: Text) -> Handed:
        """Hand a text over. Whatever is not a verified answer about it is UNKNOWN."""
        body = canonical_bytes({"id": text.id, "number": text.number, "text": text.body})
        answer = await self._line.ask(PATH, body)
        if isinstance(answer, Unsaid):
            return Handed.UNKNOWN
        try:
            said = json.loads(answer)
            return Handed(said["state"]) if said["id"] == text.id else Handed.UNKNOWN
        except (ValueError, KeyError, TypeError):
            return Handed.UNKNOWN
