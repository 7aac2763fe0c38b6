"""Bad bytes: bodies, headers, paths and queries that are no requests at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from tests.journey.conftest import House, order

from anfu.entrypoints.api.application import application
from anfu.entrypoints.api.operation import MAX_BODY
from anfu.parties.signature import SignedRequest, sign_request, signing_key

PAYMENTS = "/v1/payments"
NOBODY = "pay_01kaw000000000000000000000"


@pytest.fixture
async def wish(house: House) -> dict[str, Any]:
    office = house.office
    return order(await office.customer(deposit=10_000), await office.merchant(), 100)


def signed(house: House, path: str, body: bytes, once: str | None = "one") -> list[Any]:
    """The headers of a signed write, as a list, so that one may be there twice."""
    office = house.office
    request = SignedRequest("POST", path, once, body)
    signature = sign_request(signing_key(office.secret), request=request, now=house.clock.now())
    headers = [("Anfu-Key", office.key), ("Anfu-Signature", signature)]
    return headers if once is None else [*headers, ("Idempotency-Key", once)]


def told(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_bytes_that_are_no_json_are_refused(house: House, wish: dict[str, Any]) -> None:
    good = msgspec.json.encode(wish)
    text = good[:-1] + b',"description":"%s"}'
    bodies = {
        "nothing": b"",
        "half": good[:-1],
        "two": good + good,
        "a mark": b"\xef\xbb\xbf" + good,
        "not a number": good.replace(b"100", b"NaN"),
        "invalid UTF-8": text % b"\xff",
        "an encoded surrogate": text % b"\xed\xa0\x80",
        "a lone surrogate": text % b"\\ud800",
        "half a pair": text % b"\\ud800\\u0041",
        "a raw NUL": text % b"a\x00b",
        "a written NUL": text % b"a\\u0000b",
        "a control character": text % b"a\x1fb",
        "UTF-16": good.decode().encode("utf-16"),
        "an amount twice": good[:-1] + b',"amount":1}',
        "a method twice": good.replace(b'{"type"', b'{"type":"balance","type"'),
        "escaped twice": good[:-1] + b',"\\u0061mount":1}',
    }
    async with house.untouched():
        for name, body in bodies.items():
            assert told(await house.office.post(PAYMENTS, body)) == (400, "body_invalid"), name
    assert (await house.office.post(PAYMENTS, good)).json()["state"] == "SUCCEEDED"


async def test_numbers_and_depth_without_end_are_refused(
    house: House, wish: dict[str, Any]
) -> None:
    good = msgspec.json.encode(wish)
    bodies = {
        "digits": good.replace(b"100", b"9" * 60_000),
        "an exponent": good.replace(b"100", b"1e999999999"),
        "lists": b"[" * 60_000,
        "lists in a field": good.replace(b"100", b"[" * 60_000),
        "objects in a field": good.replace(b"100", b'{"a":' * 10_000),
        "objects": b'{"payer":' * 7_000,
        "unknown depth": b'{"a":' + b"[" * 60_000 + b"]" * 5 + b"}",
    }
    async with house.untouched():
        for name, body in bodies.items():
            status, code = told(await house.office.post(PAYMENTS, body))
            assert (status, code) in ((422, "field_invalid"), (400, "body_invalid")), name


async def test_a_body_of_ten_megabytes_is_refused_unread(house: House) -> None:
    reads = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal reads
        for _ in range(160):
            reads += 1
            yield b"[" * MAX_BODY

    async with house.untouched():
        whole = await house.http.post(PAYMENTS, content=b"[" * 10_000_000)
        assert told(whole) == (413, "body_too_large")
        assert whole.headers["connection"] == "close"
        assert told(await house.http.post(PAYMENTS, content=drip())) == (413, "body_too_large")
        assert reads <= 3
        one_chunk = await send_raw(house, [], [b"[" * 10_000_000])
        assert one_chunk == (413, "body_too_large")
        for length in (b"9" * 5_000, b"65537"):
            assert await send_raw(house, [(b"content-length", length)], [b""]) == (
                413, "body_too_large",
            )  # fmt: skip


async def test_a_body_in_pieces_is_read_whole(house: House, wish: dict[str, Any]) -> None:
    body = msgspec.json.encode(wish)

    async def pieces() -> AsyncIterator[bytes]:
        for byte in body:
            yield bytes([byte])

    headers = dict(signed(house, PAYMENTS, body))
    answer = await house.http.post(PAYMENTS, content=pieces(), headers=headers)
    assert (answer.status_code, answer.json()["state"]) == (201, "SUCCEEDED")


async def test_a_content_type_is_not_looked_at(house: House, wish: dict[str, Any]) -> None:
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x"):
        answer = await house.office.post(PAYMENTS, wish, headers={"Content-Type": kind})
        assert (answer.status_code, answer.json()["state"]) == (201, "SUCCEEDED")


async def test_an_idempotency_key_is_short_and_printable(
    house: House, wish: dict[str, Any]
) -> None:
    body = msgspec.json.encode(wish)
    async with house.untouched():
        for once in ("", " ", "a b", "x" * 129, "x" * 60_000, "schlüssel", "a\tb"):
            headers = [(k.encode(), v.encode("latin-1")) for k, v in signed(
                house, PAYMENTS, body, once.encode("latin-1").decode("latin-1"))]  # fmt: skip
            answer = await house.http.post(PAYMENTS, content=body, headers=headers)
            assert told(answer) == (400, "idempotency_key_invalid"), once[:20]
        missing = await house.http.post(
            PAYMENTS, content=body, headers=signed(house, PAYMENTS, body, None)
        )
        assert told(missing) == (400, "idempotency_key_missing")
    longest = await house.office.post(PAYMENTS, wish, key="~" * 128)
    assert longest.status_code == 201


async def test_a_header_that_counts_is_there_once(house: House, wish: dict[str, Any]) -> None:
    body = msgspec.json.encode(wish)
    good = signed(house, PAYMENTS, body)
    async with house.untouched():
        for name, value in good:
            for other in (value, "other"):
                for headers in ([*good, (name, other)], [(name, other), *good]):
                    answer = await house.http.post(PAYMENTS, content=body, headers=headers)
                    assert told(answer) == (400, "header_invalid")
                    assert answer.json()["field"] == name
        bearer = ("Authorization", f"Bearer {house.office.key}.{house.office.secret}")
        answer = await house.http.get(PAYMENTS, headers=[bearer, bearer])
        assert told(answer) == (400, "header_invalid")
        for name in ("Anfu-Key", "Anfu-Signature"):
            for odd in ("schlüssel", "a\x00b", "a\x7fb"):
                headers = [(k, odd if k == name else v) for k, v in good]
                encoded = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers]
                assert await send_raw(house, encoded, [body]) == (400, "header_invalid")
    assert (await house.http.post(PAYMENTS, content=body, headers=good)).status_code == 201


async def test_odd_paths_lead_nowhere(house: House) -> None:
    office = house.office
    reads = ["/v1/payments/%00", "/v1/payments/a%00b", "/v1/payments/%0a", "/v1/balances/x/%00",
             "/v1/balances/%00/CNY", "/v1/evidence/proofs/%00", "/v1/events/%00",
             "/v1/decisions/%00", "/v1/nothing", "/v1/payments/", "//v1/payments",
             "/v1/payments/%ff"]  # fmt: skip
    async with house.untouched():
        for path in reads:
            status, _ = told(await office.get(path))
            assert status == 404, path
        for path in (f"/v1/payments/{NOBODY}/cancel", "/v1/payments/%00/cancel"):
            assert told(await office.post(path))[0] == 404
        longest = "/v1/balances/" + "x" * 5_000 + "/CNY"
        for path in ("/v1/balances/a/CNY/x", "/v1/balances/a%2Fb/CNY", "/v1/balances/a/cny",
                     longest, "/v1/balances/支付/人民币"):  # fmt: skip
            assert told(await office.get(path))[0] == 404, path
        answer = await house.http.delete(PAYMENTS)
        assert told(answer) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "GET, POST"


async def test_odd_queries_are_refused(house: House) -> None:
    queries = ["limit=1&limit=2", "limit=0", "limit=101", "limit=x", "limit=", "limit=1.5",
               "other=1", "after=", "after=a%00b", "state=LOST", "state=%00", "party=%ff",
               "after=" + "x" * 65, "a=1&" * 40, "%00=1", "limit=1;limit=2",
               "limit=" + "9" * 5_000]  # fmt: skip
    office = house.office
    async with house.untouched():
        for query in queries:
            answer = await office.get(f"{PAYMENTS}?{query}")
            assert answer.status_code == 400, query
            assert told(answer) == (400, "query_invalid")
        assert (await office.get(f"{PAYMENTS}?limit=1&after=zzz")).status_code == 200


async def send_raw(
    house: House, headers: list[tuple[bytes, bytes]], chunks: list[bytes]
) -> tuple[int, str]:
    """A POST as a server hands it over, with what no client library would send."""
    waiting = list(chunks)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": PAYMENTS, "raw_path": PAYMENTS.encode(),
             "query_string": b"", "headers": headers}  # fmt: skip
    await application(house.desk)(scope, receive, send)
    return sent[0]["status"], msgspec.json.decode(sent[1]["body"])["code"]
