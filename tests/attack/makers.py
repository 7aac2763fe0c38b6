"""One object of each kind, as the first merchant or the institution has it, so that an attacker
asks for what is there. Whoever adds a path parameter to the API adds its maker here: a test fails
until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.attack.place import Place
from tests.device_page import Page
from tests.journey.cases.case_floor import FILE
from tests.journey.conftest import order
from tests.journey.factors.authenticators import seed_in
from tests.journey.licence import FORM as APPLICATION
from tests.journey.test_lists_over_http import declared
from tests.journey.test_models import form as model_form

from anfu.authentication.otp import hotp, step_at
from anfu.entrypoints.api.settlement_terms import EXAMPLE as TERMS

PASSWORD = "blue-Heron-7"
LARGE = 1_000_000
RULE = {"id": "drawn", "condition": "amount = 7", "grade": "LOW", "points": 1,
        "reason": "DRAWN", "en": "Drawn", "zh": "抽取"}  # fmt: skip
Names = dict[str, str]


async def _customer(place: Place, _names: Names) -> Names:
    customer = await place.customer(deposit=8 * LARGE)
    names = {"customer": customer, "party": customer, "currency": "CNY"}
    return {**names, "merchant": place.merchant, "account": f"{customer}:balance:CNY"}


async def _payment(place: Place, names: Names) -> Names:
    """One that is paid and refunded in part; its decision, its events and their deliveries."""
    await place.own.make("/v1/webhook_endpoints", {"url": "https://shop.example/anfu"})
    paid = await pay(place, names["customer"], 1_000)
    wish = {"payment": paid["id"], "amount": 1}
    refund = await place.own.make("/v1/refunds", wish)
    events = (await place.own.read("/v1/events"))["data"]
    deliveries = (await place.own.read("/v1/deliveries"))["data"]
    endpoints = (await place.own.read("/v1/webhook_endpoints"))["data"]
    return {"payment": paid["id"], "subject": paid["id"], "decision": paid["decision"],
            "refund": refund["id"], "event": events[0]["id"], "delivery": deliveries[0]["id"],
            "endpoint": endpoints[0]["id"], "channel": "sandbox"}  # fmt: skip


async def _identity(place: Place, _names: Names) -> Names:
    """Somebody who applies for an account."""
    applicant = {key: value for key, value in _stranger().items() if key != "account_class"}
    made = await place.own.make("/v1/onboardings", {**applicant, "document_until": "2036-11-23"})
    return {"onboarding": made["id"]}


async def _firm(place: Place, _names: Names) -> Names:
    """A firm that applies, with owners that nobody has confirmed."""
    officer = {key: value for key, value in _stranger().items() if key != "account_class"}
    officer["document_until"] = "2036-11-23"
    made = await place.own.make("/v1/firms", {
        "name": "福州小红贸易有限公司", "credit_code": "91350100M000100Y43",
        "address": "福州市五四路1号", "business_scope": "批发",
        "business": "GENERAL", "licence_until": None, "representative": officer,
        "day_amount": 100_000, "day_count": 10,
    })  # fmt: skip
    owners = {"owners": [{**officer, "since": "2020-01-01", "shares": 10_000}]}
    declared = await place.own.make(f"/v1/firms/{made['id']}/ownerships", owners)
    return {"firm": made["id"], "ownership": declared["ownerships"][0]["id"]}


def _stranger() -> dict[str, Any]:
    document = {"type": "CITIZEN_ID", "number": "11010519491231002X"}
    return {"name": "王小红", "phone": "13900139000", "document": document}


async def _factor(place: Place, names: Names) -> Names:
    factor, _ = await with_totp(place, names["customer"])
    return {"factor": factor}


async def _mandate(place: Place, names: Names) -> Names:
    """One that waits for its proof."""
    return {"mandate": await mandate(place, names["customer"])}


async def _device(place: Place, names: Names) -> Names:
    """A device that was seen, and its session."""
    session = await place.own.make("/v1/device-sessions", {"payer": names["customer"]})
    path = f"/v1/device-sessions/{session['id']}/profile"
    seen = await place.own.make(path, Page().profile(session["nonce"]))
    return {"session": session["id"], "device": seen["device"]}


async def _rule(place: Place, _names: Names) -> Names:
    """A draft, and a proposal about it."""
    await place.office.make("/v1/rules", RULE)
    wish = await place.office.make("/v1/rules/drawn/shadow", {"why": "to see"})
    force = await place.office.read("/v1/rule_sets/in_force")
    version = force["version"]
    return {"rule": "drawn", "proposal": wish["id"], "version": version, "other": version}


async def _list(place: Place, _names: Names) -> Names:
    """A list that a second person agreed to."""
    wish = await place.office.make("/v1/lists", declared())
    second = await place.key()
    await second.make(f"/v1/proposals/{wish['proposal']}/approve", {})
    return {"list": "mule_devices"}


async def _backtest(place: Place, _names: Names) -> Names:
    now = datetime.now(UTC)
    wish = {"start": (now - timedelta(days=30)).isoformat(), "end": now.isoformat(),
            "rules": [RULE], "label_delay_days": 1}  # fmt: skip
    made = await place.office.make("/v1/backtests", wish)
    return {"backtest": made["id"]}


async def _model(place: Place, _names: Names) -> Names:
    made = await place.office.make("/v1/models", model_form([1.0], "amount"))
    return {"model": made["id"]}


async def _multiplier(place: Place, _names: Names) -> Names:
    wish = {"rule": "CN-NP43-24-2", "hundredths": 200, "reason": "rated A in 2026"}
    made = await place.office.make("/v1/limits/multipliers", wish)
    return {"multiplier": made["id"]}


async def _same_day(place: Place, _names: Names) -> Names:
    """A change that waits for a second person; off needs no 90 days."""
    path = f"/v1/merchants/{place.merchant}/same-day"
    made = await place.office.make(path, {"on": False, "reason": "complaints"})
    return {"same_day": made["id"]}


async def _settlement(place: Place, _names: Names) -> Names:
    """Terms that wait for a second person; a settlement and its payout in a batch, put
    there by the database's owner: no day ends while an attack lasts."""
    path = f"/v1/merchants/{place.merchant}/settlement-terms"
    today = datetime.now(UTC).date()
    made = await place.office.make(
        path, {**TERMS, "from_day": (today + timedelta(days=1)).isoformat()}
    )
    for statement in _SETTLED:
        await place.owner.execute(statement, place.merchant, made["id"], today)
    return {"terms": made["id"], "settlement": "stl_1", "payout": "pyo_1", "batch": "pyb_1",
            "period": today.isoformat()}  # fmt: skip


