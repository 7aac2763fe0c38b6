"""A made-up registry: an HTTP server that answers from its own records, signs, fails and is slow.

The first answer to an id stands: the same question again is answered alike, whatever the records
say by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.peer import Peer
from anfu.channels.registries.client import PATH
from anfu.channels.sandbox.messages import Identity
from anfu.kernel.clock import Clock
from anfu.kernel.ids import Entropy


@dataclass
class Trouble:
    """What goes wrong, for every request: `delay_s` before anything; `status` instead of an
    answer, after the work; `signer` signs in the registry's place."""

    delay_s: float = 0.0
    status: int | None = None
    signer: Identity | None = None


class RegistrySimulator:
    """`source` is the firm it speaks for. `records`: the facts it holds, by document number;
    `grades` the classes of bank accounts by card. `trouble` may be changed while it runs."""

    def __init__(self, source: str, identity: Identity, *, clock: Clock, entropy: Entropy) -> None:
        self.source = source
        self.records: dict[str, Mapping[str, str]] = {}
        self.grades: dict[str, str] = {}
        self.trouble = Trouble()
        self.asked: list[str] = []
        self._peer = Peer(identity, clock=clock, entropy=entropy)
        self._said: dict[str, tuple[bool, str | None, str | None]] = {}
        self.app = Starlette(routes=[Route(PATH, self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        heard = await self._peer.hear(request)
        if isinstance(heard, Response):
            return heard
        nonce, value = heard
        self.asked.append(value["id"])
        trouble = self.trouble
        await asyncio.sleep(trouble.delay_s)
        said = self._said.setdefault(value["id"], self._look_up(value["facts"]))
        if trouble.status is not None:
            return Response("unavailable", trouble.status)
        confirmed, reason, grade = said
        answer = {"id": value["id"], "confirmed": confirmed, "source": self.source,
                  "reason": reason, "bank_grade": grade}  # fmt: skip
        return self._peer.answer(PATH, nonce, answer, trouble.signer)

    def _look_up(self, facts: Mapping[str, str]) -> tuple[bool, str | None, str | None]:
        """Confirmed, the reason if not, and the class of the bank account."""
        record = self.records.get(facts["document_number"])
        if record is None:
            return False, "not_on_record", None
        wrong = sorted(name for name, fact in facts.items() if record.get(name) != fact)
        grade = self.grades.get(facts.get("card", ""))
        return (False, f"{wrong[0]}_differs", grade) if wrong else (True, None, grade)
