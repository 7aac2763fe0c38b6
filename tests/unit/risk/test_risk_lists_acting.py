"""How lists act: rules of their own, and excuses taken off the rules of others."""

from __future__ import annotations

import hashlib

import pytest

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.decision import make_judge
from anfu.risk.features import Purpose
from anfu.risk.lists.acting import joined
from anfu.risk.lists.change import Weight, policy
from anfu.risk.lists.declaration import (
    Declaration,
    Feed,
    Form,
    Kind,
    check_declaration,
    read_declaration,
    shipped_lists,
)
from anfu.risk.lists.matching import Book, Mark
from anfu.risk.lists.values import looks_secret, read_value
from anfu.risk.rules import (
    Grade,
    Outcome,
    Rule,
    Thresholds,
    default_rule_set,
    make_rule_set,
)

LIMITS = Thresholds(60, 140, 240)
BIG = Rule("big", "amount > 100", Grade.HIGH, 100, "BIG", "big", "大")


def blind(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode()).digest()


def a_list(kind: Kind, **other: object) -> Declaration:
    grade = Grade.LOW if kind is Kind.WHITE else Grade.GENERAL
    values: dict[str, object] = {
        "name": "known", "kind": kind, "form": Form.EXACT, "inputs": ("card", "payer"),
        "grade": grade, "points": 0, "reason": "KNOWN", "en": "known", "zh": "已知", "source": "s",
        "owner": "o", **other,
    }  # fmt: skip
    return check_declaration(Declaration(**values))  # type: ignore[arg-type]


def facts(amount: int, hits: str, card: str | None = "tok") -> tuple[object, ...]:
    given = {"amount": amount, "list_hits": hits, "payer": "alice", "card": card}
    return tuple(given.get(fact.name, _nothing(fact)) for fact in CATALOGUE.facts)


def _nothing(fact: object) -> object:
    return None if fact.nullable else 0  # type: ignore[attr-defined]


def test_a_hit_gives_the_grade_points_and_reason_of_its_list() -> None:
    judge = make_judge(CATALOGUE, joined(make_rule_set([BIG], LIMITS), [a_list(Kind.BLACK)]))
    for hits in ("known:card", "known:payer", "known:card,known:payer", "a:card,known:card"):
        verdict = judge(facts(1, hits))
        assert (verdict.outcome, verdict.reasons) == (Outcome.BLOCK, ("KNOWN",))
    for hits in ("", "unknown:card", "known:device", "known2:card"):
        assert judge(facts(1, hits)).outcome is Outcome.ALLOW


def test_a_white_hit_excuses_from_the_rules_it_names_and_from_no_other() -> None:
    other = Rule("other", "amount > 100", Grade.MIDDLE, 60, "OTHER", "o", "他")
    rules = make_rule_set([BIG, other], LIMITS)
    judge = make_judge(CATALOGUE, joined(rules, [a_list(Kind.WHITE, excuses=("big",))]))
    assert judge(facts(101, "known:card")).reasons == ("OTHER",)
    assert judge(facts(101, "")).reasons == ("BIG", "OTHER")


def test_a_payment_without_a_card_is_not_excused_by_a_list_of_cards() -> None:
    """NULL IN LIST is NULL, and NOT NULL would silence the rule for everybody without a card."""
    white = a_list(Kind.WHITE, inputs=("card",), excuses=("big",))
    judge = make_judge(CATALOGUE, joined(make_rule_set([BIG], LIMITS), [white]))
    assert judge(facts(101, "", card=None)).reasons == ("BIG",)


def test_nobody_is_excused_from_what_law_commands() -> None:
    law = Rule("law", "amount > 100", Grade.LOW, 0, "LAW", "law", "法", outcome=Outcome.BLOCK)
    rules = make_rule_set([law], LIMITS)
    judge = make_judge(CATALOGUE, joined(rules, [a_list(Kind.WHITE, excuses=("law",))]))
    assert judge(facts(101, "known:card")).outcome is Outcome.BLOCK


def test_the_order_of_lists_does_not_change_the_rule_set() -> None:
    lists = shipped_lists()
    rules = default_rule_set()
    assert joined(rules, lists).version == joined(rules, lists[::-1]).version
    assert joined(rules, ()).version == rules.version


