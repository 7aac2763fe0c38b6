"""Injection: SQL in every text, line ends in whatever may become a header or a line of a log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
from tests.attack.document import Asked
from tests.attack.makers import make_all
from tests.attack.place import Place
from tests.attack.tally import Tally

SQL = ("x' OR '1'='1", "'; DROP TABLE payments.payment; --", "' || pg_sleep(3) || '",
       "1); SELECT pg_sleep(3); --", "$1 UNION SELECT secret FROM parties.api_key",
       "\\'; SELECT pg_sleep(3) --")  # fmt: skip
_SLOW_S = 3.0
_TOLD = ("syntax error", "asyncpg", "psycopg", "pg_catalog", "Traceback", "unterminated")
FORGED = "forged-by-an-attacker"
LINES = (f"a\r\nX-Forged: {FORGED}", f"a\n{FORGED} ERROR all is lost", f"a\u2028{FORGED}",
         f"a\x1b[2J{FORGED}")  # fmt: skip
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog')"


async def attack(place: Place) -> list[Tally]:
    """Each in turn."""
    return [await _sql(place), await _headers(place)]


async def _sql(place: Place) -> Tally:
    """Every text of every body, every name of every path and query, and every header."""
    names = await make_all(place)
    tally = Tally("SQL injection", "statements with parameters; rules are a language of their own")
    tables = await place.owner.fetchval(_TABLES)
    paid = await place.owner.fetchval("SELECT count(*) FROM payments.payment")
    for one in place.asked:
        for what, target, body in _places(one, names, SQL):
            started = time.perf_counter()
            answer = await place.office.ask(one.method, target, body)
            slow = time.perf_counter() - started > _SLOW_S
            tally.judge(f"{one.name}, {what}: {answer.text[:90]}", _quiet(answer) and not slow)
    for text in SQL:
        for header in ("Anfu-Key", "Anfu-Signature", "Authorization", "Accept-Language",
                       "Idempotency-Key", "Sandbox-Nonce"):  # fmt: skip
            answer = await place.nobody.ask("GET", "/v1/payments", headers={header: text})
            stopped = _quiet(answer) and not answer.is_success
            tally.judge(f"{header}: {answer.text[:90]}", stopped)
    tally.judge("a table is gone", await place.owner.fetchval(_TABLES) == tables)
    now = await place.owner.fetchval("SELECT count(*) FROM payments.payment")
    tally.judge("payments are gone", now >= paid)
    return tally


def _places(
    one: Asked, names: dict[str, str], texts: tuple[str, ...]
) -> Iterator[tuple[str, str, Any]]:
    """Where a text can be put: what, target, body."""
    body = dict(one.body or {}) if one.body is not None else None
    for text in texts:
        quoted = str(httpx.QueryParams({"x": text}))[2:].replace("+", "%20")
        for name in one.parameters:
            yield f"path {name}", one.target({**names, name: quoted}), body
        for name in one.queries:
            yield f"query {name}", f"{one.target(names)}?{name}={quoted}", body
        for name in body or {}:
            if body is not None and isinstance(body[name], str):
                yield f"body {name}", one.target(names), {**body, name: text}
        for name in sorted(one.fields - (body or {}).keys()):
            yield f"body {name}", one.target(names), {**(body or {}), name: text}


def _quiet(answer: httpx.Response) -> bool:
    """No failure of ours, and nothing of the database in the answer."""
    return answer.status_code < 500 and not any(word in answer.text for word in _TOLD)


async def _headers(place: Place) -> Tally:
    """Line ends: is an answer split, is a line of the log forged?"""
    names = await make_all(place)
    tally = Tally("header and log injection", "answers quote no input; the log has no texts")
    for one in place.asked:
        for what, target, body in _places(one, names, LINES[:2]):
            answer = await place.office.ask(one.method, target, body)
            split = [name for name in answer.headers if "forged" in name]
            value = [v for v in answer.headers.values() if FORGED in v]
            tally.judge(f"{one.name}, {what}", _quiet(answer) and not split + value)
    for text in LINES:
        form = {"name": text, "mcc": None}
        answer = await place.office.ask("POST", "/v1/merchants", form)
        tally.judge(f"a name: {answer.text[:80]}", not answer.is_success)
    log = "".join(place.log().split())  # long lines are wrapped, in the middle of words
    tally.judge("a line of the log is forged", FORGED not in log)
    secrets = (place.office.secret, place.own.secret, "pg_sleep", "11010519491231002X")
    tally.judge("the log tells what was sent", not any(secret in log for secret in secrets))
    return tally
