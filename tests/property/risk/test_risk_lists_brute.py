"""Lists in force meet what a plain look at every entry meets, whatever was put and dropped."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from anfu.risk.environment import Environment
from anfu.risk.event import Event
from anfu.risk.features import Purpose
from anfu.risk.lists.change import Entry, Item, effective, weigh
from anfu.risk.lists.declaration import Declaration, Form, Kind, check_declaration
from anfu.risk.lists.importing import Given, Reader, RowError, entry_line, heading_line
from anfu.risk.lists.matching import Book, Mark, moment_of
from anfu.risk.rules import Grade

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def blind(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode()).digest()


def a_list(name: str, form: Form, inputs: tuple[str, ...], kind: Kind = Kind.BLACK) -> Declaration:
    grade = Grade.LOW if kind is Kind.WHITE else Grade.HIGH
    return check_declaration(
        Declaration(name, kind, form, inputs, grade, 0, "R_X", "e", "中", "s", "o", Purpose.GENERAL)
    )


LISTS = (
    a_list("exact", Form.EXACT, ("card", "payer")),
    a_list("addresses", Form.EXACT, ("address",)),
    a_list("networks", Form.NETWORK, ("address",)),
    a_list("prefixes", Form.PREFIX, ("mcc", "card")),
    a_list("secret", Form.HASHED, ("phone",)),
)
texts = st.text("ab5", min_size=1, max_size=3)
addresses = st.one_of(
    st.integers(0, 3).map(lambda n: f"10.0.0.{n}"),
    st.integers(0, 3).map(lambda n: f"::ffff:10.0.0.{n}"),
    st.integers(0, 3).map(lambda n: f"2001:db8::{n:x}"),
)


def _v4(text: str) -> IPv4Address | IPv6Address:
    """The address that is meant."""
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: str, host_bits: int) -> str:
    meant = _v4(address)
    return str(ip_network(f"{meant}/{meant.max_prefixlen - host_bits}", strict=False))


networks = st.builds(_network, addresses, st.sampled_from([0, 1, 2, 8]))
values = {
    "exact": texts,
    "addresses": addresses.map(lambda text: str(_v4(text))),
    "networks": networks,
    "prefixes": texts,
    "secret": texts.map(lambda text: blind("phone", text).hex()),
}
expiries = st.one_of(st.none(), st.integers(-3, 3).map(lambda n: NOW + n * HOUR))


@st.composite
def puts(draw: st.DrawFn) -> tuple[str, Mark]:
    name = draw(st.sampled_from(sorted(values)))
    return name, Mark(
        draw(values[name]), draw(expiries), draw(st.sampled_from([True, True, False]))
    )


maybe = st.one_of(st.none(), texts)
events = st.builds(
    lambda payer, card, mcc, phone, address, hours: Event(
        "e", payer, "p", 1, "CNY", "card", card, NOW + hours * HOUR,
        Environment(address=address), mcc=mcc, phone=phone,
    ),
    texts, maybe, maybe, maybe, st.one_of(st.none(), addresses), st.integers(-3, 3),
)  # fmt: skip


def plain_hits(stand: dict[tuple[str, str], datetime | None], event: Event) -> str:
    """Every entry against every input of its list."""
    met = set()
    for (name, value), until in stand.items():
        if until is not None and until <= event.at:
            continue
        for declaration in LISTS:
            for i in declaration.inputs if declaration.name == name else ():
                given = event.environment.address if i == "address" else getattr(event, i)
                if given is not None and _fits(name, value, given):
                    met.add(f"{name}:{i}")
    return ",".join(sorted(met))


def _fits(name: str, value: str, given: str) -> bool:
    if name == "networks":
        return _v4(given) in ip_network(value)
    if name == "addresses":
        return str(_v4(given)) == value
    if name == "prefixes":
        return given.startswith(value)
    return value == (blind("phone", given).hex() if name == "secret" else given)


@settings(max_examples=150, deadline=None)
@given(st.lists(puts(), max_size=25), st.lists(events, min_size=1, max_size=5))
def test_what_is_met_is_what_a_plain_look_meets(
    changes: list[tuple[str, Mark]], seen: list[Event]
) -> None:
    book = Book(blind, LISTS)
    stand: dict[tuple[str, str], datetime | None] = {}
    for name, mark in changes:
        book.put(name, [mark])
        if mark.added:
            stand[name, mark.value] = mark.expires
        else:
            stand.pop((name, mark.value), None)
        for event in seen:
            assert book.hits(event) == plain_hits(stand, event)
    assert sum(book.counts().values()) == len(stand)


items = st.builds(
    Item, st.sampled_from("abc"), st.just("s"), st.just("r"), expiries,
    added=st.booleans(),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(items, unique_by=lambda i: i.value),
    st.dictionaries(st.sampled_from("abc"), expiries),
    st.sampled_from(Kind),
)
def test_a_change_loosens_exactly_when_somebody_gets_past_sooner(
    wanted: list[Item], before: dict[str, datetime | None], kind: Kind
) -> None:
    """At some hour to come an entry stands that did not, or the other way round."""
    after = dict(before)
    for item in wanted:
        after.pop(item.value, None)
        if item.added:
            after[item.value] = item.expires
    hours = [moment_of(NOW + n * HOUR) for n in range(5)]
    more = sum(any(_on(after, v, h) and not _on(before, v, h) for h in hours) for v in "abc")
    less = sum(any(_on(before, v, h) and not _on(after, v, h) for h in hours) for v in "abc")
    weight = weigh(kind, wanted, before, now=NOW)
    expected = (less, more) if kind is Kind.WHITE else (more, less)
    assert (weight.tightens, weight.loosens) == expected
    assert len(effective(wanted, before, now=NOW)) == more + less


def _on(stand: dict[str, datetime | None], value: str, at: int) -> bool:
    return value in stand and moment_of(stand[value]) > at


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text("ab,\"' 银x", min_size=1, max_size=6).filter(str.strip),
            st.one_of(st.none(), st.integers(1, 10**6).map(lambda s: NOW + timedelta(seconds=s))),
            st.text("ab,\"' 银", min_size=1, max_size=6).filter(str.strip),
        ),
        unique_by=lambda row: row[0].strip(),
    )
)
def test_what_is_exported_is_imported_as_it_was(
    rows: list[tuple[str, datetime | None, str]],
) -> None:
    reader = Reader(LISTS[0], blind, Given("g", "s"), NOW)
    entries = [Entry(reader.item(v, e, r), "key_1", NOW) for v, e, r in rows]
    lines = heading_line() + "".join(map(entry_line, entries))
    assert list(reader.rows(io.StringIO(lines, newline=""))) == [entry.item for entry in entries]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    reader = Reader(LISTS[0], blind, Given("g", "s"), NOW)
    for row in reader.rows(io.StringIO("value,reason\n" + text, newline="")):
        assert isinstance(row, (Item, RowError))
