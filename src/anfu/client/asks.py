"""The calls there are, each as what is asked: both clients make theirs from these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from anfu.client.answers import Decision, Labelled, Observed, Several
from anfu.client.call import Ask, Speaker
from anfu.client.wishes import Behaviour, Label, Payment


class Asks(Speaker):
    """`key` is the idempotency key; None makes a new one."""

    def decide(
        self, payment: Payment, *, deadline_ms: int | None, dry_run: bool, key: str | None
    ) -> Ask[Decision]:
        body = {**msgspec.to_builtins(payment), **_terms(deadline_ms, dry_run)}
        return self.write("/v1/decisions", body, Decision, key)

    def decide_all(
        self,
        payments: Sequence[Payment],
        *,
        deadline_ms: int | None,
        dry_run: bool,
        key: str | None,
    ) -> Ask[Several[Decision]]:
        body = {"decisions": payments, **_terms(deadline_ms, dry_run)}
        return self.write("/v1/decisions/batch", body, Several[Decision], key)

    def decision(self, decision: str, *, reason: str | None) -> Ask[Decision]:
        target = f"/v1/decisions/{decision}?expand=reasons"
        return Ask("GET", target, Decision, reason=reason)

    def observe(
        self, behaviours: Sequence[Behaviour], *, key: str | None
    ) -> Ask[Several[Observed]]:
        return self.write("/v1/events/batch", {"events": behaviours}, Several[Observed], key)

    def label(self, labels: Sequence[Label], *, key: str | None) -> Ask[Several[Labelled]]:
        return self.write("/v1/labels/batch", {"labels": labels}, Several[Labelled], key)


def _terms(deadline_ms: int | None, dry_run: bool) -> dict[str, Any]:
    terms: dict[str, Any] = {} if deadline_ms is None else {"deadline_ms": deadline_ms}
    return {**terms, "dry_run": True} if dry_run else terms
