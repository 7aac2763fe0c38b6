"""Give: a payer says at the result page how it was."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.payments.checkouts.checkout import Standing, State
from anfu.payments.checkouts.queries import get_standing
from anfu.payments.feedback.feedback import PREFIX, Feedback
from anfu.payments.feedback.operations import put_feedback
from anfu.payments.feedback.queries import find_feedback
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Said:
    """A score, and a comment if there is one."""

    claim: Claim
    checkout: str
    score: int
    comment: str | None = field(repr=False)


async def give_feedback(tools: Tools, said: Said, *, now: datetime) -> None:
    """Write it in place of what was said of this checkout before; a comment stays where only the
    score is new. Raises Refused: checkout_not_found, feedback_too_early (nothing was paid or tried
    yet, or a payment is under way), and as idempotency does."""

    async def work(tx: Tx) -> Answer:
        standing = await get_standing(tx, said.checkout, merchant=None, lock=True)
        state = standing.state(now=now)
        if not standing.tries or state is State.PAYING:
            raise Refused("feedback_too_early", field="checkout", state=state)
        known = await find_feedback(tx, said.checkout)
        feedback = _feedback(tools, said, standing, known, now)
        await put_feedback(tx, feedback=feedback)
        return Answer(200, b"{}")

    await idempotency.once(tools.database, said.claim, work, now=now)


def _feedback(
    tools: Tools, said: Said, standing: Standing, known: Feedback | None, now: datetime
) -> Feedback:
    checkout = standing.checkout
    paid = standing.state(now=now) is State.PAID
    if known is None:
        id_ = new_id(PREFIX, now=now, entropy=tools.entropy)
        known = Feedback(
            id_, checkout.id, checkout.payee, checkout.payer, paid, said.score, None, now
        )
    comment = known.comment
    if said.comment is not None:
        comment = tools.sealer.seal(said.comment.encode(), bound_to=known.id)
    return replace(known, paid=paid, score=said.score, comment=comment, at=now)
