"""What is recognised in a text, and what is not taken for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anfu.compliance.privacy.finding import Kind
from anfu.compliance.privacy.patterns import find, is_card, is_citizen_id, redact
from anfu.kernel.ids import SeededEntropy, new_id
from anfu.parties.secret import new_secret

CARD, CITIZEN, PHONE = Kind.CARD_NUMBER, Kind.CITIZEN_ID, Kind.PHONE_NUMBER
# Published test numbers of the networks (Visa, Mastercard, Amex, JCB, Diners, Discover, UnionPay).
CARDS = (
    "4111111111111111", "4222222222222", "5555555555554444", "2223003122003222", "378282246310005",
    "3566002020360505", "30569309025904", "6011111111111117", "6222020200112233446",
    "6243030000000001",
)  # fmt: skip
SECRET = new_secret("sk", entropy=SeededEntropy(1))


def kinds(text: str, name: str = "") -> list[Kind]:
    return [match.kind for match in find(text, name=name)]


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_is_found_however_it_is_written(number: str) -> None:
    assert is_card(number)
    grouped = " ".join(number[i : i + 4] for i in range(0, 16, 4))
    for text in (
        number,
        f"card={number};",
        f'{{"pan":"{number}"}}',
        f"卡号{number}。",
        f"[{number}]",
    ):
        assert kinds(text) == [CARD], text
    if len(number) == 16:
        assert kinds(f"paid with {grouped}, thanks") == [CARD]
        assert kinds(f"paid with {grouped.replace(' ', '-')}") == [CARD]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert kinds(wrong) == []


@pytest.mark.parametrize(
    "text",
    [
        "pay_01kaw4111111111111111x0000",
        "a4111111111111111",
        "4111111111111111f",
        "0.4111111111111111",
        "4111111111111111.5",
        "41111111-1111-1111-1111-111111111111",
        "1764300000000000",
        '{"sum_30d":13800138000,"sums":[13800138000,13900139000]}',
        '{"at":1700000000000,"hash":4111111111111111}',
        "amount_minor=13800138000",
        "12345678901",
        "2026-11-23 04:00:00",
        "1100000000000000000",
        "9999999999999995",
    ],
)
def test_ids_sums_moments_and_fractions_are_none(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("11010519491231002X", CITIZEN),
        ("身份证：11010519491231002x，", CITIZEN),
        ("110105 19491231 0021", None),
        ("11010519491231002Y", None),
        ("11010519491331002X", None),
        ("13800138000", PHONE),
        ("138 0013 8000", PHONE),
        ("+86 138-0013-8000", PHONE),
        ("8613800138000", PHONE),
        ("+8613800138000", PHONE),
        ("+14155552671", PHONE),
        ("user=13800138000", PHONE),
        ('{"phone":13800138000}', PHONE),
        ('{"phoneNumber": 13800138000}', PHONE),
        ("13800138000.0,", PHONE),
        ("１３８００１３８０００", PHONE),
        ("12800138000", None),
        ("138****8000", None),
    ],
)
def test_resident_ids_and_telephone_numbers(text: str, kind: Kind | None) -> None:
    assert kinds(text) == ([] if kind is None else [kind])


def test_neighbours_neither_hide_nor_make_a_number() -> None:
    assert kinds("4111111111111111 13800138000 11010519491231002X") == [CARD, PHONE, CITIZEN]
    assert kinds("2026-11-23 13800138000") == [PHONE]
    assert kinds("800-138-0013-8000") == []
    assert is_citizen_id("11010519491231002X")
    assert not is_citizen_id("99010519491231002X")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN EC PRIVATE KEY-----\nMHcCAQ", Kind.PRIVATE_KEY),
        ("-----BEGIN PRIVATE KEY-----", Kind.PRIVATE_KEY),
        ("seal 1 " + "0a" * 32 + " active", Kind.PRIVATE_KEY),
        (SECRET, Kind.API_KEY),
        (f"Authorization: Bearer key_01kaw000000000000000000000.{SECRET}", Kind.API_KEY),
        ("AKIAIOSFODNN7EXAMPLE", Kind.API_KEY),
        ("authorization: bearer abcdefghijklmnopqrstuvwx", Kind.BEARER_TOKEN),
        ("Authorization: Basic dXNlcjpwYXNz", Kind.BEARER_TOKEN),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", Kind.BEARER_TOKEN),
        ("postgresql://anfu:hunter22@db/anfu", Kind.PASSWORD),
        ('{"password": "correct-horse"}', Kind.PASSWORD),
        ("password=correct-horse", Kind.PASSWORD),
        ("验证码 123456，您正在付款", Kind.ONE_TIME_CODE),
        ("your verification code is 123456.", Kind.ONE_TIME_CODE),
        ('{"code":"123456"}', Kind.ONE_TIME_CODE),
        ("otp=1234", Kind.ONE_TIME_CODE),
        ("cvv: 123", Kind.ONE_TIME_CODE),
    ],
)
def test_secrets_and_codes_are_found(text: str, kind: Kind) -> None:
    found = list(find(text))
    assert kind in {match.kind for match in found}
    assert len(found) <= 2
    for match in found:
        assert match.end - match.start < 7 or text[match.start : match.end] not in match.sample


@pytest.mark.parametrize(
    "text",
    [
        '{"factors":["password","sms_code"],"code":"limit_exceeded","mcc":"5814"}',
        '{"code":"5814"}',
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "https://example.org:8443/path@x",
        "Bearer realm",
        "验证码已过期",
        "password: required",
        '{"password":"********"}',
    ],
)
def test_words_about_secrets_are_none(text: str) -> None:
    assert kinds(text) == []


def test_a_column_gives_its_values_a_name() -> None:
    assert kinds("123456", "code") == [Kind.ONE_TIME_CODE]
    assert kinds("1234", "otp") == [Kind.ONE_TIME_CODE]
    assert kinds("5814", "code") == []
    assert kinds("123456", "mcc") == []


def test_random_ids_and_hashes_are_never_taken_for_numbers() -> None:
    entropy = SeededEntropy(3)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    ids = " ".join(new_id("pay", now=now, entropy=entropy) for _ in range(2_000))
    hashes = ",".join(entropy.bytes(32).hex() for _ in range(2_000))
    assert kinds(ids) == []
    assert kinds(hashes) == []


def test_what_is_shown_is_masked() -> None:
    text = f"4111111111111111/13800138000/{SECRET}"
    shown = redact(text)
    assert shown == f"411*********1111/138****8000/{SECRET[:4]}… ({len(SECRET)})"
