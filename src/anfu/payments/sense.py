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


async def sense(
    tx: Tx, events: Sequence[Event], scopes: Sequence[str | None], *, now: datetime
) -> list[Event]:
    """The events with their environments as they were found; `scopes` are the merchants whose keys
    ask, in the events' order, None for the institution. Without a session nothing is asked of the
    database."""
    wanted = {e.environment.session for e in events} - {None}
    if not wanted:
        return list(events)
    sessions = await find_sessions(tx, sorted(filter(None, wanted)))
    return [_sensed(e, scope, sessions, now) for e, scope in zip(events, scopes, strict=True)]


def _sensed(
    event: Event, scope: str | None, sessions: Mapping[str, Session], now: datetime
) -> Event:
    seen = event.environment
    if seen.session is None:
        return event
    session = sessions.get(seen.session)
    if session is None or session.merchant_id != scope:
        unknown = replace(seen, standing=Standing.REJECTED, signals=codes([Signal.UNKNOWN_SESSION]))
        return replace(event, environment=unknown)
    return replace(event, environment=_environment(seen, session, event.payer, now))


def _environment(seen: Environment, session: Session, payer: str, now: datetime) -> Environment:
    odd = {*map(Signal, session.signals), *_misused(seen, session, payer, now)}
    other = Signal.OTHER_PAYER in odd
    spoiled = other or Signal.STALE_SESSION in odd or session.standing is Standing.REJECTED
    place = (seen.latitude, seen.longitude)
    if seen.latitude is None and session.place is not None:
        place = (session.place.latitude, session.place.longitude)
    return replace(
        seen,
        device=session.device or seen.device,
        address=seen.address or session.address,
        latitude=place[0],
        longitude=place[1],
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
