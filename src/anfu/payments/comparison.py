"""Comparison: what the evidence says of one object beside what tables and ledger hold of it.

The evidence is believed, since it is sealed and audited by itself; so whoever changes one place
is found in that place, and no other is blamed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from anfu.ledger.entry import Entry
from anfu.ledger.hold import Hold, HoldState
from anfu.limits.use import Use, UseKind
from anfu.payments.disagreement import Disagreement, Fields, differing
from anfu.payments.document import payment_leaf, refund_leaf
from anfu.payments.payment import BALANCE, PENDING, Deposit, Payment, Refund, State
from anfu.risk.event import Event
from anfu.risk.replay import Stored

HOLDING = frozenset({State.IN_REVIEW, *PENDING})
OPEN = HOLDING | {State.CHALLENGED}


@dataclass(frozen=True, slots=True)
class Told:
    """A leaf, read."""

    kind: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the house keeps under one id; `told` are its leaves of one kind, oldest first.
    `occurred_at` is when a payment happened, as far as anybody knows."""

    id: str
    told: Sequence[Told]
    entry: Entry | None = None
    hold: Hold | None = None
    noted: bool = False
    reservation: Use | None = None
    occurred_at: datetime | None = None

    @property
    def last(self) -> Mapping[str, Any]:
        """What the evidence says now."""
        return self.told[-1].body


@dataclass(frozen=True, slots=True)
class Terms:
    """What an entry or hold must say."""

    debit: str
    credit: str
    asset: str
    amount: int


def compare_payment(kept: Kept, row: Payment | None) -> Iterator[Disagreement]:
    """The row and what it waits for; the books go by attempts."""
    if not kept.told:
        if row is not None:
            yield Disagreement("row_inserted", kept.id)
    elif row is None:
        yield Disagreement("row_removed", kept.id)
    else:
        found = {**payment_leaf(row), "created_at": row.created_at, "updated_at": row.updated_at,
                 "outcome": row.outcome, "reasons": list(row.reasons)}  # fmt: skip
        fields = differing({**kept.last, **_times(kept.told), **_verdict(kept.told)}, found)
        if fields := {name: pair for name, pair in fields.items() if name in found}:
            yield Disagreement("row_changed", kept.id, fields)
    yield from _compare_wait(kept)


def told_of_attempt(told: Sequence[Told], attempt: int) -> list[Told]:
    """What the evidence says of one attempt of a payment: one that was followed by another ended
    without the money."""
    own = [leaf for leaf in told if leaf.body.get("attempt", 1) == attempt]
    later = [leaf for leaf in told if leaf.body.get("attempt", 1) > attempt]
    if own and later:
        own.append(Told("payment", later[0].at, {**own[-1].body, "state": State.FAILED}))
    return own


def compare_refund(kept: Kept, row: Refund | None, terms: Terms | None) -> Iterator[Disagreement]:
    """`terms` None: neither it nor its payment is known to the evidence."""
    if not kept.told:
        if row is not None:
            yield Disagreement("row_inserted", kept.id)
    elif row is None:
        yield Disagreement("row_removed", kept.id)
    else:
        found = {**refund_leaf(row), "created_at": row.created_at, "updated_at": row.updated_at}
        if fields := differing({**kept.last, **_times(kept.told)}, found):
            yield Disagreement("row_changed", kept.id, fields)
    if kept.told and terms is None:
        yield Disagreement("refund_unfounded", kept.id)
    yield from compare_books(kept, terms)


def compare_parties(refund: Refund, payment: Mapping[str, Any]) -> Iterator[Disagreement]:
    """A refund goes back the way its payment came. The refund's own leaf does not repeat it."""
    names = ("payer", "payee", "method")
    fields = differing({n: payment.get(n) for n in names}, {n: getattr(refund, n) for n in names})
    if fields:
        yield Disagreement("row_changed", refund.id, fields)


def compare_deposit(kept: Kept, row: Deposit | None, terms: Terms | None) -> Iterator[Disagreement]:
    if not kept.told:
        if row is not None:
            yield Disagreement("row_inserted", kept.id)
    elif row is None:
        yield Disagreement("row_removed", kept.id)
    else:
        right = {**kept.last, "created_at": kept.told[0].at}
        if fields := differing(right, {name: getattr(row, name, None) for name in right}):
            yield Disagreement("row_changed", kept.id, fields)
    yield from compare_books(kept, terms)


