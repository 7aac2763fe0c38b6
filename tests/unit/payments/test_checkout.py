"""A checkout follows from its payments; its page is opened by a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anfu.kernel.errors import Refused
from anfu.payments.checkouts.checkout import (
    Checkout,
    Line,
    Offer,
    Standing,
    State,
    Try,
    check_lines,
    check_page_key,
    page_key,
)
from anfu.payments.checkouts.choose import Choosing, claim, needs_proof, offer_of
from anfu.payments.checkouts.origins import check_origin, origin_of
from anfu.payments.payment import State as Paid

NOW = datetime(2027, 1, 4, 4, tzinfo=UTC)
LATER = NOW + timedelta(minutes=30)
CHECKOUT = Checkout(
    "chk_1", "mer_1", "cus_1", 4_600, "CNY", None, "tea", (), (Offer("balance"), Offer("wechat")),
    None, NOW, LATER,
)  # fmt: skip


def standing(*states: Paid) -> Standing:
    tries = tuple(Try(f"pay_{number}", state, 0) for number, state in enumerate(states))
    return Standing(CHECKOUT, tries)


@pytest.mark.parametrize(
    ("states", "wanted"),
    [
        ((), State.OPEN),
        ((Paid.FAILED,), State.OPEN),
        ((Paid.REFUSED, Paid.CANCELLED, Paid.EXPIRED, Paid.REJECTED), State.OPEN),
        ((Paid.FAILED, Paid.SENDING), State.PAYING),
        ((Paid.UNKNOWN,), State.PAYING),
        ((Paid.AWAITING,), State.PAYING),
        ((Paid.CHALLENGED,), State.PAYING),
        ((Paid.IN_REVIEW,), State.PAYING),
        ((Paid.FAILED, Paid.SUCCEEDED), State.PAID),
        ((Paid.FAILED, Paid.BLOCKED), State.CLOSED),
        ((Paid.FAILED,) * 6, State.CLOSED),
        ((Paid.FAILED,) * 5 + (Paid.SENDING,), State.PAYING),
    ],
)
def test_how_it_stands(states: tuple[Paid, ...], wanted: State) -> None:
    assert standing(*states).state(now=NOW) is wanted


def test_no_payment_begins_too_late_and_one_that_has_begun_goes_on() -> None:
    before = LATER - timedelta(milliseconds=1)
    assert standing().state(now=before) is State.OPEN
    assert standing().state(now=LATER) is State.EXPIRED
    assert standing(Paid.AWAITING).state(now=LATER) is State.PAYING
    assert standing(Paid.SUCCEEDED).state(now=LATER) is State.PAID


def test_claimed_or_closed_nothing_more_begins() -> None:
    standings = {"chk_1": standing(Paid.FAILED)}
    claim(standings, Choosing("chk_1", 0, prove=True), now=NOW)
    assert standings["chk_1"].state(now=NOW) is State.PAYING
    refused = {"checkout_paying": standings["chk_1"], "checkout_paid": standing(Paid.SUCCEEDED)}
    refused["checkout_closed"] = Standing(replace(CHECKOUT, closed_at=NOW))
    for code, one in refused.items():
        with pytest.raises(Refused) as said:
            claim({"chk_1": one}, Choosing("chk_1", 0, prove=True), now=NOW)
        assert said.value.code == code
    with pytest.raises(Refused) as said:
        claim({}, Choosing("chk_2", 0, prove=True), now=NOW)
    assert said.value.code == "checkout_not_found"
    untouched = dict(standings)
    claim(untouched, None, now=NOW)
    assert untouched == standings


def test_a_balance_and_a_card_on_file_are_proven_here() -> None:
    assert [needs_proof(offer) for offer in CHECKOUT.offers] == [True, False]
    assert needs_proof(Offer("unionpay", card="tok_1"))
    for number in (-1, 2):
        with pytest.raises(Refused) as said:
            offer_of(CHECKOUT, number)
        assert said.value.code == "method_not_offered"


def test_the_lines_come_to_the_amount() -> None:
    lines = [Line("a", 2, 3_600), Line("b", 1, 1_000)]
    check_lines(lines, 4_600)
    with pytest.raises(Refused) as said:
        check_lines(lines, 4_601)
    assert said.value.details == {"amount": 4_601, "total": 4_600}


def test_a_key_opens_its_own_page_alone() -> None:
    key = page_key(b"secret", "chk_1")
    assert len(key) == 22
    check_page_key(b"secret", "chk_1", key)
    wrong = [(b"other", "chk_1", key), (b"secret", "chk_2", key), (b"secret", "chk_1", key[:-1])]
    for secret, checkout, given in [*wrong, (b"secret", "chk_1", "")]:
        with pytest.raises(Refused) as said:
            check_page_key(secret, checkout, given)
        assert said.value.code == "checkout_link_invalid"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://SHOP.example/a?b#c", "https://shop.example"),
        ("https://shop.example:8443/", "https://shop.example:8443"),
        ("https://shop.example@evil.example/", None),
        ("https://shop.example\\@evil.example/", None),
        ("javascript://shop.example/", None),
        ("//shop.example/", None),
    ],
)
def test_the_origin_of_an_address(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


def test_an_origin_has_tls_outside_a_trial() -> None:
    check_origin("http://localhost:8080", trial=True)
    for bad, trial in (("http://shop.example", False), ("https://Shop.example", True),
                       ("https://shop.example/", True), ("https://*.example", True)):  # fmt: skip
        with pytest.raises(Refused) as said:
            check_origin(bad, trial=trial)
        assert said.value.code == "origin_invalid"
