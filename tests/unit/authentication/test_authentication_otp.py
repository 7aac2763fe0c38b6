"""HOTP and TOTP by the vectors of their RFCs, replay and drift; passwords; device keys; tickets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from anfu.authentication.enrolled.verify import unpadded
from anfu.authentication.otp import find_count, find_step, hotp, provisioning_uri, seed_of, step_at
from anfu.authentication.password import check_password, password_fits, password_hash
from anfu.authentication.signature import read_device_key, signed_by
from anfu.authentication.ticket import LIFETIME, new_ticket, read_ticket
from anfu.kernel.errors import Refused

SEED = b"12345678901234567890"
KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 4, 0, 10, tzinfo=UTC)
PAYMENT = "pay_01kaw000000000000000000000"


def test_hotp_is_that_of_rfc_4226_appendix_d() -> None:
    assert [hotp(SEED, counter) for counter in range(10)] == [
        "755224", "287082", "359152", "969429", "338314",
        "254676", "287922", "162583", "399871", "520489",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"),
     (1_234_567_890, "89005924"), (2_000_000_000, "69279037"), (20_000_000_000, "65353130")],
)  # fmt: skip
def test_totp_is_that_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert hotp(SEED, step_at(now=datetime.fromtimestamp(seconds, UTC)), digits=8) == code


def test_a_step_is_good_within_one_step_and_once() -> None:
    step = step_at(now=NOW)
    found = [find_step(SEED, hotp(SEED, step + n), last=-1, now=NOW) for n in range(-3, 4)]
    assert found == [None, None, step - 1, step, step + 1, None, None]
    assert find_step(SEED, hotp(SEED, step), last=step, now=NOW) is None
    assert find_step(SEED, hotp(SEED, step), last=step + 1, now=NOW) is None
    assert find_step(SEED, hotp(SEED, step + 1), last=step, now=NOW) == step + 1


def test_a_count_is_good_within_five_presses_and_once() -> None:
    found = [find_count(SEED, hotp(SEED, n), last=3) for n in range(11)]
    assert found == [None] * 4 + [4, 5, 6, 7, 8] + [None] * 2


def test_a_seed_is_of_its_key_and_its_factor() -> None:
    assert len(seed_of(KEY, "fac_a")) == 20
    seeds = {seed_of(KEY, "fac_a"), seed_of(KEY, "fac_b"), seed_of(b"j" * 32, "fac_a")}
    assert len(seeds) == 3
    assert provisioning_uri("totp", SEED, issuer="安 付", account="a b") == (
        "otpauth://totp/%E5%AE%89%20%E4%BB%98:a%20b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=%E5%AE%89+%E4%BB%98&digits=6&period=30"
    )


@pytest.mark.parametrize("password", ["836152", "river-moon", "20261332", "991332", "1357924"])
def test_a_password_that_is_no_pattern_is_taken(password: str) -> None:
    check_password(password, own_numbers=("13800138000",))


def test_a_password_is_kept_as_argon2id() -> None:
    kept = password_hash("836152", salt=b"s" * 16)
    assert kept.startswith(b"$argon2id$v=19$m=19456,t=2,p=1$")
    assert password_fits(kept, "836152")
    assert not password_fits(kept, "836153")
    assert not password_fits(b"", "836152")
    assert kept != password_hash("836152", salt=b"t" * 16)


@pytest.mark.parametrize("der", [b"", b"x", bytes(91)])
def test_what_is_no_key_on_p_256_is_refused(der: bytes) -> None:
    with pytest.raises(Refused, match="device_key_invalid"):
        read_device_key(der)


def test_a_signature_of_the_wrong_length_is_none() -> None:
    assert not signed_by(b"", bytes(63), b"x")
    assert unpadded("AA") == b"\x00"
    assert unpadded("A") == b""


def test_a_ticket_is_for_one_subject_and_a_quarter_of_an_hour() -> None:
    ticket, ends = new_ticket(KEY, PAYMENT, now=NOW)
    assert ends == NOW + LIFETIME
    assert read_ticket(KEY, ticket, kind="pay", now=ends - timedelta(microseconds=1)) == PAYMENT
    for key, text, kind, now, code in (
        (KEY, ticket, "pay", ends, "ticket_expired"),
        (KEY, ticket, "fac", NOW, "ticket_invalid"),
        (b"j" * 32, ticket, "pay", NOW, "ticket_invalid"),
        (KEY, ticket.replace("pay_01kaw0", "pay_01kaw1"), "pay", NOW, "ticket_invalid"),
        (KEY, "", "pay", NOW, "ticket_invalid"),
    ):
        with pytest.raises(Refused, match=code):
            read_ticket(key, text, kind=kind, now=now)
