"""Objects of others (IDOR): every object of the API, asked for by everybody who must not have it.

Made out of the OpenAPI document: every operation with a name in its path, by every caller of
`CALLERS`; and every operation that takes a name in its body, by another merchant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import httpx
from tests.attack.caller import Caller, code_of
from tests.attack.crew import crew_of
from tests.attack.document import Asked
from tests.attack.makers import Names, make_all
from tests.attack.place import Digest, Place, person
from tests.attack.tally import Tally

from anfu.parties.access.role import ROLES

REFUSED = frozenset({401, 403, 404})
Find = Callable[[Place, str], Awaitable[Caller | None]]


async def _other(place: Place, _scope: str) -> Caller:
    return place.other


async def _nobody(place: Place, _scope: str) -> Caller:
    return place.nobody


async def _lacking(place: Place, scope: str) -> Caller:
    return await place.lacking(scope)


async def _staff(place: Place, scope: str) -> Caller:
    return await place.lacking(scope, institution=True)


async def _revoked(place: Place, _scope: str) -> Caller:
    return place.revoked


async def _expired(place: Place, _scope: str) -> Caller:
    return place.expired


async def _role(role: str, place: Place, scope: str) -> Caller | None:
    return None if scope in ROLES[role] else (await crew_of(place))[role]


# Everybody who must not have an object of the first merchant or of the institution; None where a
# role may.
CALLERS: Mapping[str, Find] = {
    "another merchant": _other,
    "its own merchant without the scope": _lacking,
    "the institution without the scope": _staff,
    "nobody": _nobody,
    "a revoked key": _revoked,
    "an expired key": _expired,
    **{f"a session of the {role}": partial(_role, role) for role in ROLES},
}
# A session notes when somebody was there, whatever he is answered.
_SEEN = "parties.staff_session"
# Property of a body -> the object it names.
NAMED = {"payment": "payment", "payee": "merchant", "merchant": "merchant", "payer": "customer",
         "customer": "customer", "party": "party", "decision": "decision", "mandate": "mandate",
         "proposal": "proposal", "session": "session"}  # fmt: skip
# Where such a name is the caller's own word for somebody, or a session that of others counts as
# none: it reads and moves nothing of theirs.
OWN_WORDS = frozenset({
    ("create_decision", "payer"), ("create_decision", "payee"), ("create_decisions", "payer"),
    ("create_decisions", "payee"), ("create_device_session", "payer"),
    ("create_behaviour", "payer"), ("create_behaviour", "payee"),
    ("create_behaviours", "payer"), ("create_behaviours", "payee"),
    ("create_decision", "session"), ("create_decisions", "session"),
    ("create_behaviour", "session"), ("create_behaviours", "session"),
    ("create_payment", "session"),
    ("prove_payment", "payee"), ("prove_checkout", "payee"),
})  # fmt: skip


async def attack(place: Place) -> list[Tally]:
    """Path by path and body by body."""
    names = await make_all(place)
    kept = [*names.values(), person(0)["phone"], person(0)["document"]["number"]]
    secrets = [value for value in kept if len(value) > 10]
    return [await _paths(place, names, secrets), await _bodies(place, names, secrets)]


async def _paths(place: Place, names: Names, secrets: list[str]) -> Tally:
    tally = Tally("objects of others, by path", "scope of the key, merchant in every query")
    asked = [one for one in place.asked if one.parameters and one.scope is not None]
    for one in asked:
        assert one.scope is not None
        found = {name: await find(place, one.scope) for name, find in CALLERS.items()}
        callers = {name: caller for name, caller in found.items() if caller is not None}
        before = await place.digest()
        for name, caller in callers.items():
            answer = await _ask(caller, one, one.target(names))
            tally.judge(f"{one.name}, {name}: {answer.status_code}", _closed(answer, secrets))
        await _unchanged(place, tally, one.name, before)
    tally.figures = {"operations": len(asked), "callers": len(CALLERS)}
    return tally


async def _bodies(place: Place, names: Names, secrets: list[str]) -> Tally:
    tally = Tally("objects of others, in a body", "the object's merchant is compared")
    theirs = await theirs_of(place)
    before = await place.digest()
    for one in place.asked:
        for field in sorted(one.fields & NAMED.keys()):
            if one.scope is None or (one.name, field) in OWN_WORDS:
                continue
            body = naming(one, field, names[NAMED[field]], theirs)
            answer = await _ask(place.other, one, one.target({**names, **theirs}), body)
            tally.judge(f"{one.name}, {field}: {answer.status_code} {answer.text[:150]}",
                        _closed(answer, secrets))  # fmt: skip
            before = await _unchanged(place, tally, f"{one.name}, {field}", before)
    return tally


async def theirs_of(place: Place) -> Names:
    """The attacker's own, so that one name alone is somebody else's."""
    customer = await place.customer(place.other, deposit=100_000)
    return {"customer": customer, "payer": customer, "payee": place.other_merchant,
            "merchant": place.other_merchant, "party": customer}  # fmt: skip


def naming(one: Asked, field: str, name: str, theirs: Names) -> dict[str, Any]:
    """The example of a body, of the attacker's own but for one name."""
    example = dict(one.body or {})
    own = {key: theirs[key] for key in example.keys() & theirs.keys()}
    if one.name == "create_label":
        own["decision" if field == "payment" else "payment"] = None
    if one.name == "create_labels":
        return {"labels": [{"label": "FRAUD", field: name}]}
    if one.name == "create_payment":
        own |= {"method": {"type": "balance"}}
    return example | own | {field: name}


async def _ask(caller: Caller, one: Asked, target: str, body: Any = None) -> httpx.Response:
    given = body if body is not None else one.body if one.method == "POST" else None
    return await caller.ask(one.method, target, given)


def _closed(answer: httpx.Response, secrets: list[str]) -> bool:
    """Refused, and nothing told but what was asked with."""
    sent = str(answer.request.url) + answer.request.content.decode("utf-8", errors="replace")
    told = [value for value in secrets if value in answer.text and value not in sent]
    # In a body, what is not there for the caller is a field that is wrong.
    refused = answer.status_code in REFUSED or (code_of(answer) or "").endswith("_not_found")
    return refused and not told


async def _unchanged(place: Place, tally: Tally, what: str, before: Digest) -> Digest:
    after = await place.digest()
    told = after.keys() - {_SEEN}
    changed = sorted(name for name in told if after[name] != before.get(name))
    if changed:
        tally.passed.append(f"{what} changed {', '.join(changed)}")
    return after
