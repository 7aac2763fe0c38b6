"""What each personal field may be used for, and what follows for every figure made of it.

One table, read where a rule meets its facts: a rule may read a fact only for a purpose that every
field behind the fact allows, whatever the fact is called and however often it was reckoned over.
Fields that are not in the table are not personal: amount, currency, time, merchant category.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from anfu.risk.condition import read_condition
from anfu.risk.facts import Fact
from anfu.risk.features import PLACES, Aggregate, Catalogue, Entity, Feature, Finding, Purpose

_ALL = frozenset(Purpose)
_FRAUD = frozenset({Purpose.ANTI_FRAUD})
# 反电信网络诈骗法 art. 18: what is known of devices and places against fraud serves nothing else.
# 个人信息保护法 art. 6 and 28: a number and a card are for the service and its safety.
PERSONAL: Mapping[str, frozenset[Purpose]] = {
    "payer": _ALL,
    "payee": _ALL,
    "phone": frozenset({Purpose.GENERAL, Purpose.ANTI_FRAUD, Purpose.CREDIT}),
    "card": frozenset({Purpose.GENERAL, Purpose.ANTI_FRAUD}),
    "device": _FRAUD,
    "address": _FRAUD,
    "latitude": _FRAUD,
    "longitude": _FRAUD,
    "terminal": _FRAUD,
}


@lru_cache(maxsize=16)
def purposes(catalogue: Catalogue) -> Mapping[str, frozenset[Purpose]]:
    """What each fact of a catalogue may be used for, by its name."""
    inputs = [Fact(i.name, i.type, i.nullable) for i in catalogue.inputs]
    allowed = {fact.name: PERSONAL.get(fact.name, _ALL) for fact in inputs}
    declared: list[Feature | Finding] = [*catalogue.features, *catalogue.findings]
    for made in declared:
        known = _declared(made)
        if isinstance(made, Feature):
            for field in _fields(made, inputs):
                known &= allowed.get(field, _ALL)
        allowed[made.name] = known
    return allowed


def _declared(made: Feature | Finding) -> frozenset[Purpose]:
    return _FRAUD if made.purpose is Purpose.ANTI_FRAUD else _ALL


def _fields(feature: Feature, inputs: list[Fact]) -> Iterator[str]:
    """The inputs a feature is made of."""
    for named in (feature.entity, feature.also, feature.by, feature.field):
        if named is not None:
            yield str(named)
    if feature.aggregate is Aggregate.PASSED_ON:
        yield Entity.PAYEE.value
    if feature.aggregate in PLACES:
        yield from ("latitude", "longitude")
    if feature.condition is not None:
        yield from read_condition(feature.condition, inputs).names
