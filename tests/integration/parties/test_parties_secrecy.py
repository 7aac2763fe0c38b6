"""What a thief of the whole database would read."""

from __future__ import annotations

import base64
import logging
from datetime import date

import asyncpg
import pytest
from tests.integration.parties.drafts import draft

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Refused
from anfu.parties import operations
from anfu.parties.apikey import IssuedKey, NewKey
from anfu.parties.applications import operations as applications
from anfu.parties.customer import Customer, NewCustomer
from anfu.parties.emergency.envelope import Opening
from anfu.parties.emergency.operations import make_envelope, open_envelope
from anfu.parties.endpoint import IssuedEndpoint
from anfu.parties.firms import operations as firms
from anfu.parties.firms.firm import Dossier, Officer
from anfu.parties.firms.ownership import Holders, Owner
from anfu.parties.identity import operations as identity
from anfu.parties.identity.verification import FirmKind, Kind, Particulars
from anfu.parties.keyring import Sealer
from anfu.parties.keys.operations import create_key
from anfu.parties.person import DocumentType, parse_document, parse_person
from anfu.parties.signature import signing_key
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

PERSON = parse_person(
    "张三丰", "13800131234", parse_document(DocumentType.CITIZEN_ID, "11010519491231002X")
)
APPLICANT = parse_person("李四光", "13900139000", parse_document(DocumentType.PASSPORT, "Q0000001"))
LIN, WANG = (
    parse_person(name, phone, parse_document(DocumentType.PASSPORT, number))
    for name, phone, number in (("林平安", "13600136000", "Q0000002"),
                                ("王富贵", "13700137000", "Q0000003"))
)  # fmt: skip
CARD = "6222020200112233446"
OPENING = Opening("赵六", "nobody who may act can sign in")


async def fill(
    tx: Tx, sealer: Sealer, clock: ManualClock, shop: str
) -> tuple[Customer, IssuedKey, IssuedEndpoint, IssuedEndpoint]:
    now = clock.now()
    customer = await operations.open_customer(
        tx, order=NewCustomer(PERSON, 2, shop), sealer=sealer, now=now
    )
    key = await create_key(
        tx, order=NewKey("till", frozenset({"payments:read"}), shop), by=None, sealer=sealer,
        now=now,
    )  # fmt: skip
    made = await operations.create_endpoint(
        tx, merchant_id=shop, url="https://a.example/", allow_loopback=False, sealer=sealer,
        now=now,
    )  # fmt: skip
    rolled = await operations.roll_endpoint_secret(
        tx, endpoint_id=made.endpoint.id, merchant=shop, overlap_s=60, sealer=sealer, now=now
    )
    applied = await identity.apply(
        tx, person=APPLICANT, document_until=date(2036, 11, 23), opened_by=shop, sealer=sealer,
        now=now,
    )  # fmt: skip
    await identity.ask(
        tx, about=applied.id, kind=Kind.BANK_CARD, particulars=Particulars(CARD, "cap_secret"),
        sealer=sealer, now=now,
    )  # fmt: skip
    dossier = Dossier(
        "安付测试有限公司", "91350100M000100Y43", "五四路1号", "批发", None,
        Officer(LIN, date(2036, 11, 23)), None,
    )  # fmt: skip
    firm = await firms.apply(tx, dossier=dossier, opened_by=shop, sealer=sealer, now=now)
    holders = Holders((Owner(WANG, date(2036, 11, 23), date(2020, 1, 1), 10_000),), None, None)
    await firms.declare(tx, firm=firm.id, holders=holders, by="key_1", sealer=sealer, now=now)
    await identity.ask(
        tx, about=firm.id, kind=FirmKind.CORPORATE_ACCOUNT, sealer=sealer, now=now,
        particulars=Particulars(bank_account="35001870007052501234"),
    )  # fmt: skip
    await applications.create(tx, application=draft(now), sealer=sealer)
    envelope, _ = await make_envelope(tx, sealer=sealer, now=now)
    await open_envelope(
        tx, envelope=envelope, opening=OPENING, address="203.0.113.9", sealer=sealer, now=now
    )
    return customer, key, made, rolled


async def dump(owner: asyncpg.Connection) -> str:
    """Every column of every table of the room as text, and every bytea as bytes too."""
    tables = await owner.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'parties'"
    )
    assert len(tables) == 29
    text = []
    for (table,) in tables:
        for row in await owner.fetch(f"SELECT t.*, t::text AS whole FROM parties.{table} t"):
            text += [
                value.decode("utf-8", "replace") + value.hex()
                if isinstance(value, bytes)
                else str(value)
                for value in row.values()
            ]
    return "\n".join(text)


async def test_a_dump_of_the_tables_holds_nothing_in_clear(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    async with database.transaction() as tx:
        customer, key, made, rolled = await fill(tx, sealer, clock, shop)
    with pytest.raises(Refused) as refused:
        async with database.transaction() as tx:
            await fill(tx, sealer, clock, shop)
    everything = await dump(owner) + repr(refused.value) + caplog.text
    assert customer.id in everything
    assert key.key.id in everything
    texts = ["张三丰", "13800131234", "11010519491231002X", "李四光", "13900139000", "Q0000001",
             "林平安", "13600136000", "Q0000002", "王富贵", "13700137000", "Q0000003",
             "安付测试有限公司", "91350100M000100Y43", "35001870007052501234",
             "钱五行", "13700137000", "Q0000002", "福州市一号", "35001234567890",
             CARD, "cap_secret", OPENING.name, OPENING.reason, key.secret, made.secret,
             rolled.secret]  # fmt: skip
    keys = [line.split()[-1 - line.endswith("active")] for line in
            sealer.ring.to_text().splitlines()[1:]]  # fmt: skip
    raw = [text.encode() for text in texts] + [signing_key(key.secret)]
    raw += [bytes.fromhex(hexed) for hexed in keys]
    spelled = [form(value) for value in raw for form in (bytes.hex, _base64, _text)]
    for secret in spelled:
        assert secret not in everything
    for shown in (repr(customer), repr(key), repr(made), repr(rolled), repr(sealer)):
        assert all(secret not in shown for secret in spelled)


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode().rstrip("=")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
