"""The door: how bytes from outside become a call, and a call's end becomes an answer.

Numbered as they are tried: 1 the body's size, 2 that no header which counts is there twice, 3 who
calls and whether its key may do this, 4 the idempotency key, 5 the form of path, body and query, 6
the reason, where personal data are read.
Nothing is written before all have passed. The bytes that were signed are read as JSON whatever
their Content-Type says.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import Receive, Scope, Send

from anfu.entrypoints.api.address import UNKNOWN, address_of
from anfu.entrypoints.api.cookie import setting
from anfu.entrypoints.api.desk import Desk
from anfu.entrypoints.api.errors import Problem, language_of, problem_document, problem_of
from anfu.entrypoints.api.metrics import measure
from anfu.entrypoints.api.operation import Call, Operation, Streamed
from anfu.entrypoints.api.sessions import identify
from anfu.kernel.canonical import digest
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.ids import new_id
from anfu.parties.caller import Caller
from anfu.parties.reads.read import PREFIX as READ
from anfu.parties.reads.read import Read, parse_reason
from anfu.parties.requests.request import PREFIX as REQUEST
from anfu.parties.requests.request import Request, path_of
from anfu.parties.signature import SignedRequest
from anfu.payments.access.break_glass import note_act
from anfu.payments.record import INSTITUTION
from anfu.storage.idempotency import Answer, Claim

log = logging.getLogger(__name__)

_KEY = re.compile(rb"[!-~]{1,128}")
_NOTHING = b""
# Two of these, and whoever stands before us may have read the other one.
_ONE = frozenset(
    {b"idempotency-key", b"anfu-key", b"anfu-signature", b"authorization", b"cookie", b"origin",
     b"sec-fetch-site", b"anfu-csrf"}
)  # fmt: skip


@dataclass(slots=True)
class Heard:
    """What is known of a request however it ends. `more` are headers of its answer: a token that
    was rotated away is good no more, so the next one goes out with any answer."""

    address: str = UNKNOWN
    caller: Caller | None = None
    more: list[tuple[bytes, bytes]] = field(default_factory=list)


class Door:
    """Serves one operation as an ASGI application."""

    def __init__(self, operation: Operation, desk: Desk) -> None:
        self.operation = operation
        self._desk = desk
        self._decode = None if operation.body is None else msgspec.json.Decoder(operation.body)
        self._type = operation.media.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        started = time.perf_counter()
        heard, error = Heard(), None
        answer: Answer | Streamed
        try:
            call = await self._call(scope, headers, receive, started, heard)
            answer = await self.operation.handler(call)
            if call.seen:  # written down before it is handed over: no log, no data
                await self._desk.noting.submit(_read(self.operation, call))
            if call.caller is not None and call.caller.emergency:
                await self._note_emergency(call, scope["path"], answer.status)
            media = self._type if call.media is None else call.media.encode()
            heard.more.extend(self.operation.headers)
        except Exception as raised:
            error = raised
            problem = problem_of(error)
            if problem.status >= 500:
                self._log(error)
            answer = self._refuse(problem, error, headers)
            media = b"application/problem+json"
        spent = time.perf_counter() - started
        measure(self.operation.name, answer.status, spent)
        self._journal(heard, answer.status, (scope, headers, error), spent)
        if isinstance(answer, Streamed):
            await pour(receive, send, answer, [*heard.more, (b"content-type", media)])
            return
        await respond(send, answer, media, heard.more)

    def _journal(
        self,
        heard: Heard,
        status: int,
        of: tuple[Scope, Mapping[bytes, bytes], Exception | None],
        spent: float,
    ) -> None:
        """Give the answer its id, and note the request where there is room for it."""
        scope, headers, error = of
        desk, now = self._desk, self._desk.clock.wall()
        id_ = new_id(REQUEST, now=now, entropy=desk.journal.entropy)
        heard.more.append((b"anfu-request-id", id_.encode()))
        if not desk.journal.has_room(status):
            return
        caller, key = heard.caller, headers.get(b"idempotency-key")
        values: Mapping[str, str] = scope.get("path_params") or {}
        desk.journal.note(
            Request(
                id_, now, self.operation.method, path_of(self.operation.path, values),
                self.operation.name, status, None if error is None else problem_of(error).code,
                int(spent * 1_000_000), None if caller is None else caller.id,
                None if caller is None else caller.person, heard.address,
                key.decode() if key is not None and _KEY.fullmatch(key) else None,
            )
        )  # fmt: skip

    async def _note_emergency(self, call: Call, path: str, status: int) -> None:
        await note_act(
            self._desk.tools,
            call.by.staff_id or "",
            self.operation.name,
            (path, status),
            now=call.now,
        )

    def _log(self, error: Exception) -> None:
        """In an outage every request fails alike: a line each, and no traces to drown in."""
        if isinstance(error, OutsideFailure):
            log.warning("%s: %s", self.operation.name, error.reason)
        else:
            log.error("%s: %s", self.operation.name, type(error).__name__, exc_info=error)

    def _refuse(self, problem: Problem, error: Exception, headers: Mapping[bytes, bytes]) -> Answer:
        language = language_of(headers.get(b"accept-language", _NOTHING))
        return Answer(problem.status, problem_document(problem, error, language))

    async def _call(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        arrived_s: float,
        heard: Heard,
    ) -> Call:
        operation, desk = self.operation, self._desk
        raw = await read_body(headers, receive, operation.most)  # 1
        now = desk.clock.now()
        heard.address = address_of(scope, headers, desk.tools.policy.proxies)
        caller = None
        if operation.scope is not None or operation.session:
            _check_headers(scope["headers"], headers)  # 2
            caller = await self._caller(scope, headers, raw, heard)  # 3
        key = self._key(headers) if operation.once else None  # 4
        path = _path(scope)  # 5
        body = self._body(raw)
        query = self._query(scope["query_string"])
        claim = None
        if key is not None and caller is not None:
            content = _content(operation.method, scope["path"], body)
            claim = Claim(caller.merchant_id or caller.staff_id or INSTITUTION, key, content)
        why = None
        if operation.personal:  # 6
            needed = caller is not None and caller.session
            why = parse_reason(headers.get(b"anfu-reason"), needed=needed)
        return Call(
            desk, now, path, query, body, headers, raw, caller, claim, arrived_s, heard.address,
            heard.more, why,
        )  # fmt: skip

    async def _caller(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        raw: bytes,
        heard: Heard,
    ) -> Caller:
        query = scope["query_string"]
        target = scope["raw_path"].decode("latin-1")
        if query:
            target = f"{target}?{query.decode('latin-1')}"
        key = headers.get(b"idempotency-key")
        request = SignedRequest(
            self.operation.method, target, None if key is None else key.decode("latin-1"), raw
        )
        wall = self._desk.clock.wall()  # a caller signs by its own clock
        caller = await self._desk.callers.identify(headers, request, heard.address, now=wall)
        if caller is None:
            caller, token = await identify(
                self._desk.tools, self.operation.method, headers, now=self._desk.now()
            )
            if token is not None:
                heard.more.append(setting(token))
        heard.caller = caller
        if self.operation.scope is not None:
            caller.require(self.operation.scope)
        elif not caller.session:
            raise Refused("session_needed", field="Cookie")
        if self.operation.standing and caller.emergency:
            raise Refused("emergency_not_allowed")
        if self.operation.institution and caller.merchant_id is not None:
            raise Refused("institution_only")
        return caller

    def _key(self, headers: Mapping[bytes, bytes]) -> str:
        key = headers.get(b"idempotency-key")
        if key is None:
            raise Refused("idempotency_key_missing", field="Idempotency-Key")
        if _KEY.fullmatch(key) is None:
            raise Refused("idempotency_key_invalid", field="Idempotency-Key")
        return key.decode("ascii")

    def _body(self, raw: bytes) -> Any:
        if self._decode is None:
            return None
        if b"\\u0000" in raw:
            raise Refused("body_invalid", field="body", reason="a NUL character")
        try:
            body = self._decode.decode(raw)
        except msgspec.ValidationError as error:
            raise Refused("field_invalid", field=field_of(error), reason=str(error)) from None
        except (ValueError, RecursionError) as error:
            raise Refused("body_invalid", field="body", reason=_short(error)) from None
        _named_once(raw.decode())
        return body

    def _query(self, query: bytes) -> Any:
        if self.operation.query is None:
            return None
        try:
            pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, strict_parsing=False,
                              errors="strict", max_num_fields=32)  # fmt: skip
            values = dict(pairs)
            if len(values) != len(pairs) or any("\x00" in value for value in values.values()):
                raise Refused("query_invalid", field="query", reason="a parameter twice, or NUL")
            return msgspec.convert(values, self.operation.query, strict=False)
        except msgspec.ValidationError as error:
            raise Refused("query_invalid", field=field_of(error), reason=str(error)) from None
        except ValueError as error:
            raise Refused("query_invalid", field="query", reason=_short(error)) from None


def _content(method: str, path: str, body: Any) -> bytes:
    """What a repeated key is compared by. In an object of free form there may be numbers that have
    no canonical spelling, and would be another number to whoever reads the evidence."""
    try:
        return digest([method, path, msgspec.to_builtins(body)])
    except ValueError as error:
        raise Refused("body_invalid", field="body", reason=_short(error)) from None


async def read_body(headers: Mapping[bytes, bytes], receive: Receive, most: int) -> bytes:
    """The whole body. Raises Refused(body_too_large) before reading more than `most` bytes."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and (len(length) > 9 or int(length) > most):
        raise Refused("body_too_large", field="body", most=most)
    message = await receive()
    body = bytearray(message.get("body", b""))
    while len(body) <= most and message.get("more_body", False):
        message = await receive()
        body += message.get("body", b"")
    if len(body) > most:
        raise Refused("body_too_large", field="body", most=most)
    return bytes(body)


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


