"""Sense: what is known of the device a payment names by its session, in place of what is claimed.

A session is worth something for its payer, within the scope it was opened in, and for half an
hour. What does not fit is a signal and not a refusal: the rules say what it leads to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from anfu.parties.devices.device import Session, Standing, is_over
from anfu.parties.devices.queries import find_sessions
from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.signals.signal import Signal, codes
from anfu.storage.transaction import Tx

Seen = tuple[Environment, str, str | None]
"""What is claimed, by which payer, and whose key asks: a merchant's, None for the institution's."""


async def sense(tx: Tx, seen: Sequence[Seen], *, now: datetime) -> list[Environment]:
    """Environments as they were found, in their order. Without a session nothing is asked of the
    database."""
    wanted = {environment.session for environment, _, _ in seen} - {None}
    if not wanted:
        return [environment for environment, _, _ in seen]
    sessions = await find_sessions(tx, sorted(filter(None, wanted)))
    return [_sensed(one, sessions, now) for one in seen]


async def sense_events(
    tx: Tx, events: Sequence[Event], scopes: Sequence[str | None], *, now: datetime
) -> list[Event]:
    """The events with their environments as they were found; `scopes` in their order."""
    claimed = [(e.environment, e.payer, scope) for e, scope in zip(events, scopes, strict=True)]
    found = await sense(tx, claimed, now=now)
    return [
        event if environment is event.environment else replace(event, environment=environment)
        for event, environment in zip(events, found, strict=True)
    ]


def _sensed(one: Seen, sessions: Mapping[str, Session], now: datetime) -> Environment:
    seen, payer, scope = one
    if seen.session is None:
        return seen
    session = sessions.get(seen.session)
    if session is None or session.merchant_id != scope:
        unknown = codes([Signal.UNKNOWN_SESSION])
        return replace(seen, standing=Standing.REJECTED, signals=unknown)
    return _environment(seen, session, payer, now)


def _environment(seen: Environment, session: Session, payer: str, now: datetime) -> Environment:
    odd = {*map(Signal, session.signals), *_misused(seen, session, payer, now)}
    other = Signal.OTHER_PAYER in odd
    spoiled = other or Signal.STALE_SESSION in odd or session.standing is Standing.REJECTED
    place = (seen.latitude, seen.longitude)
    if seen.latitude is None and session.place is not None:
        place = (session.place.latitude, session.place.longitude)
    return Environment(
        device=session.device or seen.device,
        address=seen.address or session.address,
        latitude=place[0],
        longitude=place[1],
        session=seen.session,
        standing=Standing.REJECTED if spoiled else session.standing,
        signals=codes(odd),
        bound=session.bound and not spoiled,
    )


def _misused(seen: Environment, session: Session, payer: str, now: datetime) -> set[Signal]:
    odd = set()
    if session.payer not in (None, payer):
        odd.add(Signal.OTHER_PAYER)
    if is_over(session, now=now):
        odd.add(Signal.STALE_SESSION)
    if seen.device is not None and session.device not in (None, seen.device):
        odd.add(Signal.OTHER_DEVICE)
    both = seen.address is not None and session.address is not None
    if both and not _near(str(seen.address), str(session.address)):
        odd.add(Signal.OTHER_NETWORK)
    return odd


def _near(one: str, other: str) -> bool:
    """Whether two addresses are of one network, as far as telephones keep to theirs: /16 and /32;
    of two versions of the protocol nothing can be said."""
    if one == other:
        return True
    a, b = ipaddress.ip_address(one), ipaddress.ip_address(other)
    if a.version != b.version:
        return True
    shift = a.max_prefixlen - (16 if a.version == 4 else 32)
    return int(a) >> shift == int(b) >> shift
