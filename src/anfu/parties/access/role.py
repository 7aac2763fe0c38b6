"""Roles (角色): each is a set of scopes, and no more than its work needs (GB/T 22239-2019 8.1.4.2).

The one table of what staff may do. `admin` makes people and keys and touches no payment; `auditor`
reads everything and changes nothing; no role that makes accounts may be joined with one that
approves. What a customer does, paying, proving, agreeing, binding a device, no role does in his
stead: it comes through the institution's own programs, with their keys; so does money that reached
the reserve account, and nobody credits it by hand. Events tell of factors,
mandates and orders of the police: whoever may not read those does not read events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from anfu.kernel.errors import Refused
from anfu.parties.apikey import SCOPES


def _scopes(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SEEN = _scopes(
    "payments:read merchants:read decisions:read cases:read rules:read lists:read models:read"
)
ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "viewer": _SEEN,
        "analyst": _SEEN | _scopes(
            "rules:write lists:write models:write backtests:write labels:write graph:read"
            " proposals:read"
        ),
        "reviewer": _SEEN | _scopes(
            "cases:write reviews:write labels:write customers:read factors:read mandates:read"
            " devices:read graph:read personal:reveal"
        ),
        "approver": _SEEN | _scopes(
            "proposals:read proposals:write cases:write graph:read applications:read"
            " reconciliation:read settlements:read"
        ),
        "finance": _scopes(
            "payments:read merchants:read balances:read refunds:write tasks:read tasks:write"
            " reconciliation:read reconciliation:write settlements:read settlements:write"
            " payouts:write"
        ),
        "compliance": _SEEN | _scopes(
            "customers:read factors:read mandates:read devices:read balances:read events:read"
            " evidence:read proposals:read graph:read access:read staff:read stop_orders:write"
            " owners:write limits:write personal:reveal personal:export personal:erase"
            " applications:read applications:write tasks:read tasks:write settlements:read"
        ),
        "admin": _scopes("staff:read staff:write keys:write webhooks:read webhooks:write"
                         " requests:read"),
        "auditor": frozenset(scope for scope in SCOPES if scope.endswith(":read")),
    }
)  # fmt: skip
# Given by the sealed envelope alone: all there is to see, and what stops things. What outlives the
# hour is closed to it at the door, and where two people are needed it is nobody.
EMERGENCY = "emergency"
_STOPS = ROLES["auditor"] | _scopes("lists:write reviews:write cases:write staff:write keys:write")
# Roles that one person does not have together: who makes people would be two of them, and who
# audits would audit himself.
_APART = (
    (frozenset({"admin"}), frozenset({"analyst", "approver", "compliance", "finance", "reviewer"})),
    (frozenset({"auditor"}), frozenset(ROLES) - {"auditor"}),
)


def check_roles(roles: Iterable[str]) -> tuple[str, ...]:
    """The roles, sorted, each once. Raises Refused `roles_invalid` (none, or unknown ones) and
    `roles_apart` for two that one person may not have."""
    given = frozenset(roles)
    unknown = sorted(given - ROLES.keys())
    if not given or unknown:
        raise Refused("roles_invalid", field="roles", unknown=unknown, known=sorted(ROLES))
    for one, others in _APART:
        if one <= given and given & others:
            raise Refused("roles_apart", field="roles", apart=sorted(one | (given & others)))
    return tuple(sorted(given))


def scopes_of(roles: Iterable[str]) -> frozenset[str]:
    """What the roles may do together. A role this release does not know gives nothing."""
    known = {**ROLES, EMERGENCY: _STOPS}
    return frozenset[str]().union(*(known.get(role, frozenset()) for role in roles))
