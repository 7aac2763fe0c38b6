"""Writes of risk: decisions, the versions they were made with, behaviour, labels."""

from __future__ import annotations

from collections.abc import Sequence

from anfu.risk.behaviour import Behaviour
from anfu.risk.decision import Decision
from anfu.risk.features import Catalogue
from anfu.risk.label import Label
from anfu.risk.rules import RuleSet
from anfu.storage.transaction import Tx

_PUBLISH = """
WITH catalogues AS (
    INSERT INTO risk.catalogue (version, body) VALUES ($1, $2) ON CONFLICT DO NOTHING
)
INSERT INTO risk.rule_set (version, body) VALUES ($3, $4) ON CONFLICT DO NOTHING
"""

_RECORD = """
INSERT INTO risk.decision
    (id, at, score, outcome, grade, reasons, catalogue, rule_set, facts, beside)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::smallint[], $4::text[], $5::text[],
                     $6::text[], $7::text[], $8::text[], $9::bytea[], $10::text[])
"""

# A repetition of what already speaks adds nothing to the history.
_LABEL = """
INSERT INTO risk.label (payment, label, at, source, decision, told_at)
SELECT payment, label, at, source, decision, told_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::timestamptz[])
     WITH ORDINALITY AS given (payment, label, at, source, decision, told_at, place)
WHERE (label, at, source) IS DISTINCT FROM (
    SELECT (label, at, source) FROM risk.label AS said
    WHERE said.payment = given.payment ORDER BY seq DESC LIMIT 1
)
ORDER BY place
"""

_EVENT = ("at", "kind", "id", "payer", "payee", "amount", "currency", "method", "card", "terminal",
          "phone", "payee_kind", "mcc", "promotion")  # fmt: skip
_SEEN = ("device", "address", "latitude", "longitude")
_BEHAVIOUR = """
INSERT INTO risk.behaviour
    (id, at, kind, event, payer, payee, amount, currency, method, card, terminal,
     phone, payee_kind, mcc, promotion, device, address, latitude, longitude)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[],
                     $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[],
                     $18::double precision[], $19::double precision[])
"""


async def publish(tx: Tx, *, catalogue: Catalogue, rule_set: RuleSet) -> None:
    """Keep the catalogue and the rule set, so that decisions made with them can be replayed.

    To be called, and committed, before the first decision by either; again does nothing.
    """
    await tx.execute(_PUBLISH, catalogue.version, catalogue.body, rule_set.version, rule_set.body)


async def record(tx: Tx, *, decisions: Sequence[Decision]) -> None:
    """Keep the decisions, in one statement."""
    await tx.execute(
        _RECORD,
        [d.id for d in decisions],
        [d.event.at for d in decisions],
        [d.score for d in decisions],
        [d.outcome for d in decisions],
        [d.grade for d in decisions],
        [",".join(d.reasons) for d in decisions],
        [d.catalogue for d in decisions],
        [d.rule_set for d in decisions],
        [d.body for d in decisions],
        [d.beside for d in decisions],
    )


async def put_labels(tx: Tx, *, labels: Sequence[Label]) -> None:
    """Say what payments were; the last word wins and the earlier ones stay as history."""
    await tx.execute(
        _LABEL,
        [label.payment for label in labels],
        [label.truth for label in labels],
        [label.at for label in labels],
        [label.source for label in labels],
        [label.decision for label in labels],
        [label.told_at for label in labels],
    )


async def put_behaviour(tx: Tx, *, rows: Sequence[Behaviour]) -> None:
    """Keep what was observed, in one statement."""
    events = [row.event for row in rows]
    seen = [event.environment for event in events]
    await tx.execute(
        _BEHAVIOUR,
        [row.id for row in rows],
        *([getattr(event, name) for event in events] for name in _EVENT),
        *([getattr(s, name) for s in seen] for name in _SEEN),
    )