def compare_books(kept: Kept, terms: Terms | None) -> Iterator[Disagreement]:
    """The entry and the hold. What has no state, as a deposit, has succeeded."""
    states = [told.body.get("state", State.SUCCEEDED) for told in kept.told] if terms else []
    held = not HOLDING.isdisjoint(states)
    succeeded = bool(states) and states[-1] == State.SUCCEEDED
    if kept.entry is None and succeeded:
        yield Disagreement("entry_missing", kept.id)
    if kept.entry is not None:
        if not succeeded or terms is None:
            yield Disagreement("entry_unfounded", kept.id)
        else:
            at = kept.told[states.index(State.SUCCEEDED)].at
            more = {"held": terms.amount if held else None, "at": at}
            if fields := _terms_differ(terms, kept.entry, more):
                yield Disagreement("entry_differs", kept.id, fields)
    if kept.hold is None:
        if held:
            yield Disagreement("hold_missing", kept.id)
    elif not held or terms is None:
        yield Disagreement("hold_unfounded", kept.id)
    else:
        yield from _compare_hold(kept.id, kept.hold, terms, states[-1])


def compare_decision(
    name: str, told: Mapping[str, Any], stored: Stored | None
) -> Iterator[Disagreement]:
    """`told` is the leaf that keeps the digest of what was known."""
    if stored is None:
        yield Disagreement("decision_removed", name)
        return
    found = {
        "facts": sha256(stored.body).hexdigest(),
        "catalogue": stored.catalogue,
        "rule_set": stored.rule_set,
        "score": stored.verdict.score,
        "outcome": stored.verdict.outcome,
        "grade": stored.verdict.grade,
        "reasons": list(stored.verdict.reasons),
    }
    if fields := differing({n: told.get(n) for n in found}, found):
        yield Disagreement("decision_changed", name, fields)


def compare_event(row: Payment, event: Event) -> Iterator[Disagreement]:
    """What risk was asked about, which the digest in the evidence vouches for, beside the row."""
    fields = differing(
        {"card": event.card, "occurred_at": event.at},
        {"card": row.card, "occurred_at": row.occurred_at},
    )
    if fields:
        yield Disagreement("row_changed", row.id, fields)


def _compare_wait(kept: Kept) -> Iterator[Disagreement]:
    """The note to come back, and what is kept of the limits."""
    state = kept.last.get("state") if kept.told else None
    if kept.noted != (state in OPEN):
        yield Disagreement("note_left_over" if kept.noted else "note_missing", kept.id)
    if kept.reservation is None:
        if state in HOLDING:
            yield Disagreement("reservation_missing", kept.id)
    elif state not in HOLDING:
        yield Disagreement("reservation_left_over", kept.id)
    elif fields := _use_differs(kept, kept.reservation):
        yield Disagreement("reservation_differs", kept.id, fields)


def _use_differs(kept: Kept, use: Use) -> Fields:
    said = kept.last
    balance = said["method"] == BALANCE
    right = {
        "customer": said["payer"],
        "amount": said["amount"],
        "currency": said["currency"],
        "merchant": said["payee"] if said["payee"].startswith("mer_") else None,
        "kind": UseKind.BALANCE_PAYMENT if balance else UseKind.NETWORK_PAYMENT,
    }
    if kept.occurred_at is not None:
        right["at"] = kept.occurred_at
    return differing(right, {name: getattr(use, name) for name in right})


def _compare_hold(name: str, hold: Hold, terms: Terms, state: str) -> Iterator[Disagreement]:
    fields = dict(_terms_differ(terms, hold, {}))
    if state in HOLDING:
        right = {HoldState.HELD}
    elif state == State.SUCCEEDED:
        right = {HoldState.POSTED}
    else:
        right = {HoldState.VOIDED, HoldState.EXPIRED}
    if hold.state is HoldState.HELD and hold.state not in right:
        yield Disagreement("hold_left_over", name)
    elif hold.state not in right:
        fields["state"] = (min(right), hold.state)
    if fields:
        yield Disagreement("hold_differs", name, fields)


def _terms_differ(terms: Terms, found: Entry | Hold, more: Mapping[str, Any]) -> Fields:
    right = {"debit": terms.debit, "credit": terms.credit, "asset": terms.asset,
             "amount": terms.amount, **more}  # fmt: skip
    return differing(right, {name: getattr(found, name) for name in right})


def _times(told: Sequence[Told]) -> dict[str, datetime]:
    return {"created_at": told[0].at, "updated_at": told[-1].at}


def _verdict(told: Sequence[Told]) -> Mapping[str, Any]:
    """Outcome and reasons as the first leaf, the one of the decision, gives them."""
    first = told[0].body
    if "facts" not in first:
        return {"outcome": None, "reasons": []}
    return {name: first.get(name) for name in ("outcome", "reasons")}