_SETTLED = (
    "INSERT INTO settlement.settlement (id, merchant, currency, day, since, until, cycle, terms,"
    " payable_on, carried_in, payments, refunds, returned, other, fees, retained, released, paid,"
    " carried_out, at) VALUES ('stl_1', $1, 'CNY', $3::date, $3::date, $3::date + 1, 'NEXT_DAY',"
    " $2, $3::date + 1, 0, 9, 0, 0, 0, 0, 0, 0, 9, 0, now())",
    "INSERT INTO settlement.payout_batch (id, currency, payable_on, count, total, people, made_at)"
    " SELECT 'pyb_1', 'CNY', $3::date, 1, 9, 2, now() WHERE $1 <> $2",
    "INSERT INTO settlement.payout (id, settlement, merchant, currency, amount, payable_on, terms,"
    " state, batch, made_at, moved_at)"
    " VALUES ('pyo_1', 'stl_1', $1, 'CNY', 9, $3::date, $2, 'PREPARED', 'pyb_1', now(), now())",
)


async def _application(place: Place, _names: Names) -> Names:
    """A draft of an application to be a merchant: the registries are not there to be asked."""
    made = await place.office.make("/v1/merchant-applications", APPLICATION)
    return {"application": made["id"]}


async def _case(place: Place, names: Names) -> Names:
    """A payment by a new device to a new payee, far above habit, which a person must look at."""
    customer = await place.customer(deposit=500_000)
    for _ in range(3):
        await pay(place, customer, 1_000, environment={"device": "dev_known"})
    shop = await place.office.make("/v1/merchants", {"name": "Elsewhere"})
    held = await pay(place, customer, 100_000, payee=shop["id"], by=place.office,
                     environment={"device": "dev_new"})  # fmt: skip
    assert held["state"] == "IN_REVIEW", held
    cases = (await place.office.read(f"/v1/cases?event={held['id']}"))["data"]
    case = cases[0]["id"]
    attached = await place.office.make(f"/v1/cases/{case}/attachments", FILE)
    return {"case": case, "attachment": attached["id"], "kind": "account", "id": names["customer"]}


