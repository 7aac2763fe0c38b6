"""Live: a page is told what has changed (server-sent events, WHATWG HTML 9.2)."""

from __future__ import annotations

from anfu.entrypoints.api.operation import Call, Operation, Streamed


async def follow(call: Call) -> Streamed:
    """`begin`, then `changed` with `{"kinds": [...]}` about once a second when something has, and
    `end` when the session has ended."""
    return Streamed(await call.desk.changes.listen(call.by))


OPERATIONS = (
    Operation("follow_changes", "GET", "/v1/live", "Be told what kinds of objects change.", follow,
              session=True, media="text/event-stream", institution=True, refusals=("live_full",)),
)  # fmt: skip
