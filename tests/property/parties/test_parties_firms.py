"""What holds for every firm: whom its shares make an owner, and when its account is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anfu.kernel.errors import Refused
from anfu.parties.firms.firm import Lack, State, lacking, state_after
from anfu.parties.firms.ownership import (
    WHOLE,
    Holders,
    Owner,
    Relation,
    beneficial_owners,
    check_holders,
)
from anfu.parties.firms.sealed import holders_bytes, holders_of
from anfu.parties.identity.verification import FirmKind, Reply, Verification
from anfu.parties.identity.verification import State as Answer
from anfu.parties.person import DocumentType, parse_document, parse_person

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DAY, LATER = date(2020, 1, 1), date(2036, 11, 23)
PART = st.integers(0, WHOLE)
STATES = st.sampled_from(
    ["IN_BUSINESS", "ABNORMAL", "DISHONEST", "REVOKED", "CANCELLED", None]
)  # fmt: skip
ANSWERED = st.builds(
    lambda kind, source, confirmed, state: (kind, source, confirmed, state),
    st.sampled_from(FirmKind), st.sampled_from("abcd"), st.booleans(), STATES,
)  # fmt: skip


def owner(number: int, shares: int = 0, votes: int = 0, income: int = 0) -> Owner:
    document = parse_document(DocumentType.PASSPORT, f"E{number:08}")
    person = parse_person("张三", f"138{number:08}", document)
    return Owner(person, LATER, DAY, shares, votes, income)


OWNERS = st.lists(st.tuples(PART, PART, PART), max_size=6).map(
    lambda parts: tuple(owner(n, *part) for n, part in enumerate(parts))
)


def accepted(holders: Holders) -> bool:
    try:
        check_holders(holders, now=NOW)
    except Refused:
        return False
    return True


@given(OWNERS, st.booleans(), st.booleans())
def test_a_table_is_accepted_exactly_when_it_adds_up(
    owners: tuple[Owner, ...], explained: bool, managed: bool
) -> None:
    holders = Holders(owners, "others" if explained else None, owner(99) if managed else None)
    sums = [sum(getattr(o, part) for o in owners) for part in ("shares", "votes", "income")]
    adds_up = max(sums) <= WHOLE and (sums[0] == WHOLE or explained)
    nobody = not any(max(o.shares, o.votes, o.income) >= 2_500 for o in owners)
    holding = all(o.shares or o.votes or o.income for o in owners)
    assert accepted(holders) is (adds_up and holding and nobody is managed)


@given(OWNERS)
def test_a_quarter_of_anything_is_enough_and_nothing_less(owners: tuple[Owner, ...]) -> None:
    found = dict(beneficial_owners(Holders(owners, None, None)))
    for one in owners:
        held = {Relation.SHARES: one.shares, Relation.VOTES: one.votes,
                Relation.INCOME: one.income}  # fmt: skip
        assert set(found.get(one, ())) == {why for why, part in held.items() if part >= 2_500}


@given(OWNERS, st.none() | st.text(), st.booleans())
def test_what_is_sealed_comes_back(
    owners: tuple[Owner, ...], reason: str | None, managed: bool
) -> None:
    controlled = tuple(replace(one, control=True) for one in owners)
    holders = Holders(controlled, reason, owner(99) if managed else None)
    assert holders_of(holders_bytes(holders)) == holders


def asked(answers: Sequence[tuple[FirmKind, str, bool, str | None]]) -> list[Verification]:
    return [
        Verification(
            f"ver_{n}", "frm_1", kind, 1, NOW, NOW,
            Reply(Answer.CONFIRMED if yes else Answer.CONTRADICTED, None, source, None, state),
        )
        for n, (kind, source, yes, state) in enumerate(answers)
    ]  # fmt: skip


@given(st.lists(ANSWERED, max_size=12), st.booleans(), st.booleans(), st.sampled_from(State))
def test_an_account_is_open_only_while_everything_is_confirmed(
    answers: list[tuple[FirmKind, str, bool, str | None]], has_agent: bool, owners: bool,
    state: State,
) -> None:  # fmt: skip
    missing = lacking(asked(answers), has_agent=has_agent, owners=owners)
    last = {kind: (source, yes, firm) for kind, source, yes, firm in answers}
    good = {
        kind
        for kind, (_, yes, firm) in last.items()
        if yes and (kind is not FirmKind.FIRM_REGISTRY or firm in ("IN_BUSINESS", "ABNORMAL"))
    }
    people = {FirmKind.REPRESENTATIVE, FirmKind.AGENT}
    offices = {last[kind][0] for kind in good - people}
    needed = people if has_agent else {FirmKind.REPRESENTATIVE}
    whole = {FirmKind.FIRM_REGISTRY, *needed} <= good and len(offices) >= 3 and owners
    assert (not missing) is whole
    after = state_after(state, missing)
    assert (after is State.OPENED) is whole
    if not whole:
        assert after is (State.APPLIED if state is State.APPLIED else State.SUSPENDED)
    assert (Lack.OWNERS in missing) is not owners


def test_exactly_a_quarter() -> None:
    """G19: 25.00 % is a beneficial owner, 24.99 % without control is not."""
    assert owner(1, 2_500).relations == (Relation.SHARES,)
    assert owner(1, 2_499).relations == ()
    with pytest.raises(Refused, match="manager_needed"):
        check_holders(Holders((owner(1, 2_499),), "others", None), now=NOW)
