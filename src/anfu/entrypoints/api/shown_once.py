"""Answers with a secret that is shown once and stored nowhere in clear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from anfu.entrypoints.api.operation import Call
from anfu.payments.document import encode
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx


async def shown_once(call: Call, name: str, work: Callable[[Tx], Awaitable[Answer]]) -> Answer:
    """Like `idempotency.once`, but what is remembered lacks the field `name`: asking again shows
    the rest without it."""
    shown: list[Answer] = []

    async def keep(tx: Tx) -> Answer:
        answer = await work(tx)
        shown[:] = [answer]
        return Answer(answer.status, _without(answer.body, name))

    remembered = await idempotency.once(call.desk.tools.database, call.once, keep, now=call.now)
    # A raced attempt is rolled back and leaves a secret of nothing.
    mine = [answer for answer in shown if _without(answer.body, name) == remembered.body]
    return mine[0] if mine else remembered


def _without(body: bytes, name: str) -> bytes:
    return encode({**msgspec.json.decode(body), name: None})
