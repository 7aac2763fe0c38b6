"""Tests in cells: `> 5000`, `[1..5]`, `a, b`, `not(a)`, `null`, `in list bad_cards`, `-` for any.

The form is that of unary tests in decision tables (OMG DMN 1.5, S-FEEL), with SQL's words beside
it. What a cell says becomes a condition of the rule language, never anything else.
"""

from __future__ import annotations

import re
import unicodedata

from anfu.kernel.errors import Refused
from anfu.risk.facts import Fact, Type

_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", "≠": "<>"})
_COMPARED = re.compile(r"(<=|>=|<>|!=|==|=|<|>)\s*(.+)", re.DOTALL)
_RANGE = re.compile(r"([\[(\]])\s*(\S.*?)\s*\.\.\s*(\S.*?)\s*([\])\[])", re.DOTALL)
_NOT = re.compile(r"not\s*\((.*)\)", re.DOTALL | re.IGNORECASE)
_LISTED = re.compile(r"(not\s+)?in\s+list\s+([A-Za-z_]\w*)", re.IGNORECASE)
_LIKE = re.compile(r"(not\s+)?like\s+(.+)", re.DOTALL | re.IGNORECASE)
# A zero before a number is what is left of 1,000.
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,15})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})(\.[0-9]{1,16})?")
_BARE = re.compile(r"(?!(?:in|not|like)\s)[\w%](?:[\w .:@/+%-]*[\w%])?", re.IGNORECASE)


def condition_of_cell(cell: str, fact: Fact) -> str | None:
    """The condition the cell asks of `fact`; None where it asks nothing. Raises Refused:
    cell_unreadable."""
    text = unicodedata.normalize("NFKC", cell.translate(_SIGNS)).strip()
    if text in ("", "-"):
        return None
    return _test(text, fact)


def _test(text: str, fact: Fact) -> str:  # noqa: PLR0911 - one a form
    if text.lower() == "null":
        return f"{fact.name} IS NULL"
    if (found := _NOT.fullmatch(text)) and _closes(found[1]):
        inner = found[1].strip()
        return (f"{fact.name} IS NOT NULL" if inner.lower() == "null"
                else f"NOT ({_test(inner, fact)})")  # fmt: skip
    if found := _LISTED.fullmatch(text):
        return f"{fact.name} {'NOT ' if found[1] else ''}IN LIST {found[2]}"
    if found := _LIKE.fullmatch(text):
        return f"{fact.name} {'NOT ' if found[1] else ''}LIKE {_value(found[2], fact)}"
    parts = _split(text)
    if len(parts) > 1:
        if all(not _is_test(part) for part in parts):
            return f"{fact.name} IN ({', '.join(_value(part, fact) for part in parts)})"
        return "(" + " OR ".join(_test(part, fact) for part in parts) + ")"
    if found := _COMPARED.fullmatch(text):
        sign = {"!=": "<>", "==": "="}.get(found[1], found[1])
        return f"{fact.name} {sign} {_value(found[2], fact)}"
    if found := _RANGE.fullmatch(text):
        return _range(found, fact)
    return f"{fact.name} = {_value(text, fact)}"


def _range(found: re.Match[str], fact: Fact) -> str:
    low = ">=" if found[1] == "[" else ">"
    high = "<=" if found[4] == "]" else "<"
    first, last = _value(found[2], fact), _value(found[3], fact)
    return f"({fact.name} {low} {first} AND {fact.name} {high} {last})"


def _is_test(text: str) -> bool:
    forms = (_COMPARED, _RANGE, _NOT, _LISTED, _LIKE)
    return text.lower() == "null" or any(form.fullmatch(text) for form in forms)


def _split(text: str) -> list[str]:
    """At commas outside of quotes and brackets."""
    parts, quote, depth, start = [], "", 0, 0
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        elif sign == "," and depth <= 0:
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]


def _closes(inner: str) -> bool:
    """Whether the bracket before `inner` is closed by the one after it."""
    depth = 0
    for sign in inner:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def _value(text: str, fact: Fact) -> str:
    text = text.strip()
    if fact.type is Type.INTEGER and _WHOLE.fullmatch(text):
        return text
    if fact.type is Type.DOUBLE and _NUMBER.fullmatch(text):
        return text
    if fact.type is Type.BOOLEAN and text.lower() in ("true", "false"):
        return text.upper()
    if fact.type is Type.TEXT:
        quoted = len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"
        said = text[1:-1] if quoted else text
        if (quoted and text[0] not in said) or _BARE.fullmatch(text):
            return "'" + said.replace("'", "''") + "'"
    raise Refused("cell_unreadable", field=fact.name, value=text[:60], type=fact.type)
