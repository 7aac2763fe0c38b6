"""A made-up registry: an HTTP server that answers from its own records, signs, fails and is slow.

Requests are verified as `sandbox.messages` says, and no nonce is taken twice. The first answer to
an id stands: the same question again is answered alike, whatever the records say by then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from anfu.channels.registries.client import PATH
from anfu.channels.registries.port import FirmState
from anfu.channels.sandbox.messages import Identity, Place, sign, verify
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy


@dataclass
class Trouble:
    """What goes wrong, for every request: `delay_s` before anything; `status` instead of an
    answer, after the work; `signer` signs in the registry's place."""

    delay_s: float = 0.0
    status: int | None = None
    signer: Identity | None = None


class RegistrySimulator:
    """`source` is the firm it speaks for. `records`: the facts it holds, by the fact `found_by`,
    `credit_code` for a registry of firms; `grades`: the classes of bank accounts by card;
    `states`: how firms stand, by credit code. `trouble` may be changed while it runs."""

    def __init__(
        self, source: str, identity: Identity, *, clock: Clock, entropy: Entropy,
        found_by: str = "document_number",
    ) -> None:  # fmt: skip
        self.source = source
        self.records: dict[str, Mapping[str, str]] = {}
        self.grades: dict[str, str] = {}
        self.states: dict[str, FirmState] = {}
        self.trouble = Trouble()
        self.asked: list[str] = []
        self._identity, self._clock, self._entropy = identity, clock, entropy
        self._found_by = found_by
        self._nonces: set[str] = set()
        self._said: dict[str, dict[str, Any]] = {}
        self.app = Starlette(routes=[Route(PATH, self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        try:
            nonce = verify(
                self._identity, Place("POST", PATH), request.headers, body, now=self._clock.now()
            )
        except Refused as refusal:
            return Response(refusal.code, 401)
        if nonce in self._nonces:
            return Response("message_repeated", 401)
        self._nonces.add(nonce)
        value = json.loads(body)
        self.asked.append(value["id"])
        trouble = self.trouble
        await asyncio.sleep(trouble.delay_s)
        said = self._said.setdefault(value["id"], self._look_up(value["facts"]))
        if trouble.status is not None:
            return Response("unavailable", trouble.status)
        return self._signed(value["id"], said, nonce, trouble.signer or self._identity)

    def _look_up(self, facts: Mapping[str, str]) -> dict[str, Any]:
        number = facts[self._found_by]
        record = self.records.get(number)
        if record is None:
            return {"confirmed": False, "reason": "not_on_record", "bank_grade": None}
        wrong = sorted(name for name, fact in facts.items() if record.get(name) != fact)
        said = {"confirmed": not wrong, "reason": f"{wrong[0]}_differs" if wrong else None,
                "bank_grade": self.grades.get(facts.get("card", ""))}  # fmt: skip
        state = self.states.get(number)
        return said if state is None else {**said, "firm_state": state}

    def _signed(self, id_: str, said: Mapping[str, Any], nonce: str, signer: Identity) -> Response:
        body = canonical_bytes({"id": id_, "source": self.source, **said})
        place = Place("POST", PATH, answers=nonce, status=200)
        headers = sign(signer, place, body, now=self._clock.now(), entropy=self._entropy)
        return Response(body, 200, headers, "application/json")
