"""Each operation whose answers hold personal data, asked once: its one row says whose they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
from tests.device_page import Page
from tests.journey.access.steps import first, hired, strict
from tests.journey.cases.case_floor import FILE, hold
from tests.journey.checkout_steps import BALANCE, made
from tests.journey.checkout_steps import Page as Checkout
from tests.journey.conftest import House
from tests.journey.factors.authenticators import seed_in
from tests.journey.factors.steps import COOLED, STRONG, begin, totp, with_totp
from tests.journey.firm_town import OWNERSHIP
from tests.journey.licence import FORM, PATH, connect
from tests.journey.test_devices import SESSIONS, visit
from tests.journey.test_feedback import say
from tests.journey.test_keys import FIRM
from tests.journey.test_mandates import PASSWORD, terms_of
from tests.journey.test_onboarding import C, Town

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.settlement_terms import EXAMPLE

# An operation, its answer, and whose data the answer holds.
Step = tuple[str, httpx.Response, list[str]]
Scene = Callable[[Town], AsyncIterator[Step]]


async def customers(town: Town) -> AsyncIterator[Step]:
    office = town.house.office
    one, other = [await office.customer() for _ in range(2)]
    yield "get_customer", await office.get(f"/v1/customers/{one}"), [one]
    yield "list_customers", await office.get("/v1/customers"), [other, one]
    order = {"authority": "Haidian", "reference": "2026-0117"}
    assert (await office.post(f"/v1/customers/{one}/stop_orders", order)).status_code == 201
    yield "list_stop_orders", await office.get(f"/v1/customers/{one}/stop_orders"), [one]
    events = await office.get("/v1/events")
    yield "list_events", events, [one]
    yield "get_event", await office.get(f"/v1/events/{events.json()['data'][0]['id']}"), [one]


async def asked_for(town: Town) -> AsyncIterator[Step]:
    office = town.house.office
    customer, why = await office.customer(), {"reason": "letter, file 2026-117"}
    path = f"/v1/customers/{customer}"
    answer = await office.post(f"{path}/reveal", {"field": "phone", **why})
    yield "reveal_customer", answer, [customer]
    yield "export_customer", await office.post(f"{path}/export", why), [customer]


async def onboardings(town: Town) -> AsyncIterator[Step]:
    onboarding = await town.apply()
    path = f"/v1/onboardings/{onboarding}"
    # no customer yet: the application stands for the person
    yield "get_onboarding", await town.house.office.get(path), [onboarding]
    answer = await town.ask(onboarding, C)
    yield "verify_onboarding", answer, [answer.json()["customer"]]
    customer = answer.json()["customer"]
    yield "get_onboarding", await town.house.office.get(path), [customer]
    came = await town.house.office.get(f"/v1/customers/{customer}/onboarding")
    yield "get_onboarding_of", came, [customer]


async def firms(town: Town) -> AsyncIterator[Step]:
    """A firm stands for the persons behind it."""
    office, second = town.house.office, await town.house.client()
    firm = (await office.post("/v1/firms", FIRM)).json()["id"]
    path = f"/v1/firms/{firm}"
    yield "get_firm", await office.get(path), [firm]
    declared = await office.post(f"{path}/ownerships", OWNERSHIP)
    yield "declare_ownership", declared, [firm]
    confirm = f"{path}/ownerships/{declared.json()['ownerships'][0]['id']}/confirm"
    yield "confirm_ownership", await second.post(confirm), [firm]
    answer = await office.post(f"{path}/verifications", {"kind": "REPRESENTATIVE"})
    yield "verify_firm", answer, [firm]


async def factors(town: Town) -> AsyncIterator[Step]:
    office, payer = town.house.office, await town.house.office.customer()
    factor = await begin(office, payer, "totp")
    path = f"/v1/factors/{factor['id']}"
    setup = await office.get(f"{path}/setup")
    yield "get_factor_setup", setup, [payer]
    code = totp(town.house, seed_in(setup.json()["uri"]))
    yield "confirm_factor", await office.post(f"{path}/confirm", {"code": code}), [payer]
    yield "list_factors", await office.get(f"/v1/customers/{payer}/factors"), [payer]
    yield "end_factor", await office.post(f"{path}/end", {"why": "lost"}), [payer]


async def challenges(town: Town) -> AsyncIterator[Step]:
    """The payer is told the payee's name: it is the payee's data. A firm's is nobody's."""
    office = town.house.office
    payer, payee = await office.customer(deposit=2_000_000), await office.customer()
    payment = await office.pay(payer, payee, 1_000_000, **STRONG)
    path = f"/v1/payments/{payment['id']}/challenge"
    yield "get_challenge", await office.get(path), [payee]
    town.house.clock.advance(timedelta(minutes=1))
    yield "send_code", await office.post(f"{path}/code"), [payee]
    messages = await office.get("/v1/development/messages", to=payer)
    yield "list_messages", messages, [payer]


async def mandates(town: Town) -> AsyncIterator[Step]:
    house, office = town.house, town.house.office
    payer, payee = await office.customer(), await office.merchant()
    await begin(office, payer, "password", password=PASSWORD)
    await with_totp(house, payer)
    house.clock.advance(COOLED)
    terms = {**terms_of(house, payer, payee), "device": "dev_1"}
    mandate = (await office.post("/v1/mandates", terms)).json()["id"]
    path = f"/v1/mandates/{mandate}"
    yield "get_mandate", await office.get(path), [payer]
    yield "list_mandates", await office.get(f"/v1/customers/{payer}/mandates"), [payer]
    yield "get_mandate_challenge", await office.get(f"{path}/challenge"), []
    yield "send_mandate_code", await office.post(f"{path}/challenge/code"), []
    proof = {"factor": "password", "password": PASSWORD}
    yield "prove_mandate", await office.post(f"{path}/challenge", proof), [payer]
    yield "revoke_mandate", await office.post(f"{path}/revoke"), [payer]


async def devices(town: Town) -> AsyncIterator[Step]:
    office, payer = town.house.office, await town.house.office.customer()
    session = await visit(office, Page(), payer)
    await visit(office, Page(), "alice")
    path, device = f"{SESSIONS}/{session['id']}", f"/v1/devices/{session['device']}"
    yield "get_device_session", await office.get(path), [payer]
    yield "bind_device", await office.post(f"{path}/bind"), [payer]
    yield "list_devices", await office.get("/v1/devices", payer=payer), [payer]
    answer = await office.get(device)
    yield "get_device", answer, [tie["payer"] for tie in answer.json()["ties"]]
    assert {tie["payer"] for tie in answer.json()["ties"]} == {payer, "alice"}
    yield "revoke_device", await office.post(f"{device}/revoke", {"payer": payer}), [payer]


async def cases(town: Town) -> AsyncIterator[Step]:
    house = town.house
    await strict(house)
    payee = await house.office.customer()
    payment = await hold(house, payee=payee)
    payer = payment["payer"]
    [case] = (await house.office.get("/v1/cases")).json()["data"]
    path = f"/v1/cases/{case['id']}"
    yield "get_case", await house.office.get(path), [payer, payee]
    attached = (await house.office.post(f"{path}/attachments", FILE)).json()["id"]
    answer = await house.office.get(f"{path}/attachments/{attached}")
    yield "get_case_attachment", answer, [payer, payee]
    answer = await house.office.get(f"/v1/decisions/{payment['decision']}")
    yield "get_decision", answer, [payer, payee]


async def applications(town: Town) -> AsyncIterator[Step]:
    """A representative is no customer: the application stands for the person."""
    async with connect(town.house) as desk:
        created = await desk.maker.post(PATH, FORM)
        one = created.json()["id"]
        yield "create_merchant_application", created, [one]
        amended = await desk.maker.post(f"{PATH}/{one}", FORM)
        yield "amend_merchant_application", amended, [one]
        yield "get_merchant_application", await desk.maker.get(f"{PATH}/{one}"), [one]
        yield "submit_merchant_application", await desk.act(one, "submit"), [one]
        yield "approve_merchant_application", await desk.act(one, "approve"), [one]
        yield "suspend_merchant", await desk.act(one, "suspend"), [one]
        yield "resume_merchant", await desk.act(one, "resume"), [one]
        visit = desk.today.isoformat()
        yield "renew_merchant", await desk.act(one, "renew", visited_on=visit), [one]
        await desk.done(one, "suspend")
        yield "close_merchant", await desk.act(one, "close"), [one]
        other = (await desk.submitted())["id"]
        yield "refuse_merchant_application", await desk.act(other, "refuse"), [other]


async def graph(town: Town) -> AsyncIterator[Step]:
    """Merchants are drawn, and are nobody's data."""
    office = town.house.office
    payer, payee = await office.customer(deposit=1_000), await office.merchant()
    await office.pay(payer, payee, 100, environment={"device": "dev_1"})
    answer = await office.get(f"/v1/graph/account/{payer}")
    accounts = [n["id"] for n in answer.json()["nodes"] if n["kind"] == "account"]
    assert accounts == [payer, payee]
    yield "get_neighbourhood", answer, [payer]


