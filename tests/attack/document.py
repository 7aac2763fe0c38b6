"""The OpenAPI document as an attacker reads it: what may be asked, and with which names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_SCOPE = re.compile(r"Needs the scope `([a-z_:]+)`")


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation. `scope` None: open to everybody. `parameters` stand in its path, `queries`
    behind it; `fields` are the properties of its body at every depth, `body` an example of one."""

    name: str
    method: str
    path: str
    scope: str | None
    parameters: tuple[str, ...]
    queries: tuple[str, ...]
    fields: frozenset[str]
    body: Mapping[str, Any] | None

    def target(self, names: Mapping[str, str]) -> str:
        """The path with its parameters filled in."""
        return self.path.format_map(names)


def read_document(document: Mapping[str, Any]) -> list[Asked]:
    """Every operation of an OpenAPI document."""
    schemas = document["components"]["schemas"]
    return [
        _asked(path, method.upper(), described, schemas)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]


def _asked(path: str, method: str, said: Mapping[str, Any], schemas: Mapping[str, Any]) -> Asked:
    scope = _SCOPE.search(said.get("description", ""))
    content = said.get("requestBody", {}).get("content", {}).get("application/json")
    body = None if content is None else content.get("example", _filled(content["schema"], schemas))
    schema = {} if content is None else content["schema"]
    queries = tuple(p["name"] for p in said["parameters"] if p["in"] == "query")
    return Asked(
        said["operationId"], method, path, None if scope is None else scope[1],
        tuple(re.findall(r"{(\w+)}", path)), queries, frozenset(_names(schema, schemas)), body,
    )  # fmt: skip


def _names(
    schema: Mapping[str, Any], schemas: Mapping[str, Any], seen: tuple[str, ...] = ()
) -> Iterator[str]:
    """The names of the properties of a schema, at every depth."""
    reference = schema.get("$ref", "").rsplit("/", 1)[-1]
    if reference and reference not in seen:
        yield from _names(schemas[reference], schemas, (*seen, reference))
    for name, value in schema.get("properties", {}).items():
        yield name
        yield from _names(value, schemas, seen)
    below = [*schema.get("anyOf", ()), schema.get("items")]
    for one in below:
        if isinstance(one, Mapping):
            yield from _names(one, schemas, seen)


def _filled(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """A small value that fits a schema, for an operation without an example."""
    if "$ref" in schema:
        return _filled(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        required = schema.get("required", ())
        return {name: _filled(schema["properties"][name], schemas) for name in required}
    if schema.get("type") == "array":
        return [_filled(schema["items"], schemas)] if schema.get("minItems") else []
    fill = {"string": "x" * max(1, schema.get("minLength", 1)), "boolean": False}
    number = max(1, schema.get("minimum", 1))
    return fill.get(schema.get("type", "string"), number)
