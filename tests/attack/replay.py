"""Replay: what was right once is sent again, elsewhere or too late, and changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from tests.attack.caller import Caller, code_of
from tests.attack.guessing import code_sent
from tests.attack.makers import LARGE, PASSWORD, challenged, pay, proposed, with_totp
from tests.attack.place import Digest, Place
from tests.attack.tally import Tally
from tests.device_page import Page

from anfu.app.main import wire
from anfu.authentication.otp import hotp, step_at
from anfu.channels.sandbox.messages import Place as Line
from anfu.channels.sandbox.messages import sign
from anfu.channels.webhooks import sign_webhook, verify_webhook
from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SystemEntropy

_NOTICES = "/v1/channels/sandbox/notices"


async def attack(place: Place) -> list[Tally]:
    """Each in turn."""
    return [
        await _requests(place),
        await _proofs(place),
        await _agreements(place),
        await _profiles(place),
        await _notices(place),
        _webhooks(),
    ]


async def _still(place: Place, tally: Tally, what: str, before: Digest, good: bool) -> None:
    tally.judge(what, good and await place.digest() == before)


async def _requests(place: Place) -> Tally:
    """A signed payment that somebody recorded."""
    tally = Tally("replay of signed requests", "signature over all of it, 300 s, idempotency key")
    customer = await place.customer(deposit=100_000)
    body = {"payer": customer, "payee": place.merchant, "amount": 500, "currency": "CNY",
            "method": {"type": "balance"}, "factors": ["password", "sms_code"]}  # fmt: skip
    recorded = place.own.request("POST", "/v1/payments", body)
    first = await place.http.send(recorded)
    assert first.status_code == 201, first.text
    before = await place.digest()
    for _ in range(3):
        again = await place.http.send(_copy(recorded))
        same = again.content == first.content
        await _still(place, tally, f"the same again: {again.text[:80]}", before, same)
    changes: dict[str, dict[str, Any]] = {
        "another amount": {"content": recorded.content.replace(b"500", b"501")},
        "another query": {"url": "/v1/payments?x=1"},
        "another path": {"url": "/v1/refunds"},
        "another key": {"headers": {"Idempotency-Key": "other"}},
        "another caller": {"headers": {"Anfu-Key": str(place.other.key)}},
        "no idempotency key": {"without": "Idempotency-Key"},
    }
    for name, change in changes.items():
        answer = await place.http.send(_copy(recorded, **change))
        stopped = answer.status_code == 401
        await _still(place, tally, f"{name}: {answer.text[:80]}", before, stopped)
    for late_s in (301.0, 3_600.0, 86_400.0 * 400, -301.0):
        answer = await place.own.ask("POST", "/v1/payments", body, late_s=late_s)
        stopped = code_of(answer) == "signature_expired"
        await _still(place, tally, f"{late_s} s late: {answer.text[:80]}", before, stopped)
    return tally


def _copy(
    request: httpx.Request, *, content: bytes | None = None, url: str | None = None,
    headers: dict[str, str] | None = None, without: str | None = None,
) -> httpx.Request:  # fmt: skip
    """The request as recorded, but for what is named."""
    kept = {name: value for name, value in request.headers.items()
            if name not in ("content-length", (without or "").lower())}  # fmt: skip
    target = request.url if url is None else request.url.join(url)
    sent = request.content if content is None else content
    copied = httpx.Request(request.method, target, headers=kept, content=sent)
    copied.headers.update(headers or {})
    return copied


async def _proofs(place: Place) -> Tally:
    """Codes that were right once; tickets of what has ended."""
    tally = Tally("replay of proofs and tickets", "a code is good once; bound to one payment")
    customer = await place.customer(deposit=4 * LARGE)
    _, seed = await with_totp(place, customer)
    first = await challenged(place, customer)
    ticket = (await place.office.make(f"/v1/payments/{first['id']}/ticket"))["ticket"]
    path = f"/v1/payments/{first['id']}/challenge"
    await place.office.make(f"{path}/code")
    sms = await code_sent(place, customer)
    code = hotp(seed, step_at(now=datetime.now(UTC)) + 1)
    done = await place.office.ask("POST", path, {"factor": "totp", "code": code})
    assert done.json()["state"] == "SUCCEEDED", done.text
    second = await challenged(place, customer)
    other = f"/v1/payments/{second['id']}/challenge"
    for target, factor, old in ((other, "totp", code), (other, "sms_code", sms),
                                (path, "totp", code), (path, "sms_code", sms)):  # fmt: skip
        answer = await place.office.ask("POST", target, {"factor": factor, "code": old})
        stopped = code_of(answer) in ("challenge_failed", "payment_not_challenged")
        tally.judge(f"{factor} again: {answer.text[:80]}", stopped)
    before = await place.digest()
    for name, body in (("challenge", {"ticket": ticket}),
                       ("code", {"ticket": ticket, "once": "1"}),
                       ("answer", {"ticket": ticket, "once": "1", "answer": {"code": sms}}),
                       ("setup", {"ticket": ticket})):  # fmt: skip
        answer = await place.nobody.ask("POST", f"/v1/checkout/{name}", body)
        stopped = not answer.is_success
        await _still(place, tally, f"old ticket, {name}: {answer.text[:80]}", before, stopped)
    return tally


async def _agreements(place: Place) -> Tally:
    """What a page sent to agree to a mandate, again, for another one, and with its ticket later."""
    tally = Tally("replay of agreements", "bound to one mandate and its terms; good once")
    customer = await place.customer()
    await with_totp(place, customer)
    first, second = [await proposed(place, customer) for _ in range(2)]
    asked = await place.own.read(f"/v1/mandates/{first['id']}/challenge")
    ticket, path = str(first["page"]["ticket"]), "/v1/checkout/mandate/answer"
    right = {"ticket": ticket, "once": "1", "shown": asked["linked"]["order"],
             "answer": {"factor": "password", "password": PASSWORD}}  # fmt: skip
    done = await place.nobody.ask("POST", path, right)
    assert done.json()["challenge"]["proven"] == ["password"], done.text
    before = await place.digest()
    for name, changed in {
        "the same again": {}, "under another mark": {"once": "2"},
        "with another answer": {"answer": {"factor": "totp", "code": "000000"}},
        "for another mandate": {"ticket": ticket.replace(first["id"], second["id"])},
    }.items():  # fmt: skip
        answer = await place.nobody.ask("POST", path, {**right, **changed})
        stopped = not answer.is_success or answer.content == done.content
        await _still(place, tally, f"{name}: {answer.text[:80]}", before, stopped)
    await place.own.make(f"/v1/mandates/{first['id']}/revoke")
    before = await place.digest()
    for name, body in {"answer": {**right, "once": "3"}, "code": {"once": "3"},
                       "decline": {"once": "3"}}.items():  # fmt: skip
        late = {"ticket": ticket, **body}
        answer = await place.nobody.ask("POST", f"/v1/checkout/mandate/{name}", late)
        stopped = code_of(answer) == "mandate_not_pending"
        await _still(place, tally, f"ended, {name}: {answer.text[:80]}", before, stopped)
    return tally


async def _profiles(place: Place) -> Tally:
    """A device's profile, recorded and sent for another session."""
    tally = Tally("replay of device profiles", "a profile is signed over its session's nonce")
    page, path = Page(), "/v1/device-sessions"
    victim = await place.own.make(path, {"payer": "alice"})
    recorded = page.profile(victim["nonce"])
    await place.own.make(f"{path}/{victim['id']}/profile", recorded)
    forged = {**page.profile("A" * 43)}
    for caller in (place.own, place.other):
        thief = await caller.make(path, {"payer": "alice"})
        seen = await caller.make(f"{path}/{thief['id']}/profile", recorded)
        tally.judge(f"recorded: {seen['standing']}", seen["standing"] == "REJECTED")
        another = await caller.make(path, {"payer": "alice"})
        seen = await caller.make(f"{path}/{another['id']}/profile", forged)
        tally.judge(f"a nonce made up: {seen['standing']}", seen["standing"] == "REJECTED")
    return tally


