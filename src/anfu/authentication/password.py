"""The payment password (支付密码): six digits or a longer text, kept as Argon2id only (RFC 9106).

What everybody tries first is refused: repeats, runs, dates, a part of the customer's own numbers.
"""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise

from argon2.exceptions import VerificationError
from argon2.low_level import Type, hash_secret, verify_secret

from anfu.kernel.errors import Refused

# RFC 9106 section 4 for a server that checks many: 19 MiB, two passes, as OWASP has it.
_PASSES, _MEMORY_KIB, _LANES, _HASH_BYTES = 2, 19_456, 1, 32
SALT_BYTES = 16
# Nobody's password: compared with where there is none, so that its absence costs the same.
DECOY = (
    f"$argon2id$v=19$m={_MEMORY_KIB},t={_PASSES},p={_LANES}$" + "A" * 22 + "$" + "A" * 43
).encode()
# PCI DSS 4.0.1 8.3.6: what opens more than one's own account is longer.
_STAFF_SHORTEST = 12
_SHORTEST, _LONGEST = 6, 64
_KINDS_OF_CHARACTERS = 3


def check_password(password: str, *, own_numbers: tuple[str, ...] = ()) -> None:
    """Raises Refused(password_weak) with the `rule` that is broken: `length`, `repeats`, `run`,
    `date`, `own_number`."""
    rule = _broken(password, own_numbers)
    if rule is not None:
        raise Refused("password_weak", field="password", rule=rule)


def check_staff_password(password: str, *, login: str) -> None:
    """As `check_password`, with twelve characters at the least and without the login in it."""
    if len(password) < _STAFF_SHORTEST:
        raise Refused("password_weak", field="password", rule="length")
    if login.partition("@")[0] in password.lower():
        raise Refused("password_weak", field="password", rule="login")
    check_password(password)


def password_hash(password: str, *, salt: bytes) -> bytes:
    """The Argon2id hash with its parameters, as PHC text. Takes some 20 ms: not for a loop."""
    return hash_secret(
        password.encode(), salt, _PASSES, _MEMORY_KIB, _LANES, _HASH_BYTES, Type.ID
    )  # fmt: skip


def password_fits(kept: bytes, password: str) -> bool:
    """Whether `password` is the one that was hashed. Takes as long as hashing."""
    try:
        return verify_secret(kept, password.encode(), Type.ID)
    except VerificationError:
        return False


def _broken(password: str, own_numbers: tuple[str, ...]) -> str | None:
    if not _SHORTEST <= len(password) <= _LONGEST:
        return "length"
    if len(set(password)) < _KINDS_OF_CHARACTERS:
        return "repeats"
    if _is_run(password):
        return "run"
    if _is_date(password):
        return "date"
    if any(password in number for number in own_numbers):
        return "own_number"
    return None


def _is_run(password: str) -> bool:
    """123456, 987654, abcdef: each character a fixed step from the one before."""
    steps = {ord(b) - ord(a) for a, b in pairwise(password)}
    return len(steps) == 1


def _is_date(password: str) -> bool:
    """A day written as yymmdd, ddmmyy, mmddyy, yyyymmdd or ddmmyyyy."""
    if not re.fullmatch(r"[0-9]{6}|[0-9]{8}", password):
        return False
    if len(password) == 8:
        forms = [(password[:4], password[4:6], password[6:]),
                 (password[4:], password[2:4], password[:2])]  # fmt: skip
    else:
        one, two, three = password[:2], password[2:4], password[4:]
        forms = [("20" + one, two, three), ("20" + three, two, one), ("20" + three, one, two)]
    return any(_is_day(*form) for form in forms)


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return False
    return 1900 <= found.year < 2100
