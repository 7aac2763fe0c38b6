"""Devices: read one, list a payer's, take a binding back. Closed to merchants: a device is seen
with payers of others."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from anfu.entrypoints.api.documents import Id, Limit, Personal, Request, page
from anfu.entrypoints.api.operation import Call, Operation
from anfu.parties.devices import queries
from anfu.parties.devices.device import TieState, Trust
from anfu.parties.queries import check_not_stored
from anfu.payments.bind import Revocation, revoke
from anfu.payments.device_document import device_document, tie_document
from anfu.payments.document import encode
from anfu.storage.idempotency import Answer


class TieDocument(Struct, frozen=True):
    """A device and a payer. SEEN together, BOUND by the institution, or REVOKED."""

    object: Literal["device_tie"]
    device: Personal
    payer: str
    state: TieState
    first_at: datetime
    last_at: datetime
    moved_at: datetime


class DeviceKeyDocument(Struct, frozen=True):
    """A key by its SHA-256. FOUNDING came with the device, ALIKE beside it because the traits
    agreed, CONFIRMED was bound after that."""

    thumbprint: str
    trust: Trust


class DeviceDocument(Struct, frozen=True):
    """A device."""

    id: str
    object: Literal["device"]
    created_at: datetime
    last_seen_at: datetime
    keys: list[DeviceKeyDocument]
    ties: list[TieDocument]


class TieQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose devices."""

    payer: Id
    limit: Limit = 20


class TieList(Struct, frozen=True):
    """The devices of a payer, last seen first."""

    object: Literal["list"]
    data: list[TieDocument]
    more: bool


class RevocationForm(Request, frozen=True):
    """Whose device it is no longer."""

    payer: Id


async def get(call: Call) -> Answer:
    """One device."""
    name = call.path["device"]
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        device = await queries.get_device(tx, name)
        keys = await queries.list_keys(tx, name)
        ties = await queries.list_ties(tx, device=name)
    call.saw(*(tie.payer for tie in ties))
    return Answer(200, encode(device_document(device, keys, ties)))


async def list_(call: Call) -> Answer:
    """The devices of a payer."""
    query: TieQuery = call.query
    async with call.desk.tools.database.transaction(readonly=True) as tx:
        await check_not_stored(tx, query.payer)
        ties = await queries.list_ties(tx, payer=query.payer, most=query.limit + 1)
    call.saw(*(tie.payer for tie in ties))
    return Answer(200, page([tie_document(tie) for tie in ties], query.limit))


async def revoke_(call: Call) -> Answer:
    """Take a binding back."""
    wish = Revocation(call.once, call.path["device"], call.body.payer, call.person)
    return call.saw_in(await revoke(call.desk.tools, wish, now=call.now), "payer")


OPERATIONS = (
    Operation("list_devices", "GET", "/v1/devices", "List the devices of a payer.", list_,
              scope="devices:read", query=TieQuery, answer=TieList, institution=True,
              personal=True, refusals=("customer_stored",)),
    Operation("get_device", "GET", "/v1/devices/{device}", "Read a device, its keys and the payers"
              " it was seen with.", get, scope="devices:read", answer=DeviceDocument,
              institution=True, personal=True, refusals=("device_not_found",)),
    Operation("revoke_device", "POST", "/v1/devices/{device}/revoke", "Say that a device is no"
              " longer a payer's.", revoke_, scope="devices:write", body=RevocationForm,
              answer=TieDocument, once=True, institution=True, personal=True,
              refusals=("device_not_tied", "customer_stored"),
              example={"payer": "cus_01kaw000000000000000000000"}),
)  # fmt: skip
