"""Look: a firm outside is asked whether a face is the customer's. Nothing is open meanwhile.

Numbered: 1 only what waits for this answer is looked at, so that nobody has us ask about others;
2 the customer agreed to face checks beforehand and separately (个保法 art. 29); 3 it is counted
before the firm is asked: answers that come at once ask no more often than they may be wrong; 4 what
the firm does not say, signed, is no answer: nothing is counted, and the customer proves otherwise
(G17).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from anfu.authentication.challenge import signed_bytes
from anfu.authentication.enrolled.enrolled import CONFIRMATIONS, Enrolled, State
from anfu.authentication.enrolled.operations import begin_look, take_back_look
from anfu.authentication.enrolled.queries import find_usable, get_factor, most_looks
from anfu.authentication.face import Seen
from anfu.authentication.policy import FACE, factors_of
from anfu.authentication.queries import find_open_challenge
from anfu.channels.faces.port import FaceFirm, Look
from anfu.kernel.canonical import digest
from anfu.kernel.errors import Outcome, Refused
from anfu.parties.privacy.consent import Purpose
from anfu.parties.privacy.queries import require_consent
from anfu.parties.queries import get_acting
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class _Begun:
    """A look that is counted; `new` when it was not before."""

    firm: FaceFirm
    look: Look
    new: bool


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

    Raises Refused: consent_missing, face_unavailable, face_checks_spent, and as `check`.
    """

    async def begin(tx: Tx) -> _Begun | None:
        await check(tx)
        challenge = await find_open_challenge(tx, subject, lock=True)
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
        look = Look(_id(challenge.id, capture), capture, signed, face)
        most = await most_looks(tx, challenge, factor.id)
        return await _begin(tx, tools, look, (challenge.id, most), now)

    return await _see(tools, await tools.database.run(begin))


async def look_at_new(
    tools: Tools, factor: str, capture: str, merchant: str | None, *, now: datetime
) -> Seen | None:  # fmt: skip
    """What was seen in the first answer of a factor, compared with the official record of the
    customer; None where the factor does not wait for it.

    Raises Refused: factor_not_found, consent_missing, face_unavailable, face_checks_spent.
    """

    async def begin(tx: Tx) -> _Begun | None:
        found = await get_factor(tx, factor, lock=True)
        try:
            ring = tools.sealer.ring
            person = await get_acting(tx, found.customer, ring=ring, merchant=merchant)
        except Refused:
            raise Refused("factor_not_found", field="factor") from None
        if found.kind != FACE or found.state is not State.PENDING:  # 1
            return None
        await require_consent(tx, found.customer, Purpose.BIOMETRICS)  # 2
        facts = {"name": person.name, "document_number": person.document.number}
        look = Look(_id(found.id, capture), capture, found.setup_bytes, None, facts)
        return await _begin(tx, tools, look, (found.id, CONFIRMATIONS), now)

    return await _see(tools, await tools.database.run(begin))


async def _begin(
    tx: Tx, tools: Tools, look: Look, bound: tuple[str, int], now: datetime
) -> _Begun:  # fmt: skip
    """Count a look at what `bound` names, which may be looked at so often."""
    if tools.faces is None:
        raise Refused("face_unavailable", field="factor")
    subject, most = bound
    new = await begin_look(tx, look=look.id, subject=subject, most=most, now=now)  # 3
    return _Begun(tools.faces, look, new)


async def _see(tools: Tools, begun: _Begun | None) -> Seen | None:
    if begun is None:
        return None
    look = begun.look
    sight = await begun.firm.look(look)
    if sight.outcome is Outcome.UNKNOWN:  # 4
        if begun.new:
            await tools.database.run(lambda tx: take_back_look(tx, look=look.id))
        raise Refused("face_unavailable", field="factor")
    matched = sight.outcome is Outcome.DONE
    return Seen(look.bound, sight.face, sight.reference, matched, sight.alive, sight.score)


def _id(subject: str, capture: str) -> str:
    """The same capture for the same question is asked about once."""
    return digest({"v": 1, "subject": subject, "capture": capture}).hex()
