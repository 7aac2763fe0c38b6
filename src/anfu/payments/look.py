"""Look: a firm outside is asked whether a face is the customer's. Nothing is open meanwhile.

Numbered: 1 only what waits for this answer is looked at, so that nobody has us ask about others;
2 the customer agreed to face checks beforehand and separately (个保法 art. 29); 3 what the firm
does not say, signed, is no answer: nothing is counted, and the customer proves otherwise (G17).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime

from anfu.authentication.challenge import signed_bytes
from anfu.authentication.enrolled.enrolled import Enrolled, State
from anfu.authentication.enrolled.queries import find_usable, get_factor
from anfu.authentication.face import Seen
from anfu.authentication.policy import FACE, factors_of
from anfu.authentication.queries import find_open_challenge
from anfu.channels.faces.port import Look
from anfu.kernel.canonical import digest
from anfu.kernel.errors import Outcome, Refused
from anfu.parties.privacy.consent import Purpose
from anfu.parties.privacy.queries import require_consent
from anfu.parties.queries import get_acting
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


def kinds_of(tools: Tools, factors: Iterable[Enrolled]) -> set[str]:
    """What a customer can prove with here: no face where nobody looks at it."""
    kinds = {factor.kind for factor in factors}
    return kinds if tools.faces is not None else kinds - {FACE}


async def look_at_answer(
    tools: Tools, subject: str, capture: str, check: Callable[[Tx], Awaitable[object]], *,
    now: datetime,
) -> Seen | None:  # fmt: skip
    """What was seen in the answer to the challenge of a payment or mandate, None where no face is
    waited for; `check` refuses a caller who may not know it.

    Raises Refused: consent_missing, face_unavailable, and as `check`.
    """
    async with tools.database.transaction(readonly=True) as tx:
        await check(tx)
        challenge = await find_open_challenge(tx, subject)
        if challenge is None or not challenge.is_open(challenge.link, now=now):  # 1
            return None
        if FACE not in factors_of(challenge.ways, challenge.proven):
            return None
        mine = (await find_usable(tx, [challenge.customer], now=now)).get(challenge.customer, ())
        factor = next((one for one in mine if one.kind == FACE), None)
        if factor is None:
            return None
        await require_consent(tx, challenge.customer, Purpose.BIOMETRICS)  # 2
    signed = signed_bytes(challenge.id, challenge.link)
    face = factor.verifier.decode()
    return await _see(tools, Look(_id(challenge.id, capture), capture, signed, face))


async def look_at_new(
    tools: Tools, factor: str, capture: str, merchant: str | None
) -> Seen | None:  # fmt: skip
    """What was seen in the first answer of a factor, compared with the official record of the
    customer; None where the factor does not wait for it.

    Raises Refused: factor_not_found, consent_missing, face_unavailable.
    """
    async with tools.database.transaction(readonly=True) as tx:
        found = await get_factor(tx, factor)
        try:
            ring = tools.sealer.ring
            person = await get_acting(tx, found.customer, ring=ring, merchant=merchant)
        except Refused:
            raise Refused("factor_not_found", field="factor") from None
        if found.kind != FACE or found.state is not State.PENDING:  # 1
            return None
        await require_consent(tx, found.customer, Purpose.BIOMETRICS)  # 2
    facts = {"name": person.name, "document_number": person.document.number}
    asked = Look(_id(found.id, capture), capture, found.setup_bytes, None, facts)
    return await _see(tools, asked)


async def _see(tools: Tools, look: Look) -> Seen:
    if tools.faces is None:
        raise Refused("face_unavailable", field="factor")
    sight = await tools.faces.look(look)
    if sight.outcome is Outcome.UNKNOWN:  # 3
        raise Refused("face_unavailable", field="factor")
    matched = sight.outcome is Outcome.DONE
    return Seen(look.bound, sight.face, sight.reference, matched, sight.alive, sight.score)


def _id(subject: str, capture: str) -> str:
    """The same capture for the same question is asked about once."""
    return digest({"v": 1, "subject": subject, "capture": capture}).hex()
