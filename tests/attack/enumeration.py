"""Enumeration: what is there and belongs to somebody else is answered like what is not there.

Status, code, field and every byte of the body must be the same once the name asked for is taken
out of it.
"""

from __future__ import annotations

import re

import httpx
from tests.attack.caller import Caller
from tests.attack.document import Asked
from tests.attack.makers import make_all
from tests.attack.objects import NAMED, OWN_WORDS, naming, theirs_of
from tests.attack.place import Place, person
from tests.attack.tally import Tally

from anfu.kernel.ids import SystemEntropy
from anfu.parties.secret import new_secret

_FOREIGN = "_01kaw0000000000000000000zz"


async def attack(place: Place) -> list[Tally]:
    """Names in paths, names in bodies, people by their particulars, keys."""
    names = await make_all(place)
    unknown = {key: absent(value) for key, value in names.items()}
    return [
        await _paths(place, names, unknown),
        await _bodies(place, names, unknown),
        await _people(place),
        await _keys(place),
    ]


def absent(name: str) -> str:
    """A name of the same form that nobody has."""
    kind, _, rest = name.partition("_")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", name):
        return f"1999{name[4:]}"
    return kind + _FOREIGN if len(rest) == 26 else name[::-1]


def _alike(one: httpx.Response, other: httpx.Response, known: str, unknown: str) -> bool:
    said, nothing = one.text.replace(known, "…"), other.text.replace(unknown, "…")
    return (one.status_code, said) == (other.status_code, nothing)


async def _paths(place: Place, names: dict[str, str], unknown: dict[str, str]) -> Tally:
    tally = Tally("telling objects of others from none", "outside the scope nothing is found")
    for one in place.asked:
        if not one.parameters or one.scope is None:
            continue
        body = one.body if one.method == "POST" else None
        for parameter in one.parameters:
            there = await place.other.ask(one.method, one.target(names), body)
            wrong = {**names, parameter: unknown[parameter]}
            nowhere = await place.other.ask(one.method, one.target(wrong), body)
            same = _alike(there, nowhere, names[parameter], unknown[parameter])
            tally.judge(f"{one.name}, {parameter}: {there.text[:60]} {nowhere.text[:60]}", same)
    return tally


async def _bodies(place: Place, names: dict[str, str], unknown: dict[str, str]) -> Tally:
    tally = Tally("telling names in a body from none", "outside the scope nothing is found")
    theirs = await theirs_of(place)

    async def ask(one: Asked, field: str, name: str) -> httpx.Response:
        body = naming(one, field, name, theirs)
        return await place.other.ask(one.method, one.target({**names, **theirs}), body)

    for one in place.asked:
        for field in sorted(one.fields & NAMED.keys()):
            if one.scope is not None and (one.name, field) not in OWN_WORDS:
                known, nobody = names[NAMED[field]], unknown[NAMED[field]]
                there, nowhere = await ask(one, field, known), await ask(one, field, nobody)
                same = _alike(there, nowhere, known, nobody)
                tally.judge(f"{one.name}, {field}: {there.text[:60]} {nowhere.text[:60]}", same)
    return tally


async def _people(place: Place) -> Tally:
    """Does another merchant learn that somebody is a customer here? Whoever comes with a whole
    identity document is told that its holder has an account, since a second one is refused (43号
    art. 11); not whose it is nor where. A telephone number tells nothing."""
    tally = Tally("telling customers of others by their particulars",
                  "a number tells nothing; a document no more than that it is known")  # fmt: skip
    known, first, second = (person(place.numbers + n) for n in range(3))
    place.numbers += 3
    made = await place.own.make("/v1/customers", {**known, "account_class": 3})
    for path, more in (("customers", {"account_class": 3}),
                       ("onboardings", {"document_until": "2036-11-23"})):  # fmt: skip
        taken = await place.other.ask("POST", f"/v1/{path}", {**known, **more})
        named = [word for word in (made["id"], place.merchant, known["name"]) if word in taken.text]
        tally.judge(f"{path}, document: {taken.text[:90]}", taken.status_code == 409 and not named)
    phones = [{**first, "phone": known["phone"]}, second]
    told = [await place.other.ask("POST", "/v1/customers", {**who, "account_class": 3})
            for who in phones]  # fmt: skip
    sizes = {(answer.status_code, len(answer.content)) for answer in told}
    tally.judge(f"customers, phone: {[a.text[:80] for a in told]}", len(sizes) == 1)
    return tally


async def _keys(place: Place) -> Tally:
    tally = Tally("telling keys from none", "an unknown key is refused like one not proven")
    right, none = str(place.own.key), "key" + _FOREIGN
    secret = new_secret("sk", entropy=SystemEntropy())
    for key in (right, str(place.revoked.key), str(place.expired.key)):
        signed = [await Caller(place.http, k, secret).ask("GET", "/v1/payments")
                  for k in (key, none)]  # fmt: skip
        bearer = [
            await place.nobody.ask(
                "GET", "/v1/payments", headers={"Authorization": f"Bearer {k}.{secret}"}
            )
            for k in (key, none)
        ]
        for one, other in (signed, bearer):
            tally.judge(f"{one.text[:80]} {other.text[:80]}", _alike(one, other, key, none))
    return tally