def field_of(error: msgspec.ValidationError) -> str:
    """The path of the field a validation error speaks of: `method.card`."""
    text = str(error)
    path = re.search(r"at `\$\.?([^`]*)`", text)
    if path is not None and path[1]:
        return path[1]
    name = re.search(r"field `([^`]*)`", text)
    return name[1] if name is not None else "body"


def _check_headers(sent: Sequence[tuple[bytes, bytes]], read: Mapping[bytes, bytes]) -> None:
    if len(sent) == len(read):
        return
    names = [name for name, _ in sent if name in _ONE]
    for name in names:
        if names.count(name) > 1:
            raise Refused("header_invalid", field=name.decode().title())


def _read(operation: Operation, call: Call) -> Read:
    id_ = new_id(READ, now=call.now, entropy=call.desk.tools.entropy)
    return Read(
        id_, call.now, call.by.id, call.person, operation.name, tuple(call.seen), call.why,
        call.address,
    )  # fmt: skip


def _path(scope: Scope) -> Mapping[str, str]:
    path: Mapping[str, str] = scope.get("path_params") or {}
    if not all(value.isprintable() for value in path.values()):
        raise Refused("not_found")
    return path


def _pairs(pairs: list[tuple[str, object]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) != len(pairs):
        twice = next(name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1)
        raise Refused("body_invalid", field=twice, reason="a name is there twice")


# Readers differ in which of two equal names they take: so there are never two.
_named_once = json.JSONDecoder(object_pairs_hook=_pairs).decode


def _short(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:200]
