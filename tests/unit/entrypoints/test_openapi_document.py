"""The OpenAPI document holds together by itself."""

from __future__ import annotations

import json
import re

from anfu.entrypoints.api.application import operations
from anfu.entrypoints.api.openapi import describe


def test_every_schema_that_is_referred_to_is_there() -> None:
    document = describe(operations(development_mode=True), "test")
    referred = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert sorted(referred - document["components"]["schemas"].keys()) == []


def test_two_types_of_one_name_are_told_apart() -> None:
    paths = describe(operations(development_mode=True), "test")["paths"]
    bodies = [
        paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        for path in ("/v1/rules/{rule}/shadow", "/v1/lists/{list}/retire")
    ]
    assert [body.rsplit(".", 2)[-2:] for body in bodies] == [
        ["rule_documents", "WhyForm"],
        ["lists_forms", "WhyForm"],
    ]