async def settlement_terms(town: Town) -> AsyncIterator[Step]:
    """The account they name is the merchant's."""
    office, second = town.house.office, await town.house.client()
    merchant = await office.merchant(EXAMPLE["account"]["holder"])
    path = f"/v1/merchants/{merchant}/settlement-terms"
    proposed = await office.post(path, EXAMPLE)
    yield "propose_settlement_terms", proposed, [merchant]
    approved = await second.post(f"{path}/{proposed.json()['id']}/approve")
    yield "approve_settlement_terms", approved, [merchant]
    yield "list_settlement_terms", await office.get(path), [merchant]


async def searched(town: Town) -> AsyncIterator[Step]:
    """For whoever is signed in: what is no person's leaves no row."""
    house = town.house
    admins = await first(house, "admin.one"), await first(house, "admin.two")
    reviewer = await hired(house, admins, "li.wei", "reviewer")
    customer, why = await house.office.customer(), {"Anfu-Reason": "measured"}
    yield "search", await reviewer.get(f"/v1/search?q={customer}", why), [customer]
    shop = await house.office.merchant()
    yield "search", await reviewer.get(f"/v1/search?q={shop}", why), []


async def feedback(town: Town) -> AsyncIterator[Step]:
    """A comment is of the payer who wrote it."""
    house = town.house
    payer, payee = await house.office.customer(deposit=10_000), await house.office.merchant()
    page = Checkout(house, (await made(house.office, payee, payer=payer, methods=BALANCE))["url"])
    await page.pay()
    await page.ask("cancel", once="x")
    assert (await say(page, 2, comment="slow")).status_code == 200
    yield "list_feedback", await house.office.get("/v1/feedback"), [payer]