def test_the_shipped_lists_fit_the_shipped_rules_and_are_empty() -> None:
    book = Book(blind, shipped_lists())
    rules = book.act(default_rule_set())
    make_judge(CATALOGUE, rules)
    ids = {rule.id for rule in default_rule_set().rules}
    for declaration in shipped_lists():
        assert set(declaration.excuses) <= ids
        assert read_declaration(declaration.body) == declaration
    assert set(book.counts().values()) == {0}


def test_the_policy_leaves_no_loosening_to_one_person() -> None:
    rules = policy()
    for kind in Kind:
        assert not rules.allows(kind, Weight(0, 1))
        assert rules.allows(kind, Weight(1, 0))
    assert rules.allows(Kind.BLACK, Weight(10, 0))
    assert not rules.allows(Kind.BLACK, Weight(11, 0))


def test_entries_of_a_list_nobody_declared_are_a_fault_of_ours() -> None:
    with pytest.raises(BrokenInvariant):
        Book(blind).put("nothing", [Mark("a")])


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("hosting_networks", "192.0.2.0/24", "192.0.2.0/24"),
        ("hosting_networks", "2001:DB8::/32", "2001:db8::/32"),
        ("hosting_networks", "::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("hosting_networks", "192.0.2.7", "192.0.2.7/32"),
        ("fraud_devices", " dev_1 ", "dev_1"),
        ("fraud_devices", "ｄｅｖ", "dev"),
        ("fraud_phones", "+86 138-0013-8000", blind("phone", "13800138000").hex()),
        ("fraud_phones", "+1 310 555 1234", blind("phone", "+13105551234").hex()),
        ("fraud_phones", "ab" * 32, "ab" * 32),
    ],
)
def test_a_value_is_kept_in_one_form(name: str, text: str, kept: str) -> None:
    declaration = next(d for d in shipped_lists() if d.name == name)
    assert read_value(declaration, text, blind) == kept


@pytest.mark.parametrize(
    ("form", "inputs", "text", "code"),
    [
        (Form.EXACT, ("card",), "4111-1111-1111-1111", "list_value_in_clear"),
        (Form.EXACT, ("card",), "x4111111111111111", "list_value_in_clear"),
        (Form.EXACT, ("card",), "４１１１１１１１１１１１１１１１", "list_value_in_clear"),
        (Form.EXACT, ("phone",), "138 0013 8000", "list_value_in_clear"),
        (Form.PREFIX, ("card",), "411111111", "list_value_in_clear"),
        (Form.PREFIX, ("phone",), "13800138", "list_value_in_clear"),
        (Form.PREFIX, ("mcc",), "", "list_value_invalid"),
        (Form.NETWORK, ("address",), "10.0.0.0/7", "list_network_too_wide"),
        (Form.NETWORK, ("address",), "::ffff:0:0/96", "list_network_too_wide"),
        (Form.NETWORK, ("address",), "2000::/15", "list_network_too_wide"),
        (Form.NETWORK, ("address",), "ten", "list_network_invalid"),
    ],
)
def test_a_value_that_says_too_much_is_refused(
    form: Form, inputs: tuple[str, ...], text: str, code: str
) -> None:
    declaration = a_list(Kind.BLACK, form=form, inputs=inputs)
    with pytest.raises(Refused, match=code) as refused:
        read_value(declaration, text, blind)
    assert refused.value.details.keys() <= {"least"}


def test_tokens_are_no_numbers() -> None:
    for token in ("tok_0000000000000000000000017", "4111111111111112", "tok_good", "ab" * 32):
        assert not looks_secret(token)


@pytest.mark.parametrize(
    "feed",
    [
        Feed("http://example.org/x", "0" * 64),
        Feed("../secret", "0" * 64),
        Feed("/etc/passwd", "0" * 64),
        Feed("https://example.org/x", "0" * 63),
        Feed("https://example.org/x", "0" * 64, every_s=9),
        Feed("https://example.org/x", "0" * 64, fresh_s=True),
        Feed("https://example.org/x", "0" * 64, share=101),
    ],
)
def test_a_feed_from_anywhere_else_is_refused(feed: Feed) -> None:
    with pytest.raises(Refused, match="list_feed_invalid"):
        a_list(Kind.BLACK, feed=feed)


def test_what_anti_fraud_data_may_be_used_for_is_said_by_default() -> None:
    assert a_list(Kind.BLACK).purpose is Purpose.ANTI_FRAUD
