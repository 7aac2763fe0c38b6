"""Set up: a customer gets a new factor, confirms it, loses it, gives it up.

The first factor of a customer is good at once. Every later one, a recovery after loss among them,
begins after a cooling-off, and each change is told to the customer: who is robbed of a session has
the time to answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from anfu.authentication.enrolled import operations as enrolled
from anfu.authentication.enrolled.enrolled import (
    CONFIRM_WITHIN,
    CONFIRMATIONS,
    ENDS,
    FACTORS_MOST,
    PREFIX,
    Enrolled,
    State,
    usable_from,
)
from anfu.authentication.enrolled.queries import get_factor, list_factors
from anfu.authentication.enrolled.verify import unpadded, verify
from anfu.authentication.face import Seen
from anfu.authentication.message import factor_notice
from anfu.authentication.passkey import read_registration
from anfu.authentication.password import SALT_BYTES, check_password, password_hash
from anfu.authentication.policy import FACE
from anfu.authentication.signature import read_device_key
from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.person import Person
from anfu.parties.privacy.consent import Purpose
from anfu.parties.privacy.queries import require_consent
from anfu.parties.queries import get_acting
from anfu.payments.challenge import tell
from anfu.payments.document import encode
from anfu.payments.factor_document import factor_kept, factor_leaf, setup_document
from anfu.payments.look import look_at_new
from anfu.payments.observe import keep
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.risk.event import Event, Kind
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

_OPEN = frozenset({State.PENDING, State.ACTIVE})
_WRONG = 422


@dataclass(frozen=True, slots=True)
class SetUp:
    """A new factor for `customer`: a password, or the public key of a device (DER, base64url), or
    a kind that needs neither."""

    claim: Claim
    merchant: str | None
    customer: str
    kind: str
    label: str
    password: str | None = field(default=None, repr=False)
    public_key: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The first answer of a new factor: `content` is a code, a signature in base64url, a capture,
    or, for a passkey, the attestation as JSON."""

    claim: Claim
    merchant: str | None
    factor: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ending:
    """The factor is `lost` or `removed`."""

    claim: Claim
    merchant: str | None
    factor: str
    why: str


async def set_up(tools: Tools, wish: SetUp, *, now: datetime) -> Answer:
    """The new factor: a password ACTIVE, the others PENDING until they are confirmed.

    Raises Refused: customer_not_found, customer_stored, factor_exists, factors_too_many,
    password_weak, password_missing, device_key_invalid, consent_missing, face_unavailable,
    factor_not_found (asked again after the customer was forgotten), and as idempotency does.
    """

    async def work(tx: Tx, events: list[Event]) -> Answer:
        person = await get_acting(tx, wish.customer, ring=tools.sealer.ring, merchant=wish.merchant)
        before = await list_factors(tx, wish.customer)
        if sum(factor.state in _OPEN for factor in before) >= FACTORS_MOST:
            raise Refused("factors_too_many", field="customer", most=FACTORS_MOST)
        await _check_face(tx, tools, wish)
        factor = Enrolled(
            new_id(PREFIX, now=now, entropy=tools.entropy), wish.customer, wish.kind, wish.label,
            State.PENDING, now, verifier=await _verifier(tools, wish, person),
        )  # fmt: skip
        if wish.kind == "password":
            factor = _active(factor, before, now)
        await enrolled.insert(tx, factor=factor)
        return await _noted(tx, tools, factor, 201, events, now)

    return await _once(tools, wish.claim, work, now)


