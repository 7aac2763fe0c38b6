"""Reads of risk: decisions, their replay, the stream profiles are rebuilt from, labels."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import first_id
from anfu.risk.decision import Verdict
from anfu.risk.event import Event
from anfu.risk.facts import decode
from anfu.risk.features import Catalogue, read_catalogue
from anfu.risk.label import Label, Truth
from anfu.risk.replay import Replay, Stored, event_of, replay_decision
from anfu.risk.rules import Grade, Outcome, RuleSet, read_rule_set
from anfu.storage.transaction import Tx

PREFIX = "dec"
_PAGE = 5_000
_COLUMNS = "id, at, score, outcome, grade, reasons, catalogue, rule_set, facts, beside"


async def get_decision(tx: Tx, decision_id: str) -> Stored:
    """Raises Refused("decision_not_found")."""
    found = await find_decisions(tx, [decision_id])
    if decision_id not in found:
        raise Refused("decision_not_found", field="id", id=decision_id)
    return found[decision_id]


async def find_decisions(tx: Tx, ids: Sequence[str]) -> dict[str, Stored]:
    """Those of `ids` that exist, by id."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM risk.decision WHERE id = ANY($1::text[])", list(ids)
    )
    return {row["id"]: decision_of(row) for row in rows}


async def list_decisions(tx: Tx, *, before: str | None = None, most: int = 50) -> list[Stored]:
    """A page, the newest first, of decisions with an id smaller than `before`."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM risk.decision WHERE $1::text IS NULL OR id < $1"
        " ORDER BY id DESC LIMIT $2",
        before,
        most,
    )
    return [decision_of(row) for row in rows]


async def stream_events(tx: Tx, since: datetime | None = None) -> AsyncIterator[Event]:
    """The events decided since then (None: from the beginning), in the order of their decisions.

    A decision's id carries the time it was made, so this is a range of the primary key; an event
    is never decided before it happened.
    """
    catalogues = {
        row["version"]: read_catalogue(row["body"])
        for row in await tx.fetch("SELECT version, body FROM risk.catalogue")
    }
    last = "" if since is None else first_id(PREFIX, at=since)
    sign = ">="
    while True:
        rows = await tx.fetch(
            "SELECT id, catalogue, facts FROM risk.decision"
            f" WHERE id {sign} $1 ORDER BY id LIMIT {_PAGE}",
            last,
        )
        for row in rows:
            catalogue = _known(catalogues, row["catalogue"])
            yield event_of(catalogue, decode(catalogue.facts, row["facts"]))
        if len(rows) < _PAGE:
            return
        last, sign = rows[-1]["id"], ">"


async def decisions_after(tx: Tx, after: str, *, most: int) -> list[str]:
    """The ids of the next `most` decisions in their order: a walk through all of them."""
    rows = await tx.fetch(
        "SELECT id FROM risk.decision WHERE id > $1 ORDER BY id LIMIT $2", after, most
    )
    return [row[0] for row in rows]


async def find_events(tx: Tx, decisions: Iterable[Stored]) -> dict[str, Event]:
    """The events of `decisions`, by id of the decision; those whose facts cannot be read, as when
    somebody has changed them, are left out."""
    given = list(decisions)
    rows = await tx.fetch(
        "SELECT version, body FROM risk.catalogue WHERE version = ANY($1::text[])",
        list({stored.catalogue for stored in given}),
    )
    catalogues = {row["version"]: read_catalogue(row["body"]) for row in rows}
    found = {}
    for stored in given:
        catalogue = catalogues.get(stored.catalogue)
        with suppress(BrokenInvariant, ValueError, TypeError, OverflowError):
            if catalogue is not None:
                found[stored.id] = event_of(catalogue, decode(catalogue.facts, stored.body))
    return found


async def count_decisions(tx: Tx) -> int:
    """How many there are."""
    return int(await tx.fetchval("SELECT count(*) FROM risk.decision"))


async def get_rule_set(tx: Tx, version: str) -> RuleSet:
    """The rule set of a version, as it was published. Raises Refused("rule_set_not_found")."""
    body = await tx.fetchval("SELECT body FROM risk.rule_set WHERE version = $1", version)
    if body is None:
        raise Refused("rule_set_not_found", field="rule_set", version=version)
    return read_rule_set(body)


async def is_published(tx: Tx, *, catalogue: str, rule_set: str) -> bool:
    """Whether both versions are kept, so that decisions by them can be replayed."""
    return bool(
        await tx.fetchval(
            "SELECT EXISTS (SELECT FROM risk.catalogue WHERE version = $1)"
            " AND EXISTS (SELECT FROM risk.rule_set WHERE version = $2)",
            catalogue,
            rule_set,
        )
    )


async def named_facts(tx: Tx, stored: Stored) -> dict[str, object]:
    """What was known when it was decided, by name."""
    body = await tx.fetchval("SELECT body FROM risk.catalogue WHERE version = $1", stored.catalogue)
    facts = read_catalogue(body).facts
    return {f.name: v for f, v in zip(facts, decode(facts, stored.body), strict=True)}


async def replay(tx: Tx, decision_id: str) -> Replay:
    """The decision made again from what is stored. Raises Refused("decision_not_found"), and
    BrokenInvariant when the catalogue or rule set it was made with was never published."""
    stored = await get_decision(tx, decision_id)
    row = await tx.fetchrow(
        "SELECT (SELECT body FROM risk.catalogue WHERE version = $1) AS catalogue,"
        " (SELECT body FROM risk.rule_set WHERE version = $2) AS rule_set",
        stored.catalogue,
        stored.rule_set,
    )
    if row["catalogue"] is None or row["rule_set"] is None:
        raise BrokenInvariant(
            f"{decision_id} was decided by a catalogue or rule set that is not kept"
        )
    return replay_decision(stored, row["catalogue"], row["rule_set"])


async def find_labels(tx: Tx, payments: Sequence[str]) -> dict[str, Label]:
    """What each of `payments` was last said to be; those without a label are left out."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (payment) payment, label, at, source FROM risk.label"
        " WHERE payment = ANY($1::text[]) ORDER BY payment, seq DESC",
        list(payments),
    )
    return {row["payment"]: _label(row) for row in rows}


async def list_labels(tx: Tx, payment: str) -> list[Label]:
    """Everything ever said of a payment, the latest last."""
    rows = await tx.fetch(
        "SELECT payment, label, at, source FROM risk.label WHERE payment = $1 ORDER BY seq", payment
    )
    return [_label(row) for row in rows]


def _known(catalogues: dict[str, Catalogue], version: str) -> Catalogue:
    if version not in catalogues:
        raise BrokenInvariant(f"catalogue {version} is not kept")
    return catalogues[version]


def decision_of(row: Any) -> Stored:
    """The decision a row of `risk.decision` holds."""
    reasons = tuple(row["reasons"].split(",")) if row["reasons"] else ()
    beside = json.loads(row["beside"] or "{}")
    verdict = Verdict(
        Outcome(row["outcome"]), Grade(row["grade"]), row["score"], reasons,
        tuple(beside.get("rules", ())),
    )  # fmt: skip
    return Stored(row["id"], row["at"], verdict, row["catalogue"], row["rule_set"], row["facts"],
                  beside.get("scores", {}), tuple(beside.get("models", ())))  # fmt: skip


def _label(row: Any) -> Label:
    return Label(row["payment"], Truth(row["label"]), row["at"], row["source"])