async def _task(place: Place, _names: Names) -> Names:
    """Something to see to, as a network that fails would leave it."""
    await place.owner.execute(
        "INSERT INTO payments.task (id, kind, subject, detail, opened_at, due_at)"
        " VALUES ('tsk_01kaw000000000000000000000', 'REFUND_LATE', 'rfd_1', '{}', now(), now())"
    )
    return {"task": "tsk_01kaw000000000000000000000"}


async def _access(place: Place, _names: Names) -> Names:
    """An account of the staff that nobody has set up, and a key of the merchant's own."""
    wish = {"login": "li.wei", "name": "李伟", "roles": ["analyst"]}
    account = await place.office.make("/v1/staff", wish)
    key = await place.own.make("/v1/keys", {"label": "till", "scopes": ["payments:read"]})
    return {"staff": account["id"], "key": key["id"]}


async def _erasure(place: Place, _names: Names) -> Names:
    """A wish to be forgotten that waits for a second person."""
    path = f"/v1/customers/{await place.customer()}/erasures"
    made = await place.office.make(path, {"reason": "letter, file 2026-117"})
    return {"erasure": made["id"]}


async def _bill(place: Place, names: Names) -> Names:
    """A line nobody knows, and what somebody proposes to do about it."""
    keys = {"bill": "bil_01kaw000000000000000000001", "item": "rci_01kaw000000000000000000001"}
    await place.owner.execute(
        "INSERT INTO settlement.bill (id, channel, kind, day, state, name, digest, size, at, by)"
        " VALUES ($1, 'sandbox', 'TRADE', '2026-01-01', 'IN_FORCE', 'bill', $2, 0, now(), 'auto')",
        keys["bill"], bytes(32),
    )  # fmt: skip
    await place.owner.execute(
        "INSERT INTO settlement.item (id, bill, channel, leg, day, class, state, number, refund,"
        " reference, row, line_amount, line_currency, line_state, found_at, updated_at) VALUES"
        " ($1, $2, 'sandbox', 'TRADE', '2026-01-01', 'LONG', 'LONG', $3, '', 'sbx_1', 1, 100,"
        " 'CNY', 'DONE', now(), now())",
        keys["item"], keys["bill"], names["payment"],
    )  # fmt: skip
    wish = {"act": "VOID", "reason": "a line of a test"}
    made = await place.office.make(f"/v1/reconciliation-items/{keys['item']}/treatments", wish)
    return {**keys, "treatment": made["id"]}


async def _request(place: Place, _: Names) -> Names:
    """A request that was noted: about a second after it was asked."""
    for _ in range(50):
        if noted := (await place.office.read("/v1/requests?limit=1"))["data"]:
            return {"request": noted[0]["id"]}
        await asyncio.sleep(0.2)
    raise AssertionError("no request was noted within ten seconds")


async def _checkout(place: Place, names: Names) -> Names:
    return {"checkout": (await asked_for(place, names["customer"]))["id"]}


async def asked_for(place: Place, customer: str) -> dict[str, Any]:
    """What the first merchant asks the customer for, on our page."""
    return await place.own.make("/v1/checkouts", {
        "payee": place.merchant, "payer": customer, "amount": 1_000, "currency": "CNY",
        "description": "tea", "methods": [{"type": "balance"}],
    })  # fmt: skip


async def _showing(place: Place, names: Names) -> Names:
    made = await place.office.make("/v1/showings", {"customer": names["customer"]})
    return {"showing": made["id"]}


