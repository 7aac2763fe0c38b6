"""How card numbers, resident ids, telephone numbers, codes and secrets are told from other text.

Digits are looked at group by group, so that what stands beside a number does not hide it and a
longer number does not contain one. A number also needs its check digit and an issuer's prefix; an
unquoted number of JSON needs a key that names it, because sums and counters look like telephone
numbers. Random ids of letters and digits never qualify: a letter beside a digit ends the matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from anfu.compliance.privacy.finding import Kind
from anfu.compliance.privacy.secrets import find_secrets
from anfu.parties.identity.bankcard import luhn_sum
from anfu.parties.person import citizen_check, mask_middle

Span = tuple[int, int]

# Prefixes as (first, last, lengths): ISO/IEC 7812-1 issuers seen on cards in China and abroad.
_ISSUERS = (
    (4, 4, (13, 16, 19)),  # Visa
    (51, 55, (16,)), (2221, 2720, (16,)),  # Mastercard
    (34, 34, (15,)), (37, 37, (15,)),  # American Express
    (3528, 3589, (16, 17, 18, 19)),  # JCB
    (300, 305, (14,)), (36, 36, (14,)), (38, 39, (14,)),  # Diners Club
    (6011, 6011, (16, 19)), (644, 659, (16, 19)),  # Discover
    (62, 62, (16, 17, 18, 19)), (81, 81, (16, 17, 18, 19)),  # UnionPay
    (601382, 601382, (19,)), (603000, 603999, (16, 17, 18, 19)),  # old Chinese debit cards
    (955000, 955999, (16, 17, 18, 19)), (685800, 685800, (16,)),
)  # fmt: skip
_CARD_SHAPES = frozenset(
    {(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 6, 5), (4, 6, 4),
     (6, 13), (6, 10)}
)  # fmt: skip
_PHONE_SHAPES = frozenset({(3, 4, 4), (2, 3, 4, 4), (3, 3, 4)})
_CITIZEN_SHAPES = frozenset({(6, 8, 4)})
# Ten digits at least, whole: nothing before it continues it.
_RUN = re.compile(r"[0-9](?<![0-9][0-9])(?<![0-9][ -][0-9])(?:[ -]?[0-9]){9,}+")
_GROUP = re.compile(r"[0-9]+")
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_ABROAD = re.compile(r"[1-9][0-9]{9,14}")
_PROVINCES = frozenset(
    """
    11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64
    65 71 81 82 83 91
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_FULL_WIDTH = {ord(wide): ord("0") + number for number, wide in enumerate("０１２３４５６７８９")}
# What stands before an unquoted number: `"key": ` in JSON, `key=` in a log.
_JSON_KEY = re.compile(r"\"([^\"]{1,60})\"\s?:\s?(?:\[[0-9., ]*)?\Z")
_LOG_KEY = re.compile(r"([A-Za-z_][\w.]{0,60})=\Z")
# Further numbers of an array that nothing names.
_ARRAY = re.compile(r"\[\s?[0-9][0-9., ]*,\s?\Z")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[\u4e00-\u9fff]+")
_NAMING = frozenset(
    """
    phone mobile tel telephone msisdn cell contact recipient card pan account number id
    document citizen 手机 手机号 电话 卡号 银行卡 账号 证件 身份证 号码
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
_COUNTING = frozenset(
    """
    amount minor sum total balance count size bytes at time ts ms us ns seq offset index limit
    used remaining fen
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


@dataclass(frozen=True, slots=True)
class Match:
    """A value found in a text, and what of it may be shown."""

    kind: Kind
    start: int
    end: int
    sample: str


def find(text: str, *, name: str = "") -> Iterator[Match]:
    """What a text holds that should not be readable; `name` is that of its column, if any."""
    if not text.isascii():
        text = text.translate(_FULL_WIDTH)
    for kind, start, end, sample in find_secrets(text, name=name):
        yield Match(kind, start, end, sample)
    for run in _RUN.finditer(text):
        if run[0].isdigit():  # by far the most, and done at once
            yield from _alone(text, *run.span())
        else:
            yield from _in_run(text, run)


def redact(text: str) -> str:
    """A text that may be shown: every value found in it is masked."""
    for match in sorted(find(text), key=lambda match: -match.start):
        text = text[: match.start] + match.sample + text[match.end :]
    return text


def _in_run(text: str, run: re.Match[str]) -> Iterator[Match]:
    """Numbers written in groups with one separator, then every group that is in none of them."""
    groups = [group.span() for group in _GROUP.finditer(text, run.start(), run.end())]
    taken = 0  # groups before this one are part of a number
    for first, last in _joined(text, groups):
        at = max(first, taken)
        while at < last:
            whole = text[groups[at][1]] == "-"
            length = _longest(text, groups[at : last + 1], whole=whole)
            if whole and not length:
                break
            if length:
                start, end = groups[at][0], groups[at + length - 1][1]
                for alone in groups[taken:at]:
                    yield from _alone(text, *alone)
                kind = _grouped(text, groups[at : at + length])
                assert kind is not None
                yield Match(kind, start, end, mask_middle(text[start:end]))
                taken = at + length
            at += length or 1
    for alone in groups[taken:]:
        yield from _alone(text, *alone)


def _joined(text: str, groups: Sequence[Span]) -> Iterator[Span]:
    """The first and the last group of each longest row with one separator."""
    first = 0
    for at in range(1, len(groups)):
        joint = text[groups[at][1]] if at + 1 < len(groups) else ""
        if joint != text[groups[at - 1][1]]:
            yield first, at
            first = at


def _longest(text: str, groups: Sequence[Span], *, whole: bool) -> int:
    """How many of these groups are one number, from the first on; 0 if none. `whole`: all of them
    or none, since hyphens also join the parts of an id."""
    for length in (len(groups),) if whole else range(min(5, len(groups)), 1, -1):
        span = groups[:length]
        if _grouped(text, span) is not None and _free(text, span[0][0], span[-1][1]):
            return length
    return 0


def _grouped(text: str, groups: Sequence[Span]) -> Kind | None:
    shape = tuple(end - start for start, end in groups)
    digits = "".join(text[start:end] for start, end in groups)
    if shape in _CARD_SHAPES and is_card(digits):
        return Kind.CARD_NUMBER
    if shape in _PHONE_SHAPES and _MOBILE.fullmatch(digits):
        return Kind.PHONE_NUMBER
    if shape in _CITIZEN_SHAPES and is_citizen_id(digits):
        return Kind.CITIZEN_ID
    return None


def _alone(text: str, start: int, end: int) -> Iterator[Match]:
    if end - start == 17 and text[end : end + 1] in ("X", "x"):
        end += 1
    plus = start > 0 and text[start - 1] == "+"
    kind = _kind(text[start:end], plus=plus)
    if kind is not None and _free(text, start - plus, end) and _named(text, start - plus, end):
        yield Match(kind, start, end, mask_middle(text[start:end]))


def _kind(digits: str, *, plus: bool) -> Kind | None:
    if len(digits) == 18 and is_citizen_id(digits.upper()):
        return Kind.CITIZEN_ID
    if not digits.isdigit():
        return None
    if _MOBILE.fullmatch(digits) or (plus and _ABROAD.fullmatch(digits)):
        return Kind.PHONE_NUMBER
    return Kind.CARD_NUMBER if is_card(digits) else None


def is_card(digits: str) -> bool:
    """Whether an issuer gives numbers like this one and its check digit is right (ISO/IEC 7812)."""
    if not 13 <= len(digits) <= 19 or luhn_sum(digits) % 10 != 0:
        return False
    return any(
        len(digits) in lengths and first <= int(digits[: len(str(first))]) <= last
        for first, last, lengths in _ISSUERS
    )


def is_citizen_id(number: str) -> bool:
    """Whether this is a resident identity number: region, a birthday after 1880, check character
    (GB 11643)."""
    if number[:2] not in _PROVINCES or citizen_check(number[:17]) != number[17]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1880 <= born.year <= 2100


def _free(text: str, start: int, end: int) -> bool:
    """No letter or digit beside it, and no part of a decimal fraction; `.0` at its end is what
    spreadsheets make of a whole number."""
    before, after = text[max(0, start - 2) : start], text[end : end + 3]
    if before[-1:].isalnum() and before[-1:].isascii():
        return False
    if before[-1:] == "." and before[:1].isdigit():
        return False
    if after[:1] == "." and after[1:2].isdigit():
        return after[1] == "0" and not after[2:3].isalnum()
    return not (after[:1].isalnum() and after[:1].isascii())


def _named(text: str, start: int, end: int) -> bool:
    """Whether an unquoted number is called what it looks like."""
    before = text[max(0, start - 70) : start].rstrip()
    if before.endswith("="):
        key = _LOG_KEY.search(before)
        return key is None or not _COUNTING & _words(key[1])
    if before.endswith((":", "[", ",")):
        before = text[max(0, start - 200) : start]
        if (key := _JSON_KEY.search(before)) is not None:
            return bool(_NAMING & _words(key[1]))
        return _ARRAY.search(before) is None or text[end : end + 1] not in (",", "]")
    return True


def _words(key: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(key)}
