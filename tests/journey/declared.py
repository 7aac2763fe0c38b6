"""Every answer that a journey gets is one its operation declares, field by field."""

from __future__ import annotations

import re
from typing import Any

import httpx
import msgspec

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.documents import ProblemDocument
from anfu.entrypoints.api.openapi import codes_of
from anfu.entrypoints.api.operation import Operation


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", path))


_KNOWN = [(o.method, _pattern(o.path), o) for o in operations(development_mode=True)]


async def check_declared(response: httpx.Response) -> None:
    """Raises AssertionError for a status, a problem code or a field that is not declared."""
    request = response.request
    operation = _find(request.method, request.url.path)
    if operation is None or response.status_code == 405:
        return
    body = await response.aread()
    if response.status_code == operation.status:
        if operation.answer is not None:
            _check_fields(body, operation.answer)
        return
    assert response.headers["content-type"] == "application/problem+json", operation.name
    _check_fields(body, ProblemDocument)
    problem = msgspec.json.decode(body, type=ProblemDocument)
    assert problem.status == response.status_code
    assert problem.code in codes_of(operation), f"{operation.name} answers {problem.code}"


def _find(method: str, path: str) -> Operation | None:
    found = (o for m, pattern, o in _KNOWN if m == method and pattern.fullmatch(path))
    return next(found, None)


def _check_fields(body: bytes, kind: Any) -> None:
    declared = msgspec.json.encode(msgspec.json.decode(body, type=kind))
    _check_within(msgspec.json.decode(body), msgspec.json.decode(declared), str(kind))


def _check_within(answer: Any, declared: Any, where: str) -> None:
    if isinstance(answer, dict):
        assert answer.keys() <= declared.keys(), (where, answer.keys() - declared.keys())
        for name, value in answer.items():
            _check_within(value, declared[name], f"{where}.{name}")
    elif isinstance(answer, list):
        for number, value in enumerate(answer):
            _check_within(value, declared[number], f"{where}[{number}]")
