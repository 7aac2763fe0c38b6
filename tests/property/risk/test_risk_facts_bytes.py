"""The quick encoder of facts writes canonical bytes, and they are read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.errors import BrokenInvariant
from anfu.risk.facts import Fact, Type, decode, encoder

FACTS = [Fact(f"f{i}", kind) for i, kind in enumerate([*Type, *Type])]
SAFE = (1 << 53) - 1
VALUES = {
    Type.INTEGER: st.integers(-SAFE, SAFE),
    Type.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    Type.TEXT: st.text(st.characters(exclude_categories=["Cs"])),
    Type.BOOLEAN: st.booleans(),
}
ROWS = st.tuples(*(st.none() | VALUES[fact.type] for fact in FACTS))


@given(ROWS)
def test_facts_are_written_canonically_and_read_back(values: tuple[Any, ...]) -> None:
    body = encoder(FACTS)(values)
    assert body == canonical_bytes(values)
    back = decode(FACTS, body)
    assert back == values
    assert [type(v) for v in back] == [type(v) for v in values]


@pytest.mark.parametrize(
    "number", [1e15, 1e16, 1e20, 1e21, 1e22, 1e-4, 9.9e-5, 1e-6, 1e-7, 5e-324, -0.0, 2.0**53, 1.5]
)
def test_numbers_at_the_edges_of_notation(number: float) -> None:
    assert encoder([Fact("x", Type.DOUBLE)])((number,)) == canonical_bytes([number])


def test_what_has_no_canonical_form_is_refused() -> None:
    for kind, value in ((Type.TEXT, "\ud800"), (Type.DOUBLE, float("nan"))):
        with pytest.raises(ValueError, match=r"."):
            encoder([Fact("x", kind)])((value,))
    with pytest.raises(BrokenInvariant):
        decode(FACTS, b"[1]")