async def confirm_factor(tools: Tools, wish: Confirmation, *, now: datetime) -> Answer:
    """The factor, ACTIVE: usable at once if it is the customer's first, else after cooling-off.

    Raises Refused: factor_not_found, factor_not_pending, factor_setup_expired, passkey_invalid,
    factor_exists, consent_missing, face_unavailable, face_checks_spent, factor_not_confirmed
    (counted: the last one removes it), and as idempotency does.
    """
    seen = await look_at_new(tools, wish.factor, wish.content, wish.merchant, now=now)

    async def work(tx: Tx, events: list[Event]) -> Answer:
        factor = await _own(tx, tools, wish.factor, wish.merchant)
        if factor.state is not State.PENDING:
            raise Refused("factor_not_pending", field="factor", state=factor.state)
        if now >= factor.created_at + CONFIRM_WITHIN:
            raise Refused("factor_setup_expired", field="factor")
        if seen is None:
            confirmed = _confirmed(tools, factor, wish.content, now)
        else:
            confirmed = await _shown(tx, factor, seen, now)
        if confirmed is None:
            return await _wrong(tx, factor, now)
        others = [f for f in await list_factors(tx, factor.customer) if f.id != factor.id]
        after = _active(confirmed, others, now)
        await enrolled.save(tx, before=factor, after=after)
        return await _noted(tx, tools, after, 200, events, now)

    answer = await _once(tools, wish.claim, work, now)
    if answer.status == _WRONG:
        raise Refused("factor_not_confirmed", field="factor", **msgspec.json.decode(answer.body))
    return answer


async def end_factor(tools: Tools, wish: Ending, *, now: datetime) -> Answer:
    """The factor, which proves nothing from now on.

    Raises Refused: factor_not_found, factor_ended, and as idempotency does.
    """

    async def work(tx: Tx, events: list[Event]) -> Answer:
        factor = await _own(tx, tools, wish.factor, wish.merchant)
        end = State.REMOVED if factor.state is State.PENDING else ENDS[wish.why]
        if factor.state not in _OPEN:
            raise Refused("factor_ended", field="factor", state=factor.state)
        after = replace(factor, state=end, ended_at=now)
        await enrolled.save(tx, before=factor, after=after)
        return await _noted(tx, tools, after, 200, events, now)

    return await _once(tools, wish.claim, work, now)


async def read_setup(tools: Tools, factor: str, merchant: str | None) -> tuple[str, dict[str, Any]]:
    """The customer, and what their side needs to set a PENDING factor up; it is worked out anew
    each time and stored nowhere. Raises Refused: factor_not_found, factor_not_pending."""
    async with tools.database.transaction(readonly=True) as tx:
        found = await get_factor(tx, factor)
        await _check_scope(tx, tools, found, merchant)
        if found.state is not State.PENDING:
            raise Refused("factor_not_pending", field="factor", state=found.state)
        others = await list_factors(tx, found.customer)
    taken = [f.handle for f in others if f.handle is not None and f.state in _OPEN]
    return found.customer, setup_document(tools, found, taken)


async def _once(
    tools: Tools,
    claim: Claim,
    work: Callable[[Tx, list[Event]], Awaitable[Answer]],
    now: datetime,
) -> Answer:
    """The answer of `work`, with the label; risk observes its events once they are kept."""
    events: list[Event] = []

    async def begin(tx: Tx) -> Answer:
        events.clear()
        return await work(tx, events)

    answer, fresh = await idempotency.once_fresh(tools.database, claim, begin, now=now)
    if fresh and events:
        await tools.engine.observe(events)
    return answer if answer.status == _WRONG else await _labelled(tools, answer)


async def _labelled(tools: Tools, answer: Answer) -> Answer:
    """Raises Refused(factor_not_found) where the customer was forgotten since."""
    document = msgspec.json.decode(answer.body)
    async with tools.database.transaction(readonly=True) as tx:
        factor = await get_factor(tx, document["id"])
    return Answer(answer.status, encode({**document, "label": factor.label}))


async def _own(tx: Tx, tools: Tools, factor: str, merchant: str | None) -> Enrolled:
    found = await get_factor(tx, factor, lock=True)
    await _check_scope(tx, tools, found, merchant)
    return found


async def _check_scope(tx: Tx, tools: Tools, factor: Enrolled, merchant: str | None) -> None:
    """A merchant knows the factors of the customers it opened, and of no others."""
    try:
        await get_acting(tx, factor.customer, ring=tools.sealer.ring, merchant=merchant)
    except Refused:
        raise Refused("factor_not_found", field="factor") from None


