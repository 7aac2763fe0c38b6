"""What a thief of the whole database would read, and how keys of the ring are changed."""

from __future__ import annotations

import base64
import logging
from datetime import date

import asyncpg
import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy
from anfu.parties import operations, queries
from anfu.parties.apikey import IssuedKey, NewKey
from anfu.parties.customer import Customer, NewCustomer
from anfu.parties.emergency.envelope import Opening
from anfu.parties.emergency.operations import make_envelope, open_envelope
from anfu.parties.emergency.queries import list_opened
from anfu.parties.endpoint import IssuedEndpoint
from anfu.parties.identity import operations as identity
from anfu.parties.identity.verification import Kind, Particulars
from anfu.parties.keyring import Sealer
from anfu.parties.keys.operations import create_key
from anfu.parties.keys.queries import find_credentials
from anfu.parties.operations import Resealed, Sealed
from anfu.parties.person import DocumentType, parse_document, parse_person
from anfu.parties.signature import signing_key
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

PERSON = parse_person(
    "张三丰", "13800131234", parse_document(DocumentType.CITIZEN_ID, "11010519491231002X")
)
APPLICANT = parse_person("李四光", "13900139000", parse_document(DocumentType.PASSPORT, "Q0000001"))
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
        tx, onboarding=applied.id, kind=Kind.BANK_CARD, particulars=Particulars(CARD, "cap_secret"),
        sealer=sealer, now=now,
    )  # fmt: skip
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
    assert len(tables) == 19
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


async def test_a_rotated_ring_reads_reseals_and_lets_the_old_key_go(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    async with database.transaction() as tx:
        customer, key, made, rolled = await fill(tx, sealer, clock, shop)
    newer = Sealer(sealer.ring.with_new_key(SeededEntropy(5)), sealer.entropy)

    async def check(ring_of: Sealer) -> None:
        ring, id_ = ring_of.ring, made.endpoint.id
        async with database.transaction() as tx:
            assert await queries.get_customer(tx, customer.id, ring=ring, merchant=None) == customer
            found = await find_credentials(tx, [key.key.id], ring=ring)
            assert found[key.key.id].signing_key == signing_key(key.secret)
            [opened] = await list_opened(tx, ring=ring)
            assert opened.opening == OPENING
            assert await queries.secrets_of(tx, ring, [id_], now=clock.now()) == {
                id_: (rolled.secret, made.secret)
            }
            assert (
                await queries.find_customer_by_document(
                    tx, PERSON.document, ring=ring, merchant=None
                )
                == customer
            )

    await check(newer)
    async with database.transaction() as tx:
        assert await queries.sealed_versions(tx) == {1: 7}
    for what in Sealed:
        async with database.transaction() as tx:
            assert await operations.reseal(tx, what=what, sealer=newer) == Resealed(1, None)
            assert await operations.reseal(tx, what=what, sealer=newer) == Resealed(0, None)
    async with database.transaction() as tx:
        assert await queries.sealed_versions(tx) == {2: 7}
    await check(Sealer(newer.ring.without(1), newer.entropy))


async def test_resealing_goes_on_in_batches(
    database: Database, sealer: Sealer, clock: ManualClock
) -> None:
    ids = []
    async with database.transaction() as tx:
        for number in range(7):
            document = parse_document(DocumentType.PASSPORT, f"E1000000{number}")
            person = parse_person("张三", "13800131234", document)
            opened = await operations.open_customer(
                tx, order=NewCustomer(person, 1, None), sealer=sealer, now=clock.now()
            )
            ids.append(opened.id)
    ids.sort()
    newer = Sealer(sealer.ring.with_new_key(SeededEntropy(5)), sealer.entropy)
    steps = []
    after: str | None = ""
    while after is not None:
        async with database.transaction() as tx:
            step = await operations.reseal(
                tx, what=Sealed.CUSTOMER, sealer=newer, after=after, most=3
            )
        steps.append(step)
        after = step.last
    assert steps == [Resealed(3, ids[2]), Resealed(3, ids[5]), Resealed(1, None)]
    async with database.transaction() as tx:
        assert await queries.sealed_versions(tx) == {2: 7}
        assert len(
            await queries.find_customers_by_phone(
                tx, "13800131234", ring=newer.ring, merchant=None
            )
        ) == 7  # fmt: skip
