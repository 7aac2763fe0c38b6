"""Reads of risk: decisions, their replay, the stream profiles are rebuilt from, labels."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import first_id
from anfu.risk.decision import Verdict
from anfu.risk.environment import Environment
from anfu.risk.event import Event, Kind
from anfu.risk.facts import decode
from anfu.risk.features import Catalogue, read_catalogue
from anfu.risk.label import Label, Told, Truth
from anfu.risk.replay import Replay, Stored, event_of, replay_decision
from anfu.risk.rules import Grade, Outcome, RuleSet, read_rule_set
from anfu.storage.transaction import Tx

PREFIX, BEHAVIOUR = "dec", "beh"
_MILLISECOND = timedelta(milliseconds=1)
_PAGE = 5_000
COLUMNS = "id, at, score, outcome, grade, reasons, catalogue, rule_set, facts, beside"
_LABEL = "payment, label, at, source, decision, told_at"


async def get_decision(tx: Tx, decision_id: str) -> Stored:
    """Raises Refused("decision_not_found")."""
    found = await find_decisions(tx, [decision_id])
    if decision_id not in found:
        raise Refused("decision_not_found", field="id", id=decision_id)
    return found[decision_id]


async def find_decisions(tx: Tx, ids: Sequence[str]) -> dict[str, Stored]:
    """Those of `ids` that exist, by id."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.decision WHERE id = ANY($1::text[])", list(ids)
    )
    return {row["id"]: decision_of(row) for row in rows}


async def list_decisions(tx: Tx, *, before: str | None = None, most: int = 50) -> list[Stored]:
    """A page, the newest first, of decisions with an id smaller than `before`."""
    rows = await tx.fetch(
        f"SELECT {COLUMNS} FROM risk.decision WHERE $1::text IS NULL OR id < $1"
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
    async for _, event in _decided(tx, since):
        yield event


async def stream_learned(tx: Tx, since: datetime | None = None) -> AsyncIterator[Event | Told]:
    """Everything profiles and graph have learned since then (None: ever), in the order they did:
    payments decided on, behaviour, labels.

    Ids carry the time they were made; of one millisecond, payments come first and labels last.
    """
    streams: list[AsyncIterator[tuple[str, Event | Told]]]
    streams = [_decided(tx, since), _observed(tx, since), _told(tx, since)]
    heads = {n: head for n, s in enumerate(streams) if (head := await anext(s, None)) is not None}
    while heads:
        first = min(heads, key=lambda n: (heads[n][0], n))
        yield heads[first][1]
        following = await anext(streams[first], None)
        if following is None:
            del heads[first]
        else:
            heads[first] = following


async def _decided(tx: Tx, since: datetime | None) -> AsyncIterator[tuple[str, Event]]:
    catalogues = await _catalogues(tx)
    query = "SELECT id, catalogue, facts FROM risk.decision WHERE id > $1 ORDER BY id LIMIT $2"
    async for row in _rows(tx, query, _before(PREFIX, since)):
        catalogue = _known(catalogues, row["catalogue"])
        yield row["id"][4:], event_of(catalogue, decode(catalogue.facts, row["facts"]))


async def _observed(tx: Tx, since: datetime | None) -> AsyncIterator[tuple[str, Event]]:
    query = "SELECT * FROM risk.behaviour WHERE id > $1 ORDER BY id LIMIT $2"
    async for row in _rows(tx, query, _before(BEHAVIOUR, since)):
        yield row["id"][4:], _behaviour(row)


async def _told(tx: Tx, since: datetime | None) -> AsyncIterator[tuple[str, Told]]:
    """Never before the label that was told before it, whatever their clocks said."""
    catalogues = await _catalogues(tx)
    query = (
        "SELECT l.seq AS id, l.payment, l.label, l.at, l.source, l.decision, l.told_at,"
        " d.catalogue, d.facts FROM risk.label l JOIN risk.decision d ON d.id = l.decision"
        " WHERE l.seq > $1 ORDER BY l.seq LIMIT $2"
    )
    key = ""
    async for row in _rows(tx, query, 0):
        if since is None or row["told_at"] >= since:
            catalogue = _known(catalogues, row["catalogue"])
            event = event_of(catalogue, decode(catalogue.facts, row["facts"]))
            last_id = first_id(PREFIX, at=row["told_at"] + _MILLISECOND)[4:]
            key = max(key, last_id)
            yield key, Told(event, label_of(row))


async def _rows(tx: Tx, query: str, after: str | int) -> AsyncIterator[Any]:
    """Page by page, in the order of `id`."""
    while True:
        rows = await tx.fetch(query, after, _PAGE)
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        after = rows[-1]["id"]


def _before(prefix: str, since: datetime | None) -> str:
    return "" if since is None else first_id(prefix, at=since)[:-1]


async def _catalogues(tx: Tx) -> dict[str, Catalogue]:
    rows = await tx.fetch("SELECT version, body FROM risk.catalogue")
    return {row["version"]: read_catalogue(row["body"]) for row in rows}


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


async def find_facts(tx: Tx, decisions: Iterable[Stored]) -> dict[str, dict[str, object]]:
    """What was known when each was decided, by name, by id of the decision."""
    given = list(decisions)
    rows = await tx.fetch(
        "SELECT version, body FROM risk.catalogue WHERE version = ANY($1::text[])",
        list({stored.catalogue for stored in given}),
    )
    catalogues = {row["version"]: read_catalogue(row["body"]) for row in rows}
    found = {}
    for stored in given:
        facts = _known(catalogues, stored.catalogue).facts
        named = zip(facts, decode(facts, stored.body), strict=True)
        found[stored.id] = {fact.name: value for fact, value in named}
    return found


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
        f"SELECT DISTINCT ON (payment) {_LABEL} FROM risk.label"
        " WHERE payment = ANY($1::text[]) ORDER BY payment, seq DESC",
        list(payments),
    )
    return {row["payment"]: label_of(row) for row in rows}


async def list_fraud(tx: Tx, *, since: datetime) -> list[str]:
    """Payments we were told of at `since` or later, and that are fraud by what was last said."""
    rows = await tx.fetch(
        "SELECT payment FROM (SELECT DISTINCT ON (payment) payment, label FROM risk.label"
        " WHERE told_at >= $1 ORDER BY payment, seq DESC) AS last WHERE label = 'FRAUD'",
        since,
    )
    return [row["payment"] for row in rows]


async def list_labels(tx: Tx, payment: str) -> list[Label]:
    """Everything ever said of a payment, the latest last."""
    rows = await tx.fetch(
        f"SELECT {_LABEL} FROM risk.label WHERE payment = $1 ORDER BY seq", payment
    )
    return [label_of(row) for row in rows]


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


def label_of(row: Any) -> Label:
    """The label a row of `risk.label` holds."""
    return Label(row["payment"], Truth(row["label"]), row["at"], row["source"], row["decision"],
                 row["told_at"])  # fmt: skip


def _behaviour(row: Any) -> Event:
    seen = Environment(row["device"], row["address"], row["latitude"], row["longitude"])
    return Event(
        row["event"], row["payer"], row["payee"], row["amount"], row["currency"], row["method"],
        row["card"], row["at"], seen, Kind(row["kind"]), row["terminal"], row["phone"],
        row["payee_kind"], row["mcc"], row["promotion"],
    )  # fmt: skip
