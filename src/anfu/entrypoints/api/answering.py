"""How an answer is written: at once, or in pieces as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from starlette.types import Receive, Send

from anfu.entrypoints.api.operation import Streamed
from anfu.storage.idempotency import Answer


async def respond(
    send: Send, answer: Answer, media: bytes, more: Sequence[tuple[bytes, bytes]] = ()
) -> None:
    """Write an answer; `more` are headers besides the usual ones."""
    headers = [
        *more,
        (b"content-type", media),
        (b"content-length", b"%d" % len(answer.body)),
        (b"cache-control", b"no-store"),
    ]
    if answer.status == 413:
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    if answer.status in (409, 503):
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def pour(
    receive: Receive, send: Send, streamed: Streamed, headers: list[tuple[bytes, bytes]]
) -> None:
    """Write pieces as they come, until there are no more or whoever asked has gone."""
    headers = [*headers, (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": streamed.status, "headers": headers})
    gone = asyncio.ensure_future(_gone(receive))
    try:
        async with aclosing(streamed.pieces) as pieces:
            async for piece in pieces:
                if gone.done():
                    return
                if piece:
                    message = {"type": "http.response.body", "body": piece, "more_body": True}
                    await send(message)
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
