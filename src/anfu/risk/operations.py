"""Writes of risk: decisions, the versions they were made with, labels."""

from __future__ import annotations

from collections.abc import Sequence

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
INSERT INTO risk.label (payment, label, at, source)
SELECT payment, label, at, source
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
     WITH ORDINALITY AS given (payment, label, at, source, place)
WHERE (label, at, source) IS DISTINCT FROM (
    SELECT (label, at, source) FROM risk.label AS said
    WHERE said.payment = given.payment ORDER BY seq DESC LIMIT 1
)
ORDER BY place
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
    )
