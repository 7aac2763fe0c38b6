"""What rules may read: the catalogue of facts in force, each described in both languages."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from anfu.entrypoints.api.operation import Call, Operation
from anfu.payments.document import encode
from anfu.risk.facts import Fact, Type
from anfu.risk.features import Aggregate, Catalogue, Entity, Feature, Finding, Input, Purpose
from anfu.risk.purposes import purposes
from anfu.storage.idempotency import Answer


class FactDocument(Struct, frozen=True):
    """A value rules may read. `kind`: an INPUT of the payment, a FEATURE of what came before it, or
    a FINDING of lists, graph and models. `unit`: minor is minor units of the currency, s seconds.
    `purposes`: what rules that read it may be for. `entity`, `aggregate` and `window_s` are of
    features alone; without a window one speaks of the whole life of its entity."""

    name: str
    object: Literal["fact"]
    kind: Literal["INPUT", "FEATURE", "FINDING"]
    type: Type
    nullable: bool
    unit: str
    en: str
    zh: str
    purposes: list[Purpose]
    entity: Entity | None
    aggregate: Aggregate | None
    window_s: int | None
    delay_s: int | None


class FactList(Struct, frozen=True):
    """Every fact, in the order decisions keep them; `catalogue` is its version."""

    object: Literal["list"]
    catalogue: str
    data: list[FactDocument]
    more: bool


async def listed(call: Call) -> Answer:
    """The whole catalogue."""
    catalogue = call.desk.tools.engine.catalogue
    document = {
        "object": "list",
        "catalogue": catalogue.version,
        "data": fact_documents(catalogue),
        "more": False,
    }
    return Answer(200, encode(document))


def fact_documents(catalogue: Catalogue) -> list[dict[str, Any]]:
    """What a caller learns of each fact."""
    declared: list[Input | Feature | Finding] = [
        *catalogue.inputs, *catalogue.features, *catalogue.findings,
    ]  # fmt: skip
    allowed = purposes(catalogue)
    return [
        _document(made, fact, allowed[fact.name])
        for made, fact in zip(declared, catalogue.facts, strict=True)
    ]


def _document(
    made: Input | Feature | Finding, fact: Fact, allowed: frozenset[Purpose]
) -> dict[str, Any]:
    feature = made if isinstance(made, Feature) else None
    return {
        "name": fact.name,
        "object": "fact",
        "kind": type(made).__name__.upper(),
        "type": fact.type,
        "nullable": fact.nullable,
        "unit": made.unit,
        "en": made.en,
        "zh": made.zh,
        "purposes": [purpose for purpose in Purpose if purpose in allowed],
        "entity": feature and feature.entity,
        "aggregate": feature and feature.aggregate,
        "window_s": feature and feature.window_s,
        "delay_s": feature and feature.delay_s,
    }


OPERATIONS = (
    Operation("list_features", "GET", "/v1/features", "List what rules may read.", listed,
              scope="rules:read", answer=FactList, institution=True),
)  # fmt: skip
