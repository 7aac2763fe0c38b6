"""Canonical bytes: the examples of RFC 8785 and what has no canonical form."""

from __future__ import annotations

import hashlib
import struct
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType

import pytest

from anfu.kernel.canonical import canonical_bytes, digest

# RFC 8785, appendix B: IEEE 754 bits and their text.
APPENDIX_B = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B.items())
def test_numbers_are_written_as_in_appendix_b(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical_bytes(value) == text.encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_a_number_that_is_not_finite_is_refused(bits: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(ValueError, match="not finite"):
        canonical_bytes(value)


def test_the_whole_example_of_section_3_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert (
        canonical_bytes(value)
        == (
            '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
            '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
        ).encode()
    )


def test_keys_are_sorted_by_their_utf_16_units_as_in_section_3_2_3() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert (
        canonical_bytes(value)
        == ('{"\\r":2,"1":4,"\x80":6,"\xf6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}').encode()
    )


def test_control_characters_are_escaped_shortly_and_the_rest_left_alone() -> None:
    assert canonical_bytes("\b\t\n\f\r\x00\x1f\x7f\u2028/<") == (
        b'"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\xe2\x80\xa8/<"'
    )


class Colour(StrEnum):
    RED = "RED"


def test_a_tuple_a_mapping_and_an_enum_of_text_have_their_plain_form() -> None:
    assert canonical_bytes((1, Colour.RED)) == b'[1,"RED"]'
    assert canonical_bytes(MappingProxyType({"b": 1, "a": []})) == b'{"a":[],"b":1}'
    assert canonical_bytes({}) == b"{}"


class Mixed(str, Enum):  # noqa: UP042 - its str() is not its text
    RED = "R"


@pytest.mark.parametrize("beside", [1, 1.5, "é"])
def test_an_enum_of_text_is_its_text_whatever_stands_beside_it(beside: object) -> None:
    for kind in (Colour, Mixed):
        plain = canonical_bytes({kind.RED.value: [kind.RED.value, beside]})
        assert canonical_bytes({kind.RED: [kind.RED, beside]}) == plain


def test_an_integer_stays_whole_up_to_the_safe_bound_and_is_refused_past_it() -> None:
    safe = (1 << 53) - 1
    assert canonical_bytes([safe, -safe]) == b"[9007199254740991,-9007199254740991]"
    for beyond in (safe + 1, -safe - 1):
        with pytest.raises(ValueError, match=r"2\^53"):
            canonical_bytes({"a": [beyond]})


@pytest.mark.parametrize(
    "value",
    [
        b"x",
        {1, 2},
        Decimal("1.5"),
        object(),
        {1: "a"},
        {None: "a"},
        {"a": {True: 1}},
        "\ud800",
        {"\udfff": 1},
    ],
)
def test_what_json_cannot_say_for_sure_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        canonical_bytes(value)


def test_the_digest_is_sha_256_of_the_canonical_bytes() -> None:
    assert digest({"b": 1, "a": 2}) == hashlib.sha256(b'{"a":2,"b":1}').digest()
    assert digest({"a": 1}) != digest({"a": "1"})
