"""What facts can be, by their declaration: the domains that claims about conditions rest on.

Only what holds for every event: a feature may always be NULL (profiles may be late), and times
since may be below 0 for an event that arrives late.
"""

from __future__ import annotations

from functools import lru_cache

from anfu.kernel.money import MAX_MINOR
from anfu.risk.event import Kind
from anfu.risk.facts import Type
from anfu.risk.features import Aggregate, Catalogue, Feature
from anfu.risk.passing import PASSED_MOST
from anfu.risk.ruling.domain import Domain

_INPUTS = {
    "amount": Domain(0, MAX_MINOR, whole=True),
    "latitude": Domain(-90.0, 90.0, null=True),
    "longitude": Domain(-180.0, 180.0, null=True),
    "kind": Domain(allowed=frozenset(kind.value for kind in Kind)),
}
_FINDINGS = {
    "payer_component": Domain(low=0, whole=True, null=True),
    "payer_fraud_steps": Domain(low=0, whole=True, null=True),
    "payee_fraud_steps": Domain(low=0, whole=True, null=True),
    "cycle_length": Domain(low=0, whole=True, null=True),
    "model_score": Domain(0.0, 1.0, null=True),
    "model_grade": Domain(0, 3, whole=True, null=True),
    "anomaly_score": Domain(0.0, 1.0, null=True),
}
_FROM_ZERO = frozenset(Aggregate) - {Aggregate.SINCE_LAST, Aggregate.AGE, Aggregate.PAIR_AGE}
_UP_TO = {
    Aggregate.HOUR: 23, Aggregate.WEEKDAY: 7, Aggregate.FRAUD_SHARE: 1.0,
    Aggregate.PASSED_ON: PASSED_MOST,
}  # fmt: skip


@lru_cache(maxsize=8)
def bounds(catalogue: Catalogue) -> dict[str, Domain]:
    """The domain of each fact, by name."""
    types = {fact.name: fact for fact in catalogue.facts}
    found = {
        name: Domain(whole=fact.type is Type.INTEGER, null=fact.nullable)
        for name, fact in types.items()
    }
    found |= {name: found[name] & known for name, known in _INPUTS.items() if name in found}
    found |= {name: found[name] & known for name, known in _FINDINGS.items() if name in found}
    return found | {feature.name: _feature(feature) for feature in catalogue.features}


def _feature(feature: Feature) -> Domain:
    low = 1 if feature.aggregate is Aggregate.WEEKDAY else 0
    return Domain(
        low=low if feature.aggregate in _FROM_ZERO else None,
        high=_UP_TO.get(feature.aggregate),
        whole=feature.fact.type is Type.INTEGER,
        null=True,
    )