Maker = Callable[[Place, Names], Awaitable[Names]]
# In this order: each is handed the names of those before.
MAKERS: Mapping[Maker, frozenset[str]] = {
    _customer: frozenset({"customer", "party", "currency", "merchant", "account"}),
    _payment: frozenset({"payment", "subject", "decision", "refund", "event", "delivery",
                         "endpoint", "channel"}),
    _identity: frozenset({"onboarding"}),
    _firm: frozenset({"firm", "ownership"}),
    _factor: frozenset({"factor"}),
    _mandate: frozenset({"mandate"}),
    _device: frozenset({"session", "device"}),
    _rule: frozenset({"rule", "proposal", "version", "other"}),
    _list: frozenset({"list"}),
    _backtest: frozenset({"backtest"}),
    _model: frozenset({"model"}),
    _multiplier: frozenset({"multiplier"}),
    _same_day: frozenset({"same_day"}),
    _settlement: frozenset({"terms", "settlement", "payout", "batch", "period"}),
    _application: frozenset({"application"}),
    _case: frozenset({"case", "attachment", "kind", "id"}),
    _task: frozenset({"task"}),
    _access: frozenset({"staff", "key"}),
    _erasure: frozenset({"erasure"}),
    _bill: frozenset({"bill", "item", "treatment"}),
    _request: frozenset({"request"}),
    _checkout: frozenset({"checkout"}),
    _showing: frozenset({"showing"}),
}  # fmt: skip
MADE = frozenset().union(*MAKERS.values())


async def make_all(place: Place) -> Names:
    """Path parameter -> the name of an object that is there. Made once a place."""
    if place.names:
        return place.names
    names: Names = {}
    for maker, made in MAKERS.items():
        more = await maker(place, names)
        assert more.keys() == made, maker.__name__
        names |= more
    place.names = names
    return names


async def pay(
    place: Place, payer: str, amount: int, payee: str = "", by: Any = None, **more: Any
) -> dict[str, Any]:
    """A payment from the balance, whatever became of it."""
    wish = order(payer, payee or place.merchant, amount, **more)
    return dict(await (by or place.own).make("/v1/payments", wish))


async def challenged(place: Place, customer: str) -> dict[str, Any]:
    """A payment that waits for a proof: the first large one to a payee never seen."""
    shop = await place.office.make("/v1/merchants", {"name": "New Shop"})
    payment = await pay(place, customer, LARGE, payee=shop["id"], by=place.office,
                        factors=["password", "certificate"])  # fmt: skip
    assert payment["state"] == "CHALLENGED", payment
    return payment


async def with_totp(place: Place, customer: str) -> tuple[str, bytes]:
    """An authenticator app, confirmed, and its seed."""
    made = await place.own.make(
        f"/v1/customers/{customer}/factors", {"kind": "totp", "label": "app"}
    )
    uri = (await place.own.read(f"/v1/factors/{made['id']}/setup"))["uri"]
    seed = seed_in(uri)
    code = hotp(seed, step_at(now=datetime.now(UTC)))
    await place.own.make(f"/v1/factors/{made['id']}/confirm", {"code": code})
    return str(made["id"]), seed


async def mandate(place: Place, customer: str) -> str:
    """A mandate that waits for password and app."""
    return str((await proposed(place, customer))["id"])


async def proposed(place: Place, customer: str) -> dict[str, Any]:
    """Such a mandate, as the merchant was answered. The cooling-off is over: the database's owner
    turned the clock, which nobody else can."""
    listed = (await place.own.read(f"/v1/customers/{customer}/factors"))["data"]
    if "password" not in {factor["kind"] for factor in listed}:
        form = {"kind": "password", "label": "p", "password": PASSWORD}
        await place.own.make(f"/v1/customers/{customer}/factors", form)
    await place.owner.execute(
        "UPDATE authentication.factor SET usable_from = created_at WHERE customer = $1"
        " AND state = 'ACTIVE'", customer,
    )  # fmt: skip
    ends = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    terms = {"customer": customer, "merchant": place.merchant, "currency": "CNY",
             "per_payment": 2_000, "per_day": 5_000, "per_month": 8_000, "ends_at": ends,
             "purpose": "rides"}  # fmt: skip
    return await place.own.make("/v1/mandates", terms)
