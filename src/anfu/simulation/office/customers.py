"""Customers with factors, devices, mandates and agreed limits."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from anfu.authentication.otp import hotp, step_at
from anfu.simulation.office.days import Town
from anfu.simulation.office.member import seed_in
from anfu.simulation.register import CURRENCY, done

_PASSWORD = "demo-Heron-7"  # noqa: S105 - of people who are made up
_SESSIONS = "/v1/device-sessions"


async def set_up_factors(town: Town) -> dict[str, bytes]:
    """A password and an app of the first three customers, and a device of each that is bound; the
    apps' seeds. A new factor cools off for a day. Raises OutsideFailure."""
    seeds = {}
    for customer in town.customers[:3]:
        path = f"/v1/customers/{customer}/factors"
        await town.post(path, {"kind": "password", "label": "支付密码", "password": _PASSWORD})
        factor = await town.post(path, {"kind": "totp", "label": "我的手机"})
        setup = done(await town.client.get(f"/v1/factors/{factor['id']}/setup")).body
        seeds[customer] = seed_in(setup["uri"])
        await town.post(
            f"/v1/factors/{factor['id']}/confirm", {"code": _code(town, seeds[customer])}
        )
        await visit(town, customer)
    return seeds


async def visit(town: Town, customer: str) -> str:
    """The customer's page sends a profile signed by its own key, which is bound; the device."""
    session = await town.post(_SESSIONS, {"payer": customer})
    path = f"{_SESSIONS}/{session['id']}"
    seen = await town.post(f"{path}/profile", _profile(str(session["nonce"])))
    await town.post(f"{path}/bind")
    return str(seen["device"])


async def agree_mandates(town: Town, seeds: dict[str, bytes]) -> None:
    """A mandate each: the last one waits for its customer; the first one is drawn on."""
    proposed = {customer: await _propose(town, customer) for customer in seeds}
    for customer in list(seeds)[:-1]:
        path = f"/v1/mandates/{proposed[customer]}/challenge"
        await town.post(path, {"factor": "password", "password": _PASSWORD})
        await town.post(path, {"factor": "totp", "code": _code(town, seeds[customer])})
    first = next(iter(seeds))
    await town.post("/v1/payments", {
        "payer": first, "payee": town.merchants[0], "amount": 1_800, "currency": CURRENCY,
        "method": {"type": "balance"}, "mandate": proposed[first], "order": "ride-1",
    })  # fmt: skip


async def agree_limits(town: Town) -> None:
    """A customer lowers what it may pay from its balance in a day."""
    wish = {"metric": "balance_payment", "window": "natural_day", "currency": CURRENCY}
    path = f"/v1/customers/{town.customers[0]}/limits"
    await town.post(path, {**wish, "most": 300_000})


async def apply_as_firm(town: Town) -> None:
    """A firm asks to be a customer and says who owns it; nobody has verified it yet."""
    made = await town.post("/v1/firms", _FIRM)
    await town.post(f"/v1/firms/{made['id']}/ownerships", {
        "owners": [{**_officer("王富贵", "110105198512319015"), "since": "2020-01-01",
                    "shares": 6_000, "votes": 6_000, "income": 6_000}],
        "rest_reason": "员工持股，每人不足百分之一 200 employees, each under 1 %",
    })  # fmt: skip


async def ask_to_be_forgotten(town: Town) -> None:
    """A customer that never paid wants its data erased; another person has to agree."""
    document = {"type": "CITIZEN_ID", "number": "110105199003077710"}
    person = {"name": "陈小安", "phone": "13900139000", "document": document}
    customer = await town.post("/v1/customers", person)
    wish = {"reason": "客户来电注销 the customer called to close"}
    await town.post(f"/v1/customers/{customer['id']}/erasures", wish)


