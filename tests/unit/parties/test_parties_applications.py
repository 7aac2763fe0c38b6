"""Applications to be a merchant: trades, ratings, own names, and what registries say together."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from anfu.kernel.errors import Refused
from anfu.parties.applications.application import (
    Application,
    Particulars,
    Settlement,
    State,
    check_submission,
    parse_account,
    particulars_of,
    sealed_bytes,
)
from anfu.parties.applications.inquiry import Inquiry, Registry, Verdict, facts, verdict_of
from anfu.parties.applications.rating import Rating, due_on, rate
from anfu.parties.applications.scene import Scene
from anfu.parties.applications.trade import Grade, check_trade, trades
from anfu.parties.identity.verification import Reply
from anfu.parties.identity.verification import State as Said
from anfu.parties.person import DocumentType, parse_document, parse_person

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
FIRM, CITIZEN = Registry.FIRM_REGISTRY, Registry.CITIZEN_REGISTRY
PERSON = parse_person(
    "林平", "13800138000", parse_document(DocumentType.CITIZEN_ID, "11010519491231002X")
)
PARTICULARS = Particulars(
    PERSON, "一号", Settlement("街角（福州）有限公司", "35001234", "福州银行")
)
APPLICATION = Application(
    "app_1", "mer_1", State.DRAFT, "街角", "街角（福州）有限公司", "91350100M000100Y43", "5814",
    frozenset({Scene.PAYER_CODE}), PARTICULARS, date(2026, 11, 23), "key_1", NOW,
)  # fmt: skip


def settled_to(holder: str, code: str = "91350100M000100Y43") -> Application:
    settlement = replace(PARTICULARS.settlement, holder=holder)
    particulars = replace(PARTICULARS, settlement=settlement)
    return replace(APPLICATION, particulars=particulars, credit_code=code)


def code_of(application: Application) -> tuple[str, str | None]:
    with pytest.raises(Refused) as refused:
        check_submission(application, now=NOW)
    return refused.value.code, refused.value.field


def test_the_table_of_trades_is_in_order_and_says_everything_twice() -> None:
    table = trades()
    assert list(table) == sorted(table)
    assert [t.mcc for t in table.values() if not re.fullmatch("[0-9]{4}", t.mcc)] == []
    assert [t.mcc for t in table.values() if not t.en.isascii() or t.zh.isascii()] == []
    assert len({t.zh for t in table.values()}) == len(table)


def test_a_prohibited_trade_is_refused_with_its_name() -> None:
    assert check_trade("5814").grade is Grade.ORDINARY
    with pytest.raises(Refused) as refused:
        check_trade("7801")
    assert refused.value.code == "trade_prohibited"
    assert refused.value.details == {"mcc": "7801", "trade": "互联网赌场"}
    with pytest.raises(Refused, match="mcc_unknown"):
        check_trade("0000")


@pytest.mark.parametrize(
    "holder", ["街角（福州）有限公司", "街角(福州)有限公司", " 街角（福州） 有限公司"]
)
def test_one_name_in_other_spellings_is_its_own(holder: str) -> None:
    check_submission(settled_to(holder), now=NOW)


def test_the_owners_account_is_an_individual_businesss_own_alone() -> None:
    check_submission(settled_to("林平", "92350100M000100Y3W"), now=NOW)
    assert code_of(settled_to("林平")) == ("settlement_not_own", "settlement.holder")
    other = settled_to("林安", "92350100M000100Y3W")
    assert code_of(other) == ("settlement_not_own", "settlement.holder")


def test_a_document_is_good_on_its_last_day_and_no_longer() -> None:
    check_submission(APPLICATION, now=NOW)
    expired = replace(APPLICATION, document_until=date(2026, 11, 22))
    assert code_of(expired) == ("document_expired", "document_until")


def test_what_is_sealed_is_read_again() -> None:
    read = particulars_of(sealed_bytes(PARTICULARS))
    assert (read.address, read.settlement.holder, read.settlement.number, read.settlement.bank) == (
        "一号", "街角（福州）有限公司", "35001234", "福州银行",
    )  # fmt: skip
    assert (read.representative.name, read.representative.document.number) == (
        "林平", "11010519491231002X",
    )  # fmt: skip
    assert "林平" not in repr(APPLICATION)


@pytest.mark.parametrize("text", ["1234567", "1" * 33, "1234567x", "١٢٣٤٥٦٧٨", ""])
def test_what_is_no_account_is_refused_and_never_repeated(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_account(text)
    assert (refused.value.code, refused.value.details) == ("account_invalid", {})


def test_an_account_in_other_spellings() -> None:
    assert parse_account("3500 1234-５６７８") == "350012345678"


@pytest.mark.parametrize(
    ("mcc", "scenes", "abnormal", "rating"),
    [
        ("5814", {Scene.STATIC_CODE}, False, Rating.LOW),
        ("5814", {Scene.STATIC_CODE, Scene.H5}, False, Rating.MEDIUM),
        ("5814", {Scene.STATIC_CODE}, True, Rating.HIGH),
        ("6300", {Scene.STATIC_CODE}, False, Rating.HIGH),
    ],
)
def test_the_rating(mcc: str, scenes: set[Scene], abnormal: bool, rating: Rating) -> None:
    assert rate(trades()[mcc], scenes, abnormal=abnormal) is rating


def test_the_day_is_within_a_year_and_within_the_document() -> None:
    today = date(2026, 11, 23)
    far = date(2036, 11, 23)
    assert due_on(Rating.LOW, far, today=today) == date(2027, 11, 23)
    assert due_on(Rating.MEDIUM, far, today=today) == date(2027, 5, 22)
    assert due_on(Rating.HIGH, far, today=today) == date(2027, 2, 21)
    assert due_on(Rating.LOW, date(2026, 12, 1), today=today) == date(2026, 12, 1)


def said(
    registry: Registry, state: Said, reason: str | None = None, firm: str | None = None
) -> Inquiry:
    answered = NOW if state in (Said.CONFIRMED, Said.CONTRADICTED) else None
    reply = Reply(state, reason, "source" if answered else None, firm_state=firm)
    return Inquiry("inq_1", "app_1", registry, 1, NOW, answered, reply)


GOOD = said(FIRM, Said.CONFIRMED, firm="IN_BUSINESS")
KNOWN = said(CITIZEN, Said.CONFIRMED)


@pytest.mark.parametrize(
    ("inquiries", "verdict"),
    [
        ([GOOD, KNOWN], Verdict(False)),
        ([said(FIRM, Said.CONFIRMED, firm="ABNORMAL"), KNOWN], Verdict(True)),
        ([said(FIRM, Said.UNKNOWN, "timed_out"), KNOWN], None),
        ([GOOD, said(CITIZEN, Said.ASKED)], None),
        ([said(FIRM, Said.CONFIRMED, firm="REVOKED"), KNOWN], Verdict(False, FIRM, "firm_revoked")),
        ([said(FIRM, Said.CONFIRMED), KNOWN], Verdict(False, FIRM, "firm_unknown")),
        ([GOOD, said(CITIZEN, Said.CONTRADICTED, "name_differs")],
         Verdict(False, CITIZEN, "name_differs")),
        ([said(FIRM, Said.CONTRADICTED, "not_on_record"), KNOWN, GOOD, KNOWN], Verdict(False)),
        ([GOOD, KNOWN, said(FIRM, Said.ASKED), said(CITIZEN, Said.ASKED)], None),
    ],
)  # fmt: skip
def test_the_registries_last_words_decide(
    inquiries: list[Inquiry], verdict: Verdict | None
) -> None:
    assert verdict_of(inquiries) == verdict


def test_no_more_is_asked_than_a_registry_needs() -> None:
    assert facts(APPLICATION) == {
        FIRM: {"credit_code": "91350100M000100Y43", "name": "街角（福州）有限公司",
               "representative": "林平"},
        CITIZEN: {"name": "林平", "document_number": "11010519491231002X",
                  "document_until": "2026-11-23"},
    }  # fmt: skip
    passport = replace(PERSON, document=parse_document(DocumentType.PASSPORT, "Q0000001"))
    foreign = replace(PARTICULARS, representative=passport)
    assert set(facts(replace(APPLICATION, particulars=foreign))) == {FIRM}
