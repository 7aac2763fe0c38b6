"""Factors, codes, links and verdicts without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from anfu.authentication.challenge import MOVES, Challenge, Linked, Result, State, Verdict, judge
from anfu.authentication.code import code_hash, new_code
from anfu.authentication.factor import factor_count, is_strong
from anfu.authentication.message import payment_code
from anfu.authentication.operations import Answer
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy
from anfu.kernel.states import final_states

KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
LINKED = Linked("pay_a", "mer_a", 1_234, "CNY")
CHALLENGE = Challenge(
    "chl_a", "cus_a", "pay_a", (("sms_code",),), (), None, LINKED.digest(),
    code_hash(KEY, "chl_a", "000042"), 1, State.OPEN, 5, NOW, NOW + timedelta(minutes=5), None,
)  # fmt: skip


def answer(code: str, challenge: Challenge = CHALLENGE, now: datetime = NOW) -> Verdict:
    right = code_hash(KEY, challenge.id, code) == challenge.code_hash
    return judge(challenge, link=LINKED.digest(), factor="sms_code", right=right, now=now)[0]


@pytest.mark.parametrize(
    ("names", "count", "strong"),
    [
        ([], 0, False),
        (["password"], 1, False),
        (["password", "password"], 1, False),
        (["sms_code", "totp", "passkey", "device_key"], 1, False),
        (["password", "sms_code"], 2, False),
        (["face", "fingerprint"], 1, False),
        (["password", "sms_code", "face"], 3, False),
        (["certificate"], 1, True),
        (["sms_code", "certificate"], 1, True),
        (["password", "e_signature"], 2, True),
    ],
)
def test_factors_count_by_class(names: list[str], count: int, strong: bool) -> None:
    assert factor_count(names) == count
    assert is_strong(iter(names)) is strong


@pytest.mark.parametrize("ask", [factor_count, is_strong])
def test_an_unknown_factor_is_refused(ask: object) -> None:
    with pytest.raises(Refused) as refusal:
        ask(["password", "horoscope"])  # type: ignore[operator]
    assert (refusal.value.code, refusal.value.field) == ("factor_unknown", "factors")
    assert refusal.value.details == {"factor": "horoscope"}


class Bytes:
    def __init__(self, *numbers: int) -> None:
        self.left = [number.to_bytes(3, "big") for number in numbers]

    def bytes(self, count: int) -> bytes:
        assert count == 3
        return self.left.pop(0)


def test_codes_are_drawn_without_bias() -> None:
    assert new_code(Bytes(0)) == "000000"
    assert new_code(Bytes(15_999_999)) == "999999"
    assert new_code(Bytes(16_000_000, (1 << 24) - 1, 42)) == "000042"
    entropy = SeededEntropy(1)
    firsts = Counter(new_code(entropy)[0] for _ in range(20_000))
    assert all(1_800 < firsts[digit] < 2_200 for digit in "0123456789")


def test_the_hash_depends_on_key_challenge_and_code() -> None:
    hashes = {
        code_hash(key, challenge, code)
        for key in (KEY, b"j" * 32)
        for challenge in ("chl_a", "chl_b")
        for code in ("000000", "000001")
    }
    assert len(hashes) == 8
    with pytest.raises(ValueError, match="at least 32 bytes"):
        code_hash(b"short", "chl_a", "000000")


def test_the_link_changes_with_each_of_its_parts() -> None:
    others = [
        replace(LINKED, payment="pay_b"), replace(LINKED, payee="mer_b"),
        replace(LINKED, amount=1_235), replace(LINKED, currency="USD"),
    ]  # fmt: skip
    assert len({linked.digest() for linked in [LINKED, *others]}) == 5


def test_verdicts() -> None:
    assert answer("000042") == Verdict(Result.MET, 5, ("sms_code",))
    assert answer("000043") == Verdict(Result.WRONG, 4)
    assert answer("") == Verdict(Result.WRONG, 4)
    assert answer("42") == Verdict(Result.WRONG, 4)
    assert answer("000043", replace(CHALLENGE, attempts_left=1)) == Verdict(Result.LOCKED, 0)
    last = CHALLENGE.expires_at - timedelta(microseconds=1)
    assert answer("000042", now=last) == Verdict(Result.MET, 5, ("sms_code",))
    assert answer("000042", now=CHALLENGE.expires_at) == Verdict(Result.EXPIRED, 5)
    early = NOW - timedelta(microseconds=1)
    assert answer("000042", now=early) == Verdict(Result.EXPIRED, 5)


def test_an_ended_challenge_is_never_met() -> None:
    results = {s: answer("000042", replace(CHALLENGE, state=s)).result for s in final_states(MOVES)}
    assert results == {
        State.MET: Result.CLOSED,
        State.CANCELLED: Result.CLOSED,
        State.FAILED: Result.LOCKED,
        State.EXPIRED: Result.EXPIRED,
    }


def test_the_message_names_amount_and_payee_and_its_repr_hides_the_code() -> None:
    message = payment_code(
        to="cus_a", challenge="chl_a", linked=LINKED, payee_name="老王面馆", code="000042"
    )
    for text in (message.text_en, message.text_zh):
        assert "000042" in text
        assert "12.34 CNY" in text
        assert "老王面馆" in text
    assert (message.to, message.kind, message.code) == ("cus_a", "payment_code", "000042")
    assert "000042" not in repr(message)
    assert "000042" not in str(message)
    assert "000042" not in repr(Answer("chl_a", LINKED, "000042"))
    assert repr(CHALLENGE.code_hash) not in repr(CHALLENGE)
