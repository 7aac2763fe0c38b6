"""OpenAPI 3.1 from the declared operations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
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
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
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
        "components": {"schemas": _schemas(operations), "securitySchemes": _SECURITY},
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


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.path.split("/")[2] if operation.path.startswith("/v1/") else "server"],
        "parameters": [*_path_parameters(operation.path), *_query_parameters(operation)],
        "responses": _responses(operation),
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
        content: dict[str, Any] = {"schema": _schema(operation.body)}
        if operation.example is not None:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {"application/json": content}}
    return described


def _responses(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {}
    if operation.answer is not None:
        content["schema"] = _schema(operation.answer)
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
            "content": {"application/problem+json": {"schema": _schema(ProblemDocument)}},
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


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema, components = _one(operation.query)
    properties: Mapping[str, Any] = components[schema["$ref"].rsplit("/", 1)[1]]["properties"]
    described = []
    for name, value in properties.items():
        kinds = [kind for kind in value.get("anyOf", ()) if kind != {"type": "null"}]
        given = kinds[0] if len(kinds) == 1 else value
        described.append({"name": name, "in": "query", "required": False, "schema": given})
    return described


def _types(operations: Iterable[Operation]) -> list[Any]:
    found: dict[str, Any] = {"ProblemDocument": ProblemDocument}
    for operation in operations:
        for kind in (operation.body, operation.answer):
            if kind is not None:
                found[str(kind)] = kind
    return list(found.values())


def _schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    _, components = msgspec.json.schema_components(_types(operations), ref_template=_REF)
    return dict(components)


def _schema(kind: Any) -> dict[str, Any]:
    return _one(kind)[0]


def _one(kind: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    (schema,), components = msgspec.json.schema_components([kind], ref_template=_REF)
    return schema, components


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
