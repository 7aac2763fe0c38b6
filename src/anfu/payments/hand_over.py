"""Hand over: texts that wait go to the gateway, with the customer's number of that moment.

Taken in one transaction, sent in none, forgotten in another: a crash between sends again under the
same id, which the gateway takes once.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec

from anfu.channels import operations as channels
from anfu.channels.texts.text import Handed, Text, WaitingText
from anfu.kernel.clock import Clock
from anfu.kernel.errors import Refused
from anfu.parties.queries import get_acting
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx

# Longer than the gateway may take to answer; a code waits no longer for its next attempt.
LEASE = timedelta(seconds=10)
_MOST = 50


async def hand_over(tools: Tools, clock: Clock) -> int:
    """One turn; how many texts the gateway took or will never take."""
    gateway = tools.texts
    if gateway is None:
        return 0

    async def take(tx: Tx) -> list[Text]:
        taken = await channels.take_texts(tx, now=clock.now(), most=_MOST, lease=LEASE)
        return [text for w in taken if (text := await _opened(tx, tools, w)) is not None]

    texts = await tools.database.run(take)
    answers = await asyncio.gather(*(gateway.send(text) for text in texts))
    done = [t.id for t, said in zip(texts, answers, strict=True) if said is not Handed.UNKNOWN]
    if done:
        await tools.database.run(lambda tx: channels.drop_texts(tx, ids=done))
    return len(done)


async def _opened(tx: Tx, tools: Tools, waiting: WaitingText) -> Text | None:
    """The text with its number; None, and forgotten, where the customer is no more."""
    ring = tools.sealer.ring
    plain = msgspec.json.decode(ring.unseal(waiting.sealed, bound_to=waiting.id))
    try:
        person = await get_acting(tx, plain["customer"], ring=ring, merchant=None)
    except Refused:
        await channels.drop_texts(tx, ids=[waiting.id])
        return None
    return Text(waiting.id, person.phone, plain["body"])
