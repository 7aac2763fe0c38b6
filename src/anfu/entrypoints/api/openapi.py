"""OpenAPI 3.1 from the declared operations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from anfu.entrypoints.api.cookie import NAME
from anfu.entrypoints.api.documents import ProblemDocument
from anfu.entrypoints.api.errors import PROBLEMS
from anfu.entrypoints.api.operation import Operation

_REF = "#/components/schemas/{name}"
_KEYED = (
    "authorization_missing", "authorization_malformed", "key_unknown", "key_revoked",
    "key_expired", "scope_missing", "signature_required", "signature_malformed",
    "signature_expired", "signature_invalid", "header_invalid", "signature_replayed",
    "nonce_required", "address_not_allowed", "session_ended", "csrf_refused",
)  # fmt: skip
_ONCE = (
    "idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused",
    "idempotency_in_flight",
)  # fmt: skip
_ALWAYS = ("body_too_large", "unavailable", "internal_error")


def describe(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The document."""
    forms = _forms(operations)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _operation(operation, forms)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Anfu (安付)",
            "version": version,
            "description": "Payment security from the tap to the books. Amounts are whole minor"
            " units (fen, cents); times are RFC 3339 in UTC; lists are newest first.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": forms.components, "securitySchemes": _SECURITY},
    }


def codes_of(operation: Operation) -> list[str]:
    """Every problem code an operation may answer with, door and handler together."""
    codes = [*_ALWAYS, *operation.refusals]
    if operation.scope is not None or operation.session:
        codes += _KEYED
    if operation.session:
        codes += ["session_needed"]
    if operation.standing:
        codes += ["emergency_not_allowed"]
    if operation.personal:
        codes += ["reason_missing", "reason_invalid"]
    if operation.institution:
        codes += ["institution_only"]
    if operation.once:
        codes += _ONCE
    if operation.body is not None:
        codes += ["body_invalid", "field_invalid"]
    if operation.query is not None:
        codes += ["query_invalid"]
    if "{" in operation.path:
        codes += ["not_found"]
    return codes


@dataclass(frozen=True, slots=True)
class _Forms:
    """The schemas of all types together: one by one, two types of one name would both be referred
    to by it, and the components have either under its full name. `queries`: the parameters of each
    type of query."""

    schemas: Mapping[str, dict[str, Any]]
    components: Mapping[str, Any]
    queries: Mapping[str, Mapping[str, Any]]

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of a type."""
        return self.schemas[str(kind)]


def _operation(operation: Operation, forms: _Forms) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[2] if operation.path.startswith("/v1/") else "server"],
        "parameters": [*_path_parameters(operation.path), *_query_parameters(operation, forms)],
        "responses": _responses(operation, forms),
    }
    if operation.once:
        described["parameters"].append(_IDEMPOTENCY)
    if operation.personal:
        described["parameters"].append(_REASON)
    if operation.scope is not None:
        described["security"] = [{"key": [], "signature": []}, {"session": []}]
        if operation.method == "GET":
            described["security"].append({"bearer": []})
        described["description"] = f"Needs the scope `{operation.scope}`."
    elif operation.session:
        described["security"] = [{"session": []}]
        described["description"] = "For whoever is signed in."
    if operation.body is not None:
        content: dict[str, Any] = {"schema": forms.of(operation.body)}
        if operation.example is not None:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _responses(operation: Operation, forms: _Forms) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if operation.answer is not None:
        content["schema"] = forms.of(operation.answer)
    responses: dict[str, Any] = {
        str(operation.status): {
            "description": "Done.",
            "content": {operation.media.partition(";")[0]: content},
        }
    }
    by_status: dict[int, list[str]] = {}
    for code in codes_of(operation):
        by_status.setdefault(PROBLEMS[code].status, []).append(code)
    for status, codes in sorted(by_status.items()):
        responses[str(status)] = {
            "description": "One of: " + ", ".join(f"`{code}`" for code in dict.fromkeys(codes)),
            "content": {"application/problem+json": {"schema": forms.of(ProblemDocument)}},
        }
    return responses


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
        for name in re.findall(r"{(\w+)}", path)
    ]


def _query_parameters(operation: Operation, forms: _Forms) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    described = []
    for name, value in forms.queries[str(operation.query)].items():
        kinds = [kind for kind in value.get("anyOf", ()) if kind != {"type": "null"}]
        given = kinds[0] if len(kinds) == 1 else value
        described.append({"name": name, "in": "query", "required": False, "schema": given})
    return described


def _forms(operations: Sequence[Operation]) -> _Forms:
    found: dict[str, Any] = {str(ProblemDocument): ProblemDocument}
    for operation in operations:
        for kind in (operation.body, operation.answer, operation.query):
            if kind is not None:
                found[str(kind)] = kind
    schemas, components = msgspec.json.schema_components(found.values(), ref_template=_REF)
    named, rest = dict(zip(found, schemas, strict=True)), dict(components)
    queries = {
        kind: rest.pop(named[kind]["$ref"].rsplit("/", 1)[1])["properties"]
        for kind in {str(o.query) for o in operations if o.query is not None}
    }
    return _Forms(named, rest, queries)


_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A key of your own: the same key and content give the same answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
_REASON = {
    "name": "Anfu-Reason",
    "in": "header",
    "required": False,
    "description": "Why the personal data are read, percent-encoded UTF-8; staff must say it. Kept"
    " in the access log.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,1800}$"},
}
_SECURITY = {
    "key": {"type": "apiKey", "in": "header", "name": "Anfu-Key",
            "description": "The id of the key that signed."},
    "signature": {"type": "apiKey", "in": "header", "name": "Anfu-Signature",
                  "description": "t=<unix seconds>,v1=<hex HMAC-SHA256>; see docs/start.md."},
    "bearer": {"type": "http", "scheme": "bearer",
               "description": "key_….sk_…, for reads only."},
    "session": {"type": "apiKey", "in": "cookie", "name": NAME,
                "description": "Of staff who signed in; writes need Origin and Anfu-Csrf too."},
}  # fmt: skip