SCENES: dict[Scene, set[str]] = {
    searched: {"search"},
    feedback: {"list_feedback"},
    customers: {"get_customer", "list_customers", "list_stop_orders", "list_events", "get_event"},
    asked_for: {"reveal_customer", "export_customer"},
    onboardings: {"get_onboarding", "get_onboarding_of", "verify_onboarding"},
    firms: {"get_firm", "declare_ownership", "confirm_ownership", "verify_firm"},
    factors: {"get_factor_setup", "confirm_factor", "list_factors", "end_factor"},
    challenges: {"get_challenge", "send_code", "list_messages"},
    mandates: {"get_mandate", "list_mandates", "get_mandate_challenge", "send_mandate_code",
               "prove_mandate", "revoke_mandate"},
    devices: {"get_device_session", "bind_device", "list_devices", "get_device", "revoke_device"},
    cases: {"get_case", "get_case_attachment", "get_decision"},
    applications: {
        "create_merchant_application", "amend_merchant_application", "get_merchant_application",
        "submit_merchant_application", "approve_merchant_application",
        "refuse_merchant_application", "renew_merchant", "suspend_merchant", "resume_merchant",
        "close_merchant",
    },
    graph: {"get_neighbourhood"},
    settlement_terms: {"propose_settlement_terms", "approve_settlement_terms",
                       "list_settlement_terms"},
}  # fmt: skip


def test_every_logged_operation_is_in_a_scene() -> None:
    played = [name for names in SCENES.values() for name in names]
    assert sorted(played) == sorted(o.name for o in operations(development_mode=True) if o.personal)


async def rows(house: House) -> list[tuple[str, str, list[str]]]:
    """The access log as it stands."""
    async with house.database.transaction(readonly=True) as tx:
        found = await tx.fetch("SELECT id, operation, subjects FROM parties.access_log")
    return [(row["id"], row["operation"], list(row["subjects"])) for row in found]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_an_answer_leaves_the_one_row_that_says_whose_it_is(town: Town, scene: Scene) -> None:
    played: set[str] = set()
    seen = await rows(town.house)
    async for name, answer, whose in scene(town):
        assert answer.status_code in (200, 201), (name, answer.text)
        after = await rows(town.house)
        mine = [(n, people) for id_, n, people in after if n == name and id_ not in ids_of(seen)]
        assert mine == ([(name, whose)] if whose else []), name
        played.add(name)
        seen = after
    assert played == SCENES[scene]


def ids_of(found: list[tuple[str, str, list[str]]]) -> set[str]:
    return {id_ for id_, _, _ in found}