async def pay_too_late(town: Town) -> None:
    """The network pays what we shall have closed; the money goes back by itself as days go by."""
    payer = town.customers[1]
    await town.post("/v1/payments", {
        "payer": payer, "payee": town.merchants[0], "amount": 3_600, "currency": CURRENCY,
        "method": {"type": "sandbox", "card": "tok_late_success"}, "order": "late-1",
        "factors": ["password", "device_key"], "environment": {"device": f"phone-{payer[-6:]}"},
    })  # fmt: skip


async def dispute(town: Town) -> None:
    """A payer says of a payment that it was none of theirs; of the next one, that it was."""
    found = done(await town.client.get("/v1/payments?state=SUCCEEDED&limit=2")).body["data"]
    for payment, label in zip(found, ("FRAUD", "HONEST"), strict=True):
        said = {"payment": payment["id"], "label": label, "source": "cardholder"}
        await town.post("/v1/labels", said)


async def _propose(town: Town, customer: str) -> str:
    ends = town.clock.now() + timedelta(days=90)
    made = await town.post("/v1/mandates", {
        "customer": customer, "merchant": town.merchants[0], "currency": CURRENCY,
        "per_payment": 2_000, "per_day": 5_000, "per_month": 80_000,
        "ends_at": ends.isoformat(timespec="seconds"), "purpose": "乘车 rides",
    })  # fmt: skip
    return str(made["id"])


def _code(town: Town, seed: bytes) -> str:
    return hotp(seed, step_at(now=town.clock.now()))


def _profile(nonce: str) -> dict[str, str]:
    """What the device SDK returns of a quiet phone."""
    key = generate_private_key(SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    said = {"v": 1, "nonce": nonce, "key": _text(point), "device": None, "traits": _TRAITS,
            "seen": _SEEN}  # fmt: skip
    payload = json.dumps(said)
    r, s = decode_dss_signature(key.sign(payload.encode(), ECDSA(SHA256())))
    return {"payload": payload, "signature": _text(r.to_bytes(32, "big") + s.to_bytes(32, "big")),
            "address": "203.0.113.7"}  # fmt: skip


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _officer(name: str, number: str) -> dict[str, object]:
    return {"name": name, "phone": "13800138000", "document_until": "2036-11-23",
            "document": {"type": "CITIZEN_ID", "number": number}}  # fmt: skip


# The number is the example of GB 32100-2015.
_FIRM = {
    "name": "福州榕树贸易有限公司", "credit_code": "91350100M000100Y43",
    "address": "福州市鼓楼区五四路1号", "business_scope": "日用百货批发", "business": "GENERAL",
    "licence_until": None, "representative": _officer("林平", "11010519491231002X"),
    "day_amount": 10_000_000, "day_count": 20,
}  # fmt: skip
_TRAITS = {
    "canvas": "c-7", "webgl": "Adreno 740", "audio": "124.0", "screen": "412x915x3",
    "pixels": "24", "cores": "8", "memory": "8", "platform": "Linux armv81", "engine": "blink",
    "touch": "5", "languages": "zh-CN", "time_zone": "Asia/Shanghai", "plugins": "p-0",
}  # fmt: skip
_SEEN: dict[str, Any] = {
    "user_agent": "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile",
    "platform": "Linux armv81", "language": "zh-CN", "languages": ["zh-CN"],
    "time_zone": "Asia/Shanghai", "offset_min": 480,
    "graphics": {"vendor": "Qualcomm", "renderer": "Adreno 740", "steady": True, "blank": False},
    "timing": {"dwell_ms": 8_200, "keys": 6, "moves": 14, "clicks": 4, "untrusted": 0,
               "key_gap_ms": 210.0, "key_gap_std_ms": 70.0, "move_gap_std_ms": 9.0},
    "webdriver": False, "automation": [], "altered": [], "hints": [], "developer_tools": False,
    "touch_points": 5, "outer_width": 412, "outer_height": 915, "screen_width": 412,
    "screen_height": 915, "plugins": 0, "brands": [],
}  # fmt: skip
