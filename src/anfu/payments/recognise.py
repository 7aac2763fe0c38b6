"""Recognise: a device session is opened, its profile comes, and the device is known or is new."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from anfu.kernel.errors import Refused
from anfu.kernel.ids import new_id
from anfu.parties.devices import operations, queries
from anfu.parties.devices.device import (
    Device,
    Key,
    Place,
    Session,
    SessionState,
    Standing,
    Trust,
    is_stale,
)
from anfu.parties.devices.likeness import blocks, find_alike
from anfu.parties.devices.proof import is_signed, thumbprint_of
from anfu.parties.queries import check_not_stored
from anfu.payments.device_document import device_leaf, session_document
from anfu.payments.device_profile import Profile, read_profile
from anfu.payments.document import encode
from anfu.payments.record import Record, once_each
from anfu.payments.tools import Tools
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.signals.detect import Sighting, detect, locate, travel
from anfu.risk.signals.location import Location
from anfu.risk.signals.profile import Observed
from anfu.risk.signals.signal import Signal
from anfu.storage.idempotency import Answer, Claim
from anfu.storage.transaction import Tx

Result = Answer | Refused
HOSTING = "hosting_networks:address"


@dataclass(frozen=True, slots=True)
class Visit:
    """A session to be opened for a payer, where it is known already."""

    claim: Claim
    merchant: str | None
    payer: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A profile for a session, as it came; `address` is the one the caller saw it come from."""

    claim: Claim
    merchant: str | None
    session: str
    payload: str
    signature: bytes
    address: str | None


async def begin(tools: Tools, visits: Sequence[Visit], *, now: datetime) -> list[Result]:
    """A session with its nonce for each, in their order. Results of kind Refused: customer_stored,
    and as `once_each`."""

    async def work(tx: Tx) -> list[Result]:
        async def one(visit: Visit, _: Record) -> Answer:
            if visit.payer is not None:
                await check_not_stored(tx, visit.payer)
            session = await operations.open_session(
                tx, merchant=visit.merchant, payer=visit.payer, entropy=tools.entropy, now=now
            )
            return Answer(201, encode(session_document(session, nonce=True)))

        return await once_each(tx, visits, one, Record(now, tools.entropy))

    return await tools.database.run(work)


async def recognise(tools: Tools, profiles: Sequence[Sent], *, now: datetime) -> list[Result]:
    """What each profile is worth, in their order: a session that is PROFILED or REJECTED, with its
    signals.

    Numbered as they are tried, the first that fails ends it: 1 the session answers its first
    profile, 2 the key in the profile signed it, 3 the nonce is the session's, 4 and is fresh, 5 a
    cookie names a device of that key. Results of kind Refused: device_session_not_found,
    device_profile_invalid, customer_stored, and as `once_each`.
    """

    async def work(tx: Tx) -> list[Result]:
        return await once_each(
            tx, profiles, partial(_recognise, tx, tools), Record(now, tools.entropy)
        )

    return await tools.database.run(work)


async def _recognise(tx: Tx, tools: Tools, sent: Sent, record: Record) -> Answer:
    now = record.now
    session = await queries.get_session(tx, sent.session, merchant=sent.merchant)
    profile = read_profile(sent.payload)
    key = await queries.find_key(tx, thumbprint_of(profile.point))
    fault = await _fault(tx, session, (profile, key), sent.signature, now)
    if fault is None:
        closed = await _accept(tx, tools, session, (profile, key), sent.address, now)
    elif session.state is SessionState.REJECTED:
        closed = session
    else:
        closed = replace(
            session,
            state=SessionState.REJECTED,
            standing=Standing.REJECTED,
            profiled_at=session.profiled_at or now,
            address=session.address or sent.address,
            signals=(*session.signals, fault),
        )
        await operations.close_session(tx, session=closed)
    record.leaf("device_session", session.id, device_leaf(closed, profile.digest))
    return Answer(200, encode(session_document(closed)))


