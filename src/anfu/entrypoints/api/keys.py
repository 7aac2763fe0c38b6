"""API keys over HTTP: make, read, replace, confine, revoke. Nobody gives away what he does not
hold, and whoever has a key made stands behind it."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Id, Moment, Name, PageQuery, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.entrypoints.api.shown_once import shown_once
from anfu.kernel.errors import Refused
from anfu.parties.apikey import SCOPES, ApiKey, IssuedKey, NewKey
from anfu.parties.keys import queries
from anfu.parties.keys.operations import Rotation
from anfu.parties.network import MOST
from anfu.payments.access.grant import confine, grant, revoke, rotate
from anfu.payments.document import encode, rfc3339
from anfu.storage import idempotency
from anfu.storage.idempotency import Answer
from anfu.storage.transaction import Tx

Networks = Annotated[tuple[Name, ...], Meta(max_length=MOST, description="CIDR; none: anywhere.")]
PublicKey = Annotated[str, Meta(min_length=43, max_length=43, description="Ed25519, base64url.")]
Scopes = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=len(SCOPES))]


class KeyForm(Request, frozen=True):
    """A key to be made. `merchant`: the one it speaks for; a merchant's key means itself. `own`: it
    belongs to the account that asks. With `public_key` there is no secret."""

    label: Name
    scopes: Scopes
    merchant: Id | None = None
    expires_at: Moment | None = None
    own: bool = False
    networks: Networks = ()
    public_key: PublicKey | None = None
    nonces: bool = False


class RotationForm(Request, frozen=True):
    """For how long the old key goes on beside the new one."""

    overlap_s: Annotated[int, Meta(ge=0, le=30 * 86_400)] = 86_400
    public_key: PublicKey | None = None


class NetworksForm(Request, frozen=True):
    """From where the key may be used from now on."""

    networks: Networks


class KeyDocument(Struct, frozen=True):
    """A key. `secret` is shown once, when the key is made."""

    id: str
    object: Literal["key"]
    label: str
    merchant: str | None
    staff: str | None
    person: str
    scopes: list[str]
    networks: list[str]
    public_key: str | None
    nonces: bool
    created_at: datetime
    expires_at: datetime | None
    rotated_at: datetime | None
    revoked_at: datetime | None
    secret: str | None = None


class KeyList(Struct, frozen=True):
    """A page of keys."""

    object: Literal["list"]
    data: list[KeyDocument]
    more: bool


async def create(call: Call) -> Answer:
    """Make a key."""
    form: KeyForm = call.body
    if form.own and call.by.staff_id is None:
        raise Refused("staff_not_you", field="own")
    order = NewKey(
        form.label, frozenset(form.scopes), form.merchant or call.merchant, form.expires_at,
        call.by.staff_id if form.own else None, form.networks, form.public_key, form.nonces,
    )  # fmt: skip

    async def work(tx: Tx) -> Answer:
        return _issued(201, await grant(tx, call.desk.tools, order, call.by, now=call.now))

    return await shown_once(call, "secret", work)


async def turn(call: Call) -> Answer:
    """Make the key that takes its place."""
    form: RotationForm = call.body
    wish = Rotation(call.path["key"], form.overlap_s, form.public_key)

    async def work(tx: Tx) -> Answer:
        return _issued(201, await rotate(tx, call.desk.tools, wish, call.by, now=call.now))

    return await shown_once(call, "secret", work)


async def limit(call: Call) -> Answer:
    """Confine it to networks."""
    form: NetworksForm = call.body

    async def work(tx: Tx) -> Answer:
        key = await confine(
            tx, call.desk.tools, call.path["key"], form.networks, call.by, now=call.now
        )
        return Answer(200, encode(key_document(key)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def end(call: Call) -> Answer:
    """Revoke it."""

    async def work(tx: Tx) -> Answer:
        key = await revoke(tx, call.desk.tools, call.path["key"], call.by, now=call.now)
        return Answer(200, encode(key_document(key)))

    return await idempotency.once(call.desk.tools.database, call.once, work, now=call.now)


async def list_(call: Call) -> Answer:
    """A page."""
    query: PageQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.list_keys(
            tx, merchant=call.merchant, before=query.after, most=query.limit + 1
        )
    return Answer(200, page([key_document(key) for key in found], query.limit))


async def get(call: Call) -> Answer:
    """One."""
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        found = await queries.get_key(tx, call.path["key"], merchant=call.merchant)
    return Answer(200, encode(key_document(found)))


def key_document(key: ApiKey) -> dict[str, Any]:
    """A key as JSON values."""
    public = key.public_key
    times = {"expires_at": key.expires_at, "rotated_at": key.rotated_at,
             "revoked_at": key.revoked_at}  # fmt: skip
    return {
        "id": key.id,
        "object": "key",
        "label": key.label,
        "merchant": key.merchant_id,
        "staff": key.staff_id,
        "person": key.person,
        "scopes": sorted(key.scopes),
        "networks": list(key.networks),
        "public_key": None if public is None
        else base64.urlsafe_b64encode(public).rstrip(b"=").decode(),
        "nonces": key.nonces,
        "created_at": rfc3339(key.created_at),
        **{name: None if at is None else rfc3339(at) for name, at in times.items()},
    }  # fmt: skip


def _issued(status: int, issued: IssuedKey) -> Answer:
    secret = issued.secret or None
    return Answer(status, encode({**key_document(issued.key), "secret": secret}))


_NOT_HELD = ("merchant_not_found", "scope_not_held", "staff_not_you")
_OF_ONE = ("key_not_found", *_NOT_HELD)
OPERATIONS = (
    Operation("create_key", "POST", "/v1/keys", "Make an API key.", create, scope="keys:write",
              body=KeyForm, answer=KeyDocument, status=201, once=True, standing=True,
              refusals=(*_NOT_HELD, "scopes_invalid", "label_invalid", "expires_at_invalid",
                        "networks_invalid", "public_key_invalid"),
              example={"label": "till 1", "scopes": ["keys:write"],
                       "networks": ["203.0.113.0/24"]}),
    Operation("list_keys", "GET", "/v1/keys", "List API keys.", list_, scope="keys:write",
              query=PageQuery, answer=KeyList),
    Operation("get_key", "GET", "/v1/keys/{key}", "Read an API key.", get, scope="keys:write",
              answer=KeyDocument, refusals=("key_not_found",)),
    Operation("rotate_key", "POST", "/v1/keys/{key}/rotate", "Make the key that takes the place of"
              " another one, which goes on for a while and ends by itself.", turn,
              scope="keys:write", body=RotationForm, answer=KeyDocument, status=201, once=True,
              standing=True,
              refusals=(*_OF_ONE, "key_rotated", "public_key_invalid", "overlap_invalid"),
              example={"overlap_s": 3600}),
    Operation("confine_key", "POST", "/v1/keys/{key}/networks", "Say from where a key may be used.",
              limit, scope="keys:write", body=NetworksForm, answer=KeyDocument, once=True,
              standing=True, refusals=(*_OF_ONE, "networks_invalid"),
              example={"networks": ["203.0.113.7/32"]}),
    Operation("revoke_key", "POST", "/v1/keys/{key}/revoke", "End a key: it is refused within a"
              " second.", end, scope="keys:write", answer=KeyDocument, once=True,
              refusals=("key_not_found",)),
)  # fmt: skip
