"""Show: a customer begins to show codes, and the next code is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from anfu.authentication.factor import factor_count
from anfu.authentication.ticket import ticket_end
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.queries import find_parties
from anfu.payments.means import check_means
from anfu.payments.record import Record
from anfu.payments.showings import operations
from anfu.payments.showings.queries import get_showing
from anfu.payments.showings.showing import (
    CODE_LIFE,
    PREFIX,
    Means,
    Showing,
    code_digest,
    new_code,
)
from anfu.payments.tools import Tools
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class NewShowing:
    """A well-formed wish of the institution."""

    claim: Claim
    customer: str
    means: Means
    factors: tuple[str, ...]
    session: str | None


@dataclass(frozen=True, slots=True)
class FreshCode:
    """A code that has just been made; its digits are told now and never again."""

    text: str = field(repr=False)
    expires_at: datetime


async def begin_showing(tools: Tools, wish: NewShowing, *, now: datetime) -> str:
    """The id of the showing, the same for the same claim.

    Raises Refused: party_not_found, as `Party.check_active`, as `check_means`, factor_unknown, and
    as idempotency does.
    """
    check_means(wish.means, tools)
    factor_count(wish.factors)

    async def work(tx: Tx) -> Answer:
        await _check_customer(tx, wish.customer)
        id_ = new_id(PREFIX, now=now, entropy=tools.entropy)
        showing = Showing(
            id_, wish.customer, wish.means, wish.factors, wish.session, now, ticket_end(now)
        )
        await operations.insert_showing(tx, showing=showing)
        record = Record(now, tools.entropy)
        told = {"customer": wish.customer, "method": wish.means.method, "factors": wish.factors}
        record.leaf("showing", id_, told)
        await record.write(tx)
        return Answer(201, id_.encode())

    return (await idempotency.once(tools.database, wish.claim, work, now=now)).body.decode()


async def show_next(tools: Tools, showing: str, *, now: datetime) -> FreshCode:
    """The next code of a showing. Raises Refused: showing_not_found, showing_over, showing_used_up,
    as `Party.check_active`."""
    code = new_code(tools.policy.payer_code_prefix, tools.entropy)
    fresh = FreshCode(code, now + CODE_LIFE)

    async def work(tx: Tx) -> None:
        found = await get_showing(tx, showing, lock=True)
        found.check_more(now=now)
        await _check_customer(tx, found.customer)
        digest = code_digest(tools.challenge_key, code)
        await operations.issue_code(tx, showing=showing, digest=digest, expires_at=fresh.expires_at)

    await tools.database.run(work)
    return fresh


async def _check_customer(tx: Tx, customer: str) -> None:
    party = (await find_parties(tx, [customer])).get(customer)
    if party is None or party.guest or party.kind != "CUSTOMER":
        raise Refused("party_not_found", field="customer")
    party.check_active(field="customer")
