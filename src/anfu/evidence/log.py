"""A leaf of the log and its bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from anfu.kernel.canonical import canonical_bytes
from anfu.kernel.clock import aware

_FIELDS = {"v", "kind", "subject", "at", "body"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing to remember: `kind` of what happened, `subject` the id of the object it happened
    to, `at` when (aware), `body` what `canonical_bytes` takes."""

    kind: str
    subject: str
    at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LoggedLeaf:
    """A leaf as the log holds it; `body` is exactly what was hashed."""

    index: int
    subject: str
    at: datetime
    body: bytes


def leaf_bytes(leaf: Leaf) -> bytes:
    """The canonical document that is hashed.

    Raises ValueError for an empty kind or subject, a naive time, or a body without canonical form.
    """
    if not leaf.kind or not leaf.subject:
        raise ValueError("a leaf names its kind and its subject")
    return canonical_bytes(
        {
            "v": 1,
            "kind": leaf.kind,
            "subject": leaf.subject,
            "at": moment_text(leaf.at),
            "body": leaf.body,
        }
    )


def read_leaf(body: bytes) -> Leaf:
    """The leaf whose document `body` is. Raises ValueError unless `leaf_bytes` gives it back."""
    try:
        document = json.loads(body)
        if not isinstance(document, dict) or document.keys() != _FIELDS:
            raise ValueError("not a leaf")
        leaf = Leaf(
            kind=document["kind"],
            subject=document["subject"],
            at=datetime.fromisoformat(document["at"]),
            body=document["body"],
        )
        if not isinstance(leaf.kind, str) or not isinstance(leaf.subject, str):
            raise ValueError("kind and subject are text")
        if type(leaf.body) is not dict or leaf_bytes(leaf) != body:
            raise ValueError("not in canonical form")
    except (TypeError, RecursionError) as error:
        raise ValueError("not a leaf") from error
    return leaf


@lru_cache(maxsize=1024)
def moment_text(moment: datetime) -> str:
    """`2026-11-23T04:00:00.000000Z`: always UTC, always six decimals."""
    return aware(moment).isoformat(timespec="microseconds")[:-6] + "Z"
