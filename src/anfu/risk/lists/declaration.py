"""What a list is: its kind, the form of its values, what they are matched with, how a hit acts."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import Refused
from anfu.risk.features import Purpose
from anfu.risk.rules import Grade

# Inputs of an event that a list may be matched with.
INPUTS = ("payer", "payee", "card", "device", "address", "terminal", "phone", "mcc", "promotion")
NAME = re.compile(r"[a-z][a-z0-9_]{1,47}")
_REASON = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_RULE = re.compile(r"[a-z][a-z0-9_]{1,63}")
_KEY = re.compile(r"[0-9a-f]{64}")
_EXCUSED_MOST = 32
_POINTS_MOST = 1_000


class Kind(StrEnum):
    """BLACK bars, GREY warns, WHITE excuses from rules it names."""

    BLACK = "BLACK"
    GREY = "GREY"
    WHITE = "WHITE"


class Form(StrEnum):
    """EXACT: the value as events have it. HASHED: its keyed hash (HMAC-SHA256); the value itself is
    kept nowhere. NETWORK: an IPv4 or IPv6 network, in the notation of RFC 4632 and RFC 4291.
    PREFIX: how the value begins."""

    EXACT = "EXACT"
    HASHED = "HASHED"
    NETWORK = "NETWORK"
    PREFIX = "PREFIX"


# What may be matched by its beginning: not a party, whose ids all begin alike.
PREFIXED = frozenset({"card", "phone", "mcc", "terminal", "promotion", "device"})


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the entries come from by themselves: `url` (https, or a file name in the folder of
    feeds), `key` the publisher's Ed25519 key in hex; asked every `every_s`; what was issued more
    than `fresh_s` ago is refused, and more than `most` rows. A delta that would loosen, or tighten,
    by more than `share` percent of the list waits for a person."""

    url: str
    key: str
    every_s: int = 300
    fresh_s: int = 86_400
    most: int = 1_000_000
    share: int = 20


@dataclass(frozen=True, slots=True)
class Declaration:
    """A hit of a BLACK or GREY list gives `grade`, `points` and `reason`, as a rule does; one of a
    WHITE list keeps the rules in `excuses` (ids) from firing. `owner` answers for the list,
    `source` says where its entries come from, `purpose` what they may be used for."""

    name: str
    kind: Kind
    form: Form
    inputs: tuple[str, ...]
    grade: Grade
    points: int
    reason: str
    en: str
    zh: str
    source: str
    owner: str
    purpose: Purpose = Purpose.ANTI_FRAUD
    excuses: tuple[str, ...] = ()
    feed: Feed | None = None
    retired: bool = False

    @property
    def body(self) -> bytes:
        """Canonical JSON, as it is kept and proposed."""
        return canonical_bytes(asdict(self))


def check_declaration(declaration: Declaration) -> Declaration:
    """The declaration. Raises Refused: list_name_invalid, list_inputs_invalid,
    list_form_unfit, list_effect_invalid, list_text_missing, list_feed_invalid."""
    d = declaration
    if not NAME.fullmatch(d.name):
        raise Refused("list_name_invalid", field="name")
    if not d.inputs or len(set(d.inputs)) < len(d.inputs) or not set(d.inputs) <= set(INPUTS):
        raise Refused("list_inputs_invalid", field="inputs", known=list(INPUTS))
    if not _fits(d.form, d.inputs):
        raise Refused("list_form_unfit", field="form")
    _check_effect(d)
    if not all(text.strip() for text in (d.en, d.zh, d.source, d.owner)):
        raise Refused("list_text_missing", field="en")
    if d.feed is not None:
        _check_feed(d.feed)
    return d


def check_successor(before: Declaration, after: Declaration) -> None:
    """Entries were read for one form and one set of inputs. Raises Refused("list_form_fixed")."""
    if (before.form, before.inputs) != (after.form, after.inputs):
        raise Refused("list_form_fixed", field="form", list=before.name)


def read_declaration(body: bytes) -> Declaration:
    """The declaration whose `body` this is."""
    return make_declaration(json.loads(body))


def make_declaration(values: Mapping[str, Any]) -> Declaration:
    """A checked declaration from JSON values. Raises as `check_declaration`."""
    feed = values.get("feed")
    return check_declaration(
        Declaration(
            **{
                **values,
                "kind": Kind(values["kind"]),
                "form": Form(values["form"]),
                "inputs": tuple(values["inputs"]),
                "grade": Grade(values["grade"]),
                "purpose": Purpose(values.get("purpose", Purpose.ANTI_FRAUD)),
                "excuses": tuple(values.get("excuses", ())),
                "feed": None if feed is None else Feed(**feed),
            }
        )
    )


@cache
def shipped_lists() -> tuple[Declaration, ...]:
    """The lists every installation begins with: empty, and with meaning."""
    text = (resources.files("anfu.risk.lists") / "shipped.toml").read_text("utf-8")
    return tuple(make_declaration(values) for values in tomllib.loads(text)["list"])


def _fits(form: Form, inputs: tuple[str, ...]) -> bool:
    if form is Form.NETWORK:
        return inputs == ("address",)
    if form is Form.PREFIX:
        return set(inputs) <= PREFIXED
    # A keyed hash is of one kind of value: the same number is another card than phone.
    return form is not Form.HASHED or len(inputs) == 1


def _check_effect(d: Declaration) -> None:
    if not _REASON.fullmatch(d.reason):
        raise Refused("list_effect_invalid", field="reason")
    if type(d.points) is not int or not 0 <= d.points <= _POINTS_MOST:
        raise Refused("list_effect_invalid", field="points")
    white = d.kind is Kind.WHITE
    if white and (d.grade is not Grade.LOW or d.points):
        raise Refused("list_effect_invalid", field="grade")
    known = len(d.excuses) <= _EXCUSED_MOST and all(map(_RULE.fullmatch, d.excuses))
    if (d.excuses and not white) or not known:
        raise Refused("list_effect_invalid", field="excuses")


def _check_feed(feed: Feed) -> None:
    named = re.fullmatch(r"https://[!-~]{1,500}|[a-z0-9][a-z0-9_.-]{0,99}", feed.url)
    bounds = (
        (feed.every_s, 10, 86_400),
        (feed.fresh_s, 60, 31 * 86_400),
        (feed.most, 1, 10_000_000),
        (feed.share, 0, 100),
    )
    right = all(type(v) is int and low <= v <= high for v, low, high in bounds)
    if named is None or not _KEY.fullmatch(feed.key) or not right:
        raise Refused("list_feed_invalid", field="feed")