async def _notices(place: Place) -> Tally:
    """What the network posts, again and changed; and what others post in its name."""
    tally = Tally("replay and forgery of network notices", "Ed25519, addressee, 300 s, amounts")
    paid = await pay(place, await place.customer(), 700, by=place.own,
                     method={"type": "sandbox", "card": "tok_good"})  # fmt: skip
    network = wire(place.stack.environment).network()
    said = {"payment": paid["id"], "refund": None, "state": "PAID", "reference": "sbx_1",
            "reason": None, "amount": 700, "currency": "CNY"}  # fmt: skip
    body, now = canonical_bytes(said), datetime.now(UTC)
    entropy, line = SystemEntropy(), Line("POST", _NOTICES)
    right = sign(network, line, body, now=now, entropy=entropy)
    first = await _post(place, body, right)
    before = await place.quiet()  # the network told us of it by itself, too
    again = await _post(place, body, right)
    same = again.status_code == first.status_code
    await _still(place, tally, f"the same again: {again.text[:80]}", before, same)
    stale = sign(network, line, body, now=now - timedelta(hours=1), entropy=entropy)
    less = canonical_bytes({**said, "amount": 1})
    declined = canonical_bytes({**said, "state": "DECLINED"})
    for name, sent, headers in (
        ("stale", body, stale), ("amount changed on the way", less, right),
        ("outcome changed on the way", declined, right), ("not signed", body, {}),
        ("another amount, signed", less, sign(network, line, less, now=now, entropy=entropy)),
    ):  # fmt: skip
        answer = await _post(place, sent, headers)
        stopped = not answer.is_success
        await _still(place, tally, f"{name}: {answer.text[:80]}", before, stopped)
    return tally


async def _post(place: Place, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return await Caller(place.http).ask("POST", _NOTICES, body, headers=headers)


def _webhooks() -> Tally:
    """What a merchant's server does with a webhook that was recorded, or changed."""
    tally = Tally("replay and forgery of webhooks", "HMAC-SHA256 over time and body, 300 s")
    now, body, secret = datetime.now(UTC), b'{"amount":500}', b"k" * 32
    header = sign_webhook([secret], body, now=now)
    verify_webhook(secret, header, body, now=now)
    hour = timedelta(hours=1)
    for name, key, sent, at in (
        ("an hour later", secret, body, now + hour), ("changed", secret, body + b" ", now),
        ("by another", b"x" * 32, body, now),
    ):  # fmt: skip
        try:
            verify_webhook(key, header, sent, now=at)
        except Refused:
            tally.judge(name, True)
        else:
            tally.judge(name, False)
    return tally