async def _check_face(tx: Tx, tools: Tools, wish: SetUp) -> None:
    if wish.kind != FACE:
        return
    await require_consent(tx, wish.customer, Purpose.BIOMETRICS)
    if tools.faces is None:
        raise Refused("face_unavailable", field="factor")


async def _verifier(tools: Tools, wish: SetUp, person: Person) -> bytes:
    if wish.kind == "device_key":
        der = unpadded(wish.public_key or "")
        read_device_key(der)
        return der
    if wish.kind != "password":
        return b""
    if wish.password is None:
        raise Refused("password_missing", field="password")
    check_password(wish.password, own_numbers=(person.phone, person.document.number))
    # Argon2id takes its time on purpose; nobody else waits for it.
    salt = tools.entropy.bytes(SALT_BYTES)
    return await asyncio.to_thread(password_hash, wish.password, salt=salt)


def _confirmed(tools: Tools, factor: Enrolled, content: str, now: datetime) -> Enrolled | None:
    signed = factor.setup_bytes
    if factor.kind == "passkey":
        attestation = _document(content)
        made = read_registration(tools.policy.party, attestation, challenge=signed)
        return replace(factor, handle=made.handle, verifier=made.public, counter=made.count)
    counter = verify(factor, content, signed=signed, means=tools.means, now=now)
    return None if counter is None else replace(factor, counter=counter)


async def _shown(tx: Tx, factor: Enrolled, seen: Seen, now: datetime) -> Enrolled | None:
    """The face that was compared with the official record, or None."""
    passed = seen.shows(seen.face, factor.setup_bytes)
    await enrolled.note_sight(tx, about=(factor.id, None), seen=seen, passed=passed, now=now)
    return replace(factor, verifier=seen.face.encode()) if passed else None


def _document(content: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError):
        raise Refused("passkey_invalid", field="attestation") from None


def _active(factor: Enrolled, others: list[Enrolled], now: datetime) -> Enrolled:
    had = any(other.usable_from is not None for other in others)
    return replace(
        factor, state=State.ACTIVE, failures=0, usable_from=usable_from(had, now=now)
    )  # fmt: skip


async def _wrong(tx: Tx, factor: Enrolled, now: datetime) -> Answer:
    left = CONFIRMATIONS - factor.failures - 1
    after = replace(factor, failures=factor.failures + 1)
    if left <= 0:
        after = replace(after, state=State.REMOVED, ended_at=now)
    await enrolled.save(tx, before=factor, after=after)
    return Answer(_WRONG, encode({"attempts_left": max(left, 0)}))


async def _noted(
    tx: Tx, tools: Tools, factor: Enrolled, status: int, events: list[Event], now: datetime
) -> Answer:
    """The answer, with everybody told who has to know."""
    document = encode(factor_kept(factor))
    record = Record(now, tools.entropy)
    record.factor(factor.state.lower(), factor.id, factor_leaf(factor), document)
    if factor.state is not State.PENDING:
        change = factor.state.lower()
        if factor.state is State.ACTIVE and not factor.usable(now=now):
            change = "cooling"
        notice = factor_notice(
            to=factor.customer, factor=factor.id, kind=factor.kind, change=change
        )
        await tell(tx, tools, [notice], now=now)
    kind = _KINDS.get(factor.kind)
    if kind is not None and factor.state is State.ACTIVE:
        events.append(_behaviour(factor, kind, now))
        await keep(tx, tools, events, record)
    await record.write(tx)
    return Answer(status, document)


def _behaviour(factor: Enrolled, kind: Kind, now: datetime) -> Event:
    return Event(
        id=factor.id, payer=factor.customer, payee="", amount=0, currency="", method="",
        card=None, at=now, kind=kind,
    )  # fmt: skip


_KINDS = {
    "password": Kind.PASSWORD_CHANGE,
    "passkey": Kind.DEVICE_BIND,
    "device_key": Kind.DEVICE_BIND,
}
