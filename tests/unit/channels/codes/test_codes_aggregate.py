"""The link behind one code for all networks, and the picture of a code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from defusedxml.ElementTree import fromstring

from anfu.channels.codes.aggregate import AggregateLink, read_link, sign_link
from anfu.channels.codes.drawing import draw
from anfu.kernel.errors import Refused
from anfu.kernel.money import Money

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
OLD, NEW = b"o" * 32, b"n" * 32
STATIC = AggregateLink("mer_01abc")
DYNAMIC = AggregateLink("mer_01abc", Money(1234, "CNY"), "pay_01x", NOW + timedelta(seconds=60))


def refused(text: str, now: datetime = NOW) -> str:
    with pytest.raises(Refused) as refusal:
        read_link([NEW, OLD], text, now=now)
    assert refusal.value.field == "code"
    return refusal.value.code


def test_a_link_is_read_as_it_was_signed() -> None:
    text = sign_link(NEW, DYNAMIC)
    assert text.rpartition(".")[0] == "1.mer_01abc.1234CNY.pay_01x.1795406460"
    assert len(text.rpartition(".")[2]) == 22
    assert read_link([NEW], text, now=NOW) == DYNAMIC
    assert sign_link(NEW, STATIC).startswith("1.mer_01abc....")
    assert read_link([NEW], sign_link(NEW, STATIC), now=NOW + timedelta(days=9999)) == STATIC


def test_the_old_secret_is_taken_while_it_is_there() -> None:
    assert read_link([NEW, OLD], sign_link(OLD, STATIC), now=NOW) == STATIC
    assert refused(sign_link(b"x" * 32, STATIC)) == "aggregate_code_invalid"


def test_every_changed_character_is_refused() -> None:
    text = sign_link(NEW, DYNAMIC)
    for place in range(len(text) - 1):
        changed = text[:place] + ("0" if text[place] != "0" else "1") + text[place + 1 :]
        assert refused(changed) == "aggregate_code_invalid"
    signature = text.rpartition(".")[2]
    for other in ("", text[:-1], text + "A", text.replace("CNY", "cny"), f"1.....{signature}"):
        assert refused(other) == "aggregate_code_invalid"


def test_a_link_ends_at_its_second() -> None:
    text = sign_link(NEW, DYNAMIC)
    assert read_link([NEW], text, now=NOW + timedelta(seconds=59)) == DYNAMIC
    assert refused(text, NOW + timedelta(seconds=60)) == "aggregate_code_expired"


def test_a_code_for_one_payment_ends_and_a_static_one_does_not() -> None:
    for wrong in (
        {"amount": Money(1, "CNY")},
        {"order": "pay_1"},
        {"expires_at": NOW},
        {"order": "pay.1", "expires_at": NOW},
    ):
        with pytest.raises(ValueError, match=r"a static one|letters"):
            AggregateLink("mer_1", **wrong)  # type: ignore[arg-type]


def test_a_code_is_drawn_as_svg_with_its_quiet_zone() -> None:
    picture = draw("https://pay.example/c/1.mer_01abc....abcdefghijklmnopqrstuv", scale=4)
    svg = fromstring(picture)
    assert svg.tag.endswith("svg")
    # Version 4 at level M: 33 modules and twice 4 around them, 4 pixels each.
    assert svg.get("width") == svg.get("height") == str((33 + 8) * 4)
    assert "script" not in picture
