"""Consent (同意): the ledger's records, and the purposes there are.

A record is never changed: who withdraws adds one. The last word on a purpose holds, from the next
request on (个人信息保护法 art. 14 and 15). One record is about one purpose, so that a consent that
must be separate is given by an action of its own (国令790 art. 62(7)).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.kernel.errors import Refused
from anfu.parties.party import clean_text

PREFIX = "con"
_HASH = re.compile(r"[0-9a-f]{64}")


class Purpose(StrEnum):
    """What consent is asked for. What the law requires of us (real names, payments, books, the
    fight against fraud and money laundering) needs none: 个人信息保护法 art. 13(3)."""

    BIOMETRICS = "BIOMETRICS"  # 人脸等生物识别
    SENSITIVE = "SENSITIVE"  # 其他敏感个人信息
    CREDIT_INQUIRY = "CREDIT_INQUIRY"  # 征信查询
    SHARING = "SHARING"  # 向他人提供
    CROSS_BORDER = "CROSS_BORDER"  # 出境
    MARKETING = "MARKETING"  # 营销


# The article that asks for the consent, and whether it must be separate (单独同意).
LAW: dict[Purpose, tuple[str, bool]] = {
    Purpose.BIOMETRICS: ("个人信息保护法 29", True),
    Purpose.SENSITIVE: ("个人信息保护法 29", True),
    Purpose.CREDIT_INQUIRY: ("征信业管理条例 18", True),
    Purpose.SHARING: ("个人信息保护法 23", True),
    Purpose.CROSS_BORDER: ("个人信息保护法 39", True),
    Purpose.MARKETING: ("个人信息保护法 13(1)", False),
}


class Act(StrEnum):
    """What the person did."""

    GIVEN = "GIVEN"  # 同意
    WITHDRAWN = "WITHDRAWN"  # 撤回


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says about one purpose. `text_version` and `text_sha256` name the words agreed
    to; `separate`: nothing else was agreed to by the same action."""

    purpose: Purpose
    act: Act
    separate: bool = False
    text_version: str | None = None
    text_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A record. `person` is a customer or an onboarding, `by` the key it came through."""

    id: str
    person: str
    word: Word
    by: str
    at: datetime


def check_word(word: Word, *, in_force: bool) -> Word:
    """The word, its version cleaned. Raises Refused: consent_text_missing, consent_text_unwanted,
    consent_not_separate, consent_not_given (nothing to withdraw), text_version_invalid."""
    given = word.act is Act.GIVEN
    if not given:
        if word.text_version is not None or word.text_sha256 is not None or word.separate:
            raise Refused("consent_text_unwanted", field="text_version")
        if not in_force:
            raise Refused("consent_not_given", field="purpose", purpose=word.purpose.value)
        return word
    if word.text_version is None or _HASH.fullmatch(word.text_sha256 or "") is None:
        named = "text_version" if word.text_version is None else "text_sha256"
        raise Refused("consent_text_missing", field=named)
    law, separate = LAW[word.purpose]
    if separate and not word.separate:
        raise Refused("consent_not_separate", field="separate", law=law)
    version = clean_text(word.text_version, field="text_version")
    return Word(word.purpose, word.act, word.separate, version, word.text_sha256)


def in_force(consents: Iterable[Consent]) -> frozenset[Purpose]:
    """The purposes consented to, by records in the order they were written."""
    last = {consent.word.purpose: consent.word.act for consent in consents}
    return frozenset(purpose for purpose, act in last.items() if act is Act.GIVEN)
