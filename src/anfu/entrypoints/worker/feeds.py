"""Feeds: one turn asks those that are due, proves what they say and takes it."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from datetime import datetime

from anfu.channels.feeds.client import FeedClient, Fetched
from anfu.channels.feeds.envelope import Expected, Issue, open_issue
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.payments.tools import Tools
from anfu.risk.lists.change import Item
from anfu.risk.lists.declaration import Declaration
from anfu.risk.lists.importing import Given, Reader, batches
from anfu.risk.lists.queries import FeedState
from anfu.risk.lists.take import (
    SOURCE,
    Delivery,
    due,
    note_failure,
    note_nothing_new,
    take,
)
from anfu.risk.lists.values import Blind

log = logging.getLogger(__name__)

_BATCH = 5_000
# A row of a feed, and its head.
_ROW_BYTES, _HEAD_BYTES = 400, 4_096


async def take_feeds(tools: Tools, clock: Clock, client: FeedClient) -> int:
    """Ask every feed that is due; how many had something new."""
    taken = 0
    for declaration, state in await due(tools.database, now=clock.now()):
        try:
            taken += await _take(tools, clock, client, declaration, state)
        except (Refused, OutsideFailure) as error:
            refused = isinstance(error, Refused)
            problem = error.code if isinstance(error, Refused) else error.reason
            log.warning("feed of %s: %s", declaration.name, problem if refused else "unreachable")
            await note_failure(tools.database, declaration.name, problem, now=clock.now())
    return taken


async def _take(
    tools: Tools, clock: Clock, client: FeedClient, declaration: Declaration,
    state: FeedState | None,
) -> int:  # fmt: skip
    feed = declaration.feed
    assert feed is not None
    most = feed.most * _ROW_BYTES + _HEAD_BYTES
    etag = None if state is None else state.etag
    fetched = await client.fetch(feed.url, etag=etag, most_bytes=most)
    if fetched.body is None:
        await note_nothing_new(tools.database, declaration.name, now=clock.now())
        return 0
    serial = None if state is None else state.serial
    expected = Expected(declaration.name, feed.key, feed.fresh_s, serial)
    # A million rows are read beside the loop that decides.
    delivery = await asyncio.to_thread(
        _delivery, declaration, fetched, expected, tools.lists.book.blind, clock.now()
    )
    amended = await take(tools.database, delivery, entropy=tools.entropy, now=clock.now())
    return 0 if amended.change is None else 1


def _delivery(
    declaration: Declaration, fetched: Fetched, expected: Expected, blind: Blind, now: datetime
) -> Delivery:
    issue = open_issue(fetched.body or b"", expected, now=now)
    rows = _rows(declaration, issue, blind)
    return Delivery(declaration, rows, issue.serial, issue.issued_at, fetched.etag)


def _rows(declaration: Declaration, issue: Issue, blind: Blind) -> list[Sequence[Item]]:
    """Read as of its issue: a row that has expired since is no error, and adds nothing."""
    feed = declaration.feed
    assert feed is not None
    reader = Reader(declaration, blind, Given(f"issue {issue.serial}", SOURCE), issue.issued_at)
    lines = io.StringIO(issue.csv, newline="")
    read = list(batches(reader, lines, most=feed.most, size=_BATCH))
    if sum(map(len, read)) != issue.rows:
        raise Refused("feed_malformed", field="feed")
    return list(read)
