"""The load of the benchmark, against a server that checks what it is sent."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
import pytest

from anfu.entrypoints.api.decisions import DecisionBatchForm
from anfu.entrypoints.api.documents import PaymentForm
from anfu.entrypoints.cli.bench_agreement import compare_counts
from anfu.entrypoints.cli.load import run, split_answer
from anfu.entrypoints.cli.load_orders import LEAST, MOST, PLAIN, SECURED, Known, Plan, orders
from anfu.parties.signature import SignedRequest, signing_key, verify_request

SECRET = "sk_test"
PAYERS = [f"cus_{n}" for n in range(20)]
MERCHANTS = [f"mer_{n}" for n in range(5)]


# Every fourth has a mandate for the last merchant.
KNOWN = [
    Known(f"dev_{n}", f"dss_{n}", *([f"mdt_{n}", "mer_4"] if n % 4 == 0 else [])) for n in range(20)
]


def forms(count: int, seed: int = 1, kind: str = PLAIN, **more: Any) -> Any:
    made = islice(orders(plan(seed=seed, **more), kind), count)
    return [(key, msgspec.json.decode(body, type=PaymentForm)) for key, body in made]


def plan(**more: Any) -> Plan:
    given = {"host": "127.0.0.1", "port": 1, "key": "k", "secret": SECRET, "payers": PAYERS,
             "merchants": MERCHANTS, "connections": 4, "warm_up_s": 0.1, "seconds": 0.3, "seed": 1,
             "result": ""}  # fmt: skip
    return Plan(**{**given, **more})


def test_every_order_is_a_payment_with_a_key_of_its_own() -> None:
    made = forms(100)
    assert len({key for key, _ in made}) == 100
    assert all(LEAST <= form.amount <= MOST for _, form in made)
    assert {form.factors for _, form in made} == {("password", "sms_code")}
    assert all(form.environment.latitude is not None for _, form in made)


def test_payers_take_turns_each_with_its_own_device_and_address() -> None:
    made = [form for _, form in forms(40)]
    for turn in (made[:20], made[20:]):
        assert sorted(form.payer for form in turn) == sorted(PAYERS)
    devices = {(form.payer, form.environment.device, form.environment.address) for form in made}
    assert len(devices) == 20
    assert [form.payer for form in made[:20]] != [form.payer for form in made[20:]]


def test_the_first_merchant_is_the_hottest() -> None:
    seen = Counter(form.payee for _, form in forms(4_000))
    assert [payee for payee, _ in seen.most_common()] == MERCHANTS
    assert 0.40 < seen["mer_0"] / 4_000 < 0.48  # 1 / (1 + 1/2 + 1/3 + 1/4 + 1/5) = 0.438


def test_decisions_are_asked_in_batches_each_with_a_key_of_its_own() -> None:
    made = list(islice(orders(plan(batch=8)), 6))
    asked = [msgspec.json.decode(body, type=DecisionBatchForm).decisions for _, body in made]
    assert [len(some) for some in asked] == [8] * 6
    events = [form.event for some in asked for form in some]
    assert len(set(events)) == 48
    assert [key.decode() for key, _ in made] == events[::8]


def test_secured_payments_come_from_a_session_and_draw_on_the_mandate_of_their_payer() -> None:
    made = [form for _, form in forms(40, kind=SECURED, known=KNOWN)]
    sessions = {(form.payer, form.environment.session) for form in made}
    assert sessions == {(f"cus_{n}", f"dss_{n}") for n in range(20)}
    assert {form.environment.device for form in made} == {None}
    drawing = {form.payer: form for form in made if form.mandate is not None}
    assert drawing.keys() == {f"cus_{n}" for n in range(0, 20, 4)}
    assert all((f.payee, f.factors) == ("mer_4", ()) for f in drawing.values())
    assert {f.factors for f in made if f.mandate is None} == {("password", "sms_code")}


def test_plain_payments_of_known_payers_are_like_the_secured_but_for_the_proof() -> None:
    made = [form for _, form in forms(40, known=KNOWN)]
    devices = {(form.payer, form.environment.device) for form in made}
    assert devices == {(f"cus_{n}", f"dev_{n}") for n in range(20)}
    assert {form.payee for form in made if int(form.payer[4:]) % 4 == 0} == {"mer_4"}
    assert {(form.mandate, form.environment.session) for form in made} == {(None, None)}
    assert {form.factors for form in made} == {("password", "sms_code")}


def test_a_payer_is_at_home_in_payments_of_both_kinds() -> None:
    places = {
        (form.payer, int(form.environment.latitude * 10), int(form.environment.longitude * 10))
        for kind in (PLAIN, SECURED)
        for _, form in forms(200, kind=kind, known=KNOWN)
    }
    assert len(places) <= 4 * len(PAYERS)  # within a hundredth of a degree, rounded down


def test_a_seed_gives_the_same_orders_again() -> None:
    assert forms(50, seed=3) == forms(50, seed=3)
    assert forms(50, seed=3) != forms(50, seed=4)


@pytest.mark.parametrize("cut", [0, 8, 20, 45, 51])
def test_an_answer_is_taken_only_when_it_is_whole(cut: int) -> None:
    whole = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\nx: y\r\n\r\nhello"
    assert split_answer(whole) == (201, b"hello")
    assert split_answer(whole[:cut]) is None


def test_an_answer_without_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="content-length"):
        split_answer(b"HTTP/1.1 200 OK\r\n\r\n")


def test_counts_that_do_not_agree_are_told() -> None:
    said = {"a": None, "b": None, "c": None}
    assert compare_counts("leaves", {"a": 1, "b": 1, "c": 1}, said) == []
    assert compare_counts("leaves", {"a": 2, "d": 1}, said) == [
        "leaves: 2 missing",
        "leaves: 1 besides",
        "leaves: 1 too often",
    ]


class Till:
    """Answers payments after checking form and signature; every tenth is REFUSED."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")
                assert lines[0] == "POST /v1/payments HTTP/1.1"
                headers = dict(line.split(": ", 1) for line in lines[1:] if line)
                body = await reader.readexactly(int(headers["content-length"]))
                answer = self.answer(headers, body)
                writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: %d\r\n\r\n" % len(answer))
                writer.write(answer)
        except asyncio.IncompleteReadError:
            writer.close()

    def answer(self, headers: dict[str, str], body: bytes) -> bytes:
        key = headers["idempotency-key"]
        request = SignedRequest("POST", "/v1/payments", key, body)
        now = datetime.now(UTC) + timedelta(seconds=1)
        verify_request(headers["anfu-signature"], key=signing_key(SECRET), request=request, now=now)
        form = msgspec.json.decode(body, type=PaymentForm)
        self.keys.append(key)
        state = "REFUSED" if len(self.keys) % 10 == 0 else "SUCCEEDED"
        told = {"id": f"pay_{len(self.keys)}", "object": "payment", "state": state}
        return json.dumps({**told, "amount": form.amount}).encode()