async def _fault(
    tx: Tx, session: Session, given: tuple[Profile, Key | None], signature: bytes, now: datetime
) -> Signal | None:
    profile, key = given
    if session.state is not SessionState.OPEN:  # 1
        return Signal.REPLAYED_PROFILE
    if not is_signed(profile.text, signature, profile.point):  # 2
        return Signal.TAMPERED_PROFILE
    if profile.nonce != session.nonce:  # 3
        known = await queries.is_nonce_known(tx, profile.nonce)
        return Signal.REPLAYED_PROFILE if known else Signal.FOREIGN_NONCE
    if is_stale(session, now=now):  # 4
        return Signal.STALE_NONCE
    if profile.cookie is not None and (key is None or key.device != profile.cookie):  # 5
        return Signal.COPIED_COOKIE
    return None


async def _accept(
    tx: Tx, tools: Tools, session: Session, given: tuple[Profile, Key | None],
    address: str | None, now: datetime,
) -> Session:  # fmt: skip
    profile, key = given
    thumbprint = thumbprint_of(profile.point)
    traits = {**profile.traits, **_network(address)}
    standing, before = await _find(tx, key, traits, session.payer)
    name = before.id if before else new_id("dev", now=now, entropy=tools.entropy)
    location = tools.locator.find(address) if tools.locator and address else None
    place = None if location is None else Place(location.latitude, location.longitude)
    created = before.created_at if before else now
    seen = Device(name, created, now, traits, place)
    if standing is not Standing.ALIKE:
        await operations.put_device(tx, device=seen)
    if key is None:
        trust = Trust.FOUNDING if standing is Standing.NEW else Trust.ALIKE
        await operations.add_key(tx, key=Key(thumbprint, name, trust), now=now)
    if standing is Standing.ALIKE:  # who merely resembles it changes nothing of it
        await operations.set_apart(tx, thumbprint=thumbprint, seen=seen)
    if session.payer is not None:
        await operations.see(tx, device=name, payer=session.payer, now=now)
    closed = replace(
        session,
        state=SessionState.PROFILED,
        profiled_at=now,
        address=address,
        device=name,
        thumbprint=thumbprint,
        standing=standing,
        signals=tuple(sorted(_signals(tools, profile.observed, address, before, location, now))),
        place=place,
    )
    await operations.close_session(tx, session=closed)
    return closed


async def _find(
    tx: Tx, key: Key | None, traits: dict[str, str], payer: str | None
) -> tuple[Standing, Device | None]:
    if key is not None:
        standing = Standing.ALIKE if key.trust is Trust.ALIKE else Standing.PROVEN
        return standing, await queries.get_device(tx, key.device)
    candidates = await queries.list_candidates(tx, blocks(traits), payer)
    name = find_alike(traits, candidates)
    if name is None:
        return Standing.NEW, None
    return Standing.ALIKE, await queries.get_device(tx, name)


def _signals(
    tools: Tools, observed: Observed, address: str | None, before: Device | None,
    location: Location | None, now: datetime,
) -> Sequence[Signal]:  # fmt: skip
    found = detect(observed, now=now)
    if location is not None:
        found |= locate(observed, location.time_zone, now=now)
    if before is not None and before.place is not None and location is not None:
        last = Sighting(before.last_seen_at, before.place.latitude, before.place.longitude)
        found |= travel(last, Sighting(now, location.latitude, location.longitude))
    if address is not None and _is_hosting(tools, address, now):
        found.add(Signal.HOSTING_ADDRESS)
    return list(found)


def _is_hosting(tools: Tools, address: str, now: datetime) -> bool:
    """Whether the operator's list of such networks has the address."""
    seen = Event("", "", "", 0, "", "", None, now, Environment(address=address), Kind.PAGE)
    return HOSTING in tools.engine.lists.hits(seen).split(",")


def _network(address: str | None) -> dict[str, str]:
    """The trait of the network an address is in: /24 of IPv4, /56 of IPv6, as a digest."""
    if address is None:
        return {}
    prefix = 24 if ipaddress.ip_address(address).version == 4 else 56
    network = ipaddress.ip_network(f"{address}/{prefix}", strict=False)
    return {"network": hashlib.sha256(str(network).encode()).hexdigest()[:16]}
