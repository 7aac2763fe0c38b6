"""What a page is told of: kinds of objects by the leaves that tell of them, and who may hear it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# kind: the scope that reads it, and the kinds of leaves that tell of it
_TABLE = {
    "payments": ("payments:read", "payment proof stray contradiction"),
    "refunds": ("payments:read", "refund"),
    "decisions": ("decisions:read", "decision label"),
    "cases": ("cases:read", "case"),
    "proposals": ("proposals:read", "proposal same_day_change settlement_terms multiplier"),
    "tasks": ("tasks:read", "task"),
    "settlements": ("settlements:read", "settlement reserve_check"),
    "payouts": ("settlements:read", "payout payout_batch"),
    "reconciliation": ("reconciliation:read", "bill reconciliation_item treatment"),
    "accounts": ("balances:read", "deposit posting"),
    "applications": ("applications:read", "application inquiry"),
    "customers": (
        "customers:read",
        "onboarding verification consent erasure agreed_limit stop_order",
    ),
    "factors": ("factors:read", "factor"),
    "mandates": ("mandates:read", "mandate"),
    "devices": ("devices:read", "device_tie device_session"),
    "staff": ("staff:read", "access"),
    "deliveries": ("webhooks:read", ""),
}
SCOPES: Mapping[str, str] = MappingProxyType({kind: scope for kind, (scope, _) in _TABLE.items()})
KINDS: Mapping[str, str] = MappingProxyType(
    {leaf: kind for kind, (_, leaves) in _TABLE.items() for leaf in leaves.split()}
)