async def test_every_request_is_signed_answered_and_counted() -> None:
    till = Till()
    server = await asyncio.start_server(till.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    given = plan(host=host, port=port, warm_up_s=0.05, seconds=0.2)
    result = await run(given)
    server.close()
    await server.wait_closed()
    assert result.sent == len(till.keys) == len(set(till.keys)) == len(result.answered)
    assert result.statuses == {201: result.sent}
    assert result.states == {
        "SUCCEEDED": result.sent - result.sent // 10,
        "REFUSED": result.sent // 10,
    }
    assert sorted(answer.id for answer in result.answered) == sorted(
        f"pay_{n + 1}" for n in range(result.sent)
    )
    (window,) = result.windows
    assert 0 < window.succeeded < len(window.latencies_ms) < result.sent
    assert 0.2 <= window.seconds < 0.4


async def test_kinds_take_turns_and_each_window_is_of_one() -> None:
    till = Till()
    server = await asyncio.start_server(till.serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    kinds = (PLAIN, SECURED, PLAIN)
    given = plan(host=host, port=port, warm_up_s=0, seconds=0.1, kinds=kinds, known=KNOWN)
    result = await run(given)
    server.close()
    await server.wait_closed()
    assert tuple(window.kind for window in result.windows) == kinds
    assert all(0 < w.succeeded <= len(w.latencies_ms) for w in result.windows)
    assert {key.split("-")[1] for key in till.keys} == {PLAIN, SECURED}
