"""The factors a customer can confirm a payment with, and their classes (43号 art. 22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from anfu.kernel.errors import Refused


class FactorClass(StrEnum):
    """What only the customer knows, has, or is."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"
    INHERENCE = "inherence"


# Art. 22(2) puts certificates and electronic signatures beside one-time passwords: what only the
# customer holds.
FACTORS: Mapping[str, FactorClass] = MappingProxyType(
    {
        "password": FactorClass.KNOWLEDGE,
        "sms_code": FactorClass.POSSESSION,
        "totp": FactorClass.POSSESSION,
        "hotp": FactorClass.POSSESSION,
        "passkey": FactorClass.POSSESSION,
        "device_key": FactorClass.POSSESSION,
        "certificate": FactorClass.POSSESSION,
        "e_signature": FactorClass.POSSESSION,
        "face": FactorClass.INHERENCE,
        "fingerprint": FactorClass.INHERENCE,
    }
)
_STRONG = frozenset({"certificate", "e_signature"})


def factor_count(names: Iterable[str]) -> int:
    """The number of distinct classes among factors. Raises Refused(factor_unknown)."""
    return len({FACTORS[name] for name in _known(names)})


def is_strong(names: Iterable[str]) -> bool:
    """Whether a digital certificate or an electronic signature is among them (43号 art. 24).
    Raises Refused(factor_unknown)."""
    return not _STRONG.isdisjoint(_known(names))


def _known(names: Iterable[str]) -> list[str]:
    known = list(names)
    for name in known:
        if name not in FACTORS:
            raise Refused("factor_unknown", field="factors", factor=name)
    return known
