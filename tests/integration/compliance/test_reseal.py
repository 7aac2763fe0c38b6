"""Every sealed column is known, rotated and resealed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import asyncpg
import pytest
from tests.integration.parties.drafts import draft

from anfu.channels.development import DevelopmentMessage
from anfu.channels.operations import put_development_messages, put_texts
from anfu.channels.texts.text import WaitingText
from anfu.compliance.privacy.reseal import by_version, check_unused, count_sealed, reseal
from anfu.compliance.privacy.sealed import SEALED
from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy
from anfu.parties import operations, queries
from anfu.parties.apikey import NewKey
from anfu.parties.applications import operations as applications
from anfu.parties.customer import NewCustomer
from anfu.parties.emergency.envelope import Opening
from anfu.parties.emergency.operations import make_envelope, open_envelope
from anfu.parties.firms import operations as firms
from anfu.parties.firms.firm import Dossier, Officer
from anfu.parties.firms.ownership import Holders, Owner
from anfu.parties.identity import operations as identity
from anfu.parties.identity.verification import Kind, Particulars
from anfu.parties.keyring import KeyRing, Sealer
from anfu.parties.keys.operations import create_key
from anfu.parties.person import DocumentType, Person, parse_document, parse_person
from anfu.storage.database import Database
from anfu.storage.sealed import Rewritten, rewrite
from anfu.storage.transaction import Tx

SEALER = Sealer(KeyRing.generate(SeededEntropy(11)), SeededEntropy(7))
# Columns of bytes that hold no sealed value: hashes, indexes, canonical JSON, models; of factors
# the public key or the Argon2id hash, which prove nothing for who reads them; nonces, good once.
PLAIN = {
    "authentication.challenge": {"link", "code_hash"},
    "authentication.factor": {"verifier"},
    "evidence.leaf": {"body"},
    "evidence.tile": {"hashes"},
    "lab.backtest": {"wish", "figures"},
    "operations.sheet": {"body"},
    "parties.api_key": {"secret_hash", "public_key"},
    "parties.consent": {"text_hash"},
    "parties.emergency": {"secret_hash"},
    "parties.sign_in_attempt": {"account"},
    "parties.staff": {"invitation_hash"},
    "parties.staff_session": {"token_hash", "old_hash"},
    "parties.customer": {"phone_index", "document_index"},
    "parties.device_session": {"nonce"},
    "parties.firm": {"code_index"},
    "parties.onboarding": {"document_index"},
    "payments.payment": {"detail"},
    "payments.shown_code": {"digest"},
    "risk.case_attachment": {"digest"},
    "risk.case_note": {"digest"},
    "risk.case_policy": {"body"},
    "risk.catalogue": {"body"},
    "risk.decision": {"facts"},
    "risk.list_change": {"body"},
    "risk.model": {"declaration", "onnx"},
    "risk.model_drift": {"body"},
    "risk.model_paper": {"body"},
    "risk.model_reason": {"body"},
    "risk.proposal": {"body"},
    "risk.proposal_paper": {"body"},
    "risk.rule_draft": {"body"},
    "risk.rule_move": {"body"},
    "risk.rule_set": {"body"},
    "settlement.bill": {"digest"},
    "storage.event": {"body"},
    "storage.idempotency": {"content", "body"},
}


def person(number: int) -> Person:
    return parse_person(
        "张三", "13800131234", parse_document(DocumentType.PASSPORT, f"E{number:08}")
    )


OFFICER = Officer(person(3), date(2030, 1, 1))


async def fill_firm(tx: Tx, now: datetime) -> None:
    dossier = Dossier("安付", "91350100M000100Y43", "1", "批发", None, OFFICER, None)
    firm = await firms.apply(tx, dossier=dossier, opened_by=None, sealer=SEALER, now=now)
    manager = Owner(person(4), date(2030, 1, 1), date(2020, 1, 1))
    holders = Holders((), "a co-operative", manager)
    await firms.declare(tx, firm=firm.id, holders=holders, by="key_1", sealer=SEALER, now=now)


async def _endpoint(tx: Tx, shop: str, now: datetime) -> None:
    """With a secret and an older one."""
    made = await operations.create_endpoint(
        tx, merchant_id=shop, url="https://a.example/", allow_loopback=False, sealer=SEALER,
        now=now,
    )  # fmt: skip
    await operations.roll_endpoint_secret(
        tx, endpoint_id=made.endpoint.id, merchant=shop, overlap_s=60, sealer=SEALER, now=now
    )


async def _loose(owner: asyncpg.Connection) -> None:
    """Rows without what they belong to: notes of a case, a payment."""
    await owner.execute("SET session_replication_role = replica")
    await owner.execute(
        "INSERT INTO risk.case_note VALUES ('note_1', 'case_1', now(), 'key_1', $1, $2)",
        SEALER.seal("看过".encode(), bound_to="note_1"), bytes(32),
    )  # fmt: skip
    await owner.execute(
        "INSERT INTO risk.case_attachment VALUES ('att_1', 'case_1', now(), 'key_1', 'text/plain',"
        " 6, $1, $2, $3)", bytes(32), SEALER.seal(b"{}", bound_to="att_1"),
        SEALER.seal("看过".encode(), bound_to="att_1"),
    )  # fmt: skip
    await owner.execute(
        "INSERT INTO settlement.bill_part VALUES ('blp_1', 'bil_1', 0, $1)",
        SEALER.seal(b"bill", bound_to="blp_1"),
    )
    await owner.execute(
        "INSERT INTO settlement.terms (id, merchant, currency, from_day, body, sealed, reason,"
        " proposed_by, proposed_at)"
        " VALUES ('trm_1', 'mer_1', 'CNY', '2026-01-01', '{}', $1, 'new', 'key_1', now())",
        SEALER.seal(b"account", bound_to="trm_1"),
    )
    await owner.execute(
        "INSERT INTO payments.payment (id, created_at, occurred_at, updated_at, amount, state,"
        " payer, payee, currency, method, detail, network_payer) VALUES"
        " ('pay_1', now(), now(), now(), 1, 'FAILED', 'cus_1', 'mer_1', 'CNY', 'wechat', '{}', $1)",
        SEALER.seal(b"openid", bound_to="pay_1"),
    )
    await owner.execute(
        "INSERT INTO payments.checkout (id, payee, payer, amount, currency, description, lines,"
        " offers, created_at, expires_at) VALUES ('chk_1', 'mer_1', 'cus_1', 1, 'CNY', 'tea',"
        " '[]', '[]', now(), now() + interval '1 hour')"
    )
    await owner.execute(
        "INSERT INTO payments.feedback (id, checkout, payee, payer, paid, score, comment, at)"
        " VALUES ('fbk_1', 'chk_1', 'mer_1', 'cus_1', true, 5, $1, now())",
        SEALER.seal(b"good", bound_to="fbk_1"),
    )


async def fill(database: Database, owner: asyncpg.Connection, clock: ManualClock) -> str:
    """One value in each sealed column, by version 1; the id of the customer."""
    now = clock.now()

    async def work(tx: Tx) -> str:
        shop = (await operations.create_merchant(
            tx, name="店", mcc=None, entropy=SEALER.entropy, now=now
        )).id  # fmt: skip
        order = NewCustomer(person(1), 2, shop)
        customer = await operations.open_customer(tx, order=order, sealer=SEALER, now=now)
        new = NewKey("till", frozenset({"payments:read"}), shop)
        await create_key(tx, order=new, by=None, sealer=SEALER, now=now)
        envelope, _ = await make_envelope(tx, sealer=SEALER, now=now)
        opening = Opening("李明", "no administrator answers")
        await open_envelope(
            tx, envelope=envelope, opening=opening, address="203.0.113.9", sealer=SEALER, now=now
        )
        await _endpoint(tx, shop, now)
        applied = await identity.apply(
            tx, person=person(2), document_until=date(2030, 1, 1), opened_by=None, sealer=SEALER,
            now=now,
        )  # fmt: skip
        await identity.ask(
            tx, about=applied.id, kind=Kind.FACE, particulars=Particulars(capture="cap_1"),
            sealer=SEALER, now=now,
        )  # fmt: skip
        await fill_firm(tx, now)
        await applications.create(tx, application=draft(now), sealer=SEALER)
        text = SEALER.seal(b"code", bound_to="msg_1")
        message = DevelopmentMessage("msg_1", customer.id, "payment_code", text, now)
        await put_development_messages(tx, messages=[message])
        waiting = WaitingText(
            "txt_1", SEALER.seal(b"text", bound_to="txt_1"), now + timedelta(days=1)
        )
        await put_texts(tx, texts=[waiting], now=now)
        return customer.id

    customer = await database.run(work)
    await _loose(owner)
    return customer


async def test_every_column_of_bytes_is_known(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT table_schema || '.' || table_name AS name, column_name FROM"
        " information_schema.columns WHERE udt_name IN ('bytea', '_bytea')"
        " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    known = {(name, column) for name, columns in PLAIN.items() for column in columns}
    found = {(row["name"], row["column_name"]) for row in rows}
    assert {(s.table, s.column) for s in SEALED} == found - known, (
        "a new column of bytes belongs into compliance/privacy/sealed.py if it is sealed, else here"
    )
    assert known <= found


async def test_every_sealed_value_is_resealed_and_the_old_key_forgotten(
    database: Database, owner: asyncpg.Connection, clock: ManualClock
) -> None:
    customer = await fill(database, owner, clock)
    counts = await count_sealed(database)
    assert counts == {column: {1: 1} for column in SEALED}
    ring = SEALER.ring.with_prepared_key(SeededEntropy(5)).with_newest_active()
    with pytest.raises(Refused, match="data_key_in_use") as refused:
        check_unused(ring, 1, counts)
    assert refused.value.details["count"] == len(SEALED)
    told: list[int] = []
    assert await reseal(database, Sealer(ring, SEALER.entropy), told.append) == len(SEALED)
    assert told == [1] * len(SEALED)
    counts = await count_sealed(database)
    assert counts == {column: {2: 1} for column in SEALED}
    assert await reseal(database, Sealer(ring, SEALER.entropy), told.append) == 0
    check_unused(ring, 1, counts)
    only = ring.without(1)
    for column in SEALED:
        id_, value = await owner.fetchrow(f"SELECT id, {column.column} FROM {column.table}")
        assert only.unseal(value, bound_to=id_)
    async with database.transaction() as tx:
        read = await queries.get_customer(tx, customer, ring=only, merchant=None)
    assert read.person == person(1)


@pytest.mark.parametrize(("version", "code"), [(2, "data_key_active"), (3, "data_key_unknown")])
def test_what_seals_or_is_not_there_is_not_forgotten(version: int, code: str) -> None:
    ring = SEALER.ring.with_prepared_key(SeededEntropy(5)).with_newest_active()
    with pytest.raises(Refused, match=code):
        check_unused(ring, version, {})


async def test_resealing_goes_on_where_it_stopped(database: Database, clock: ManualClock) -> None:
    async with database.transaction() as tx:
        opened = [
            await operations.open_customer(
                tx, order=NewCustomer(person(n), 1, None), sealer=SEALER, now=clock.now()
            )
            for n in range(7)
        ]
    ids = sorted(customer.id for customer in opened)
    ring = SEALER.ring.with_prepared_key(SeededEntropy(5)).with_newest_active()

    def change(id_: str, value: bytes) -> bytes:
        return ring.seal(ring.unseal(value, bound_to=id_), bound_to=id_, entropy=SEALER.entropy)

    async with database.transaction() as tx:
        step = await rewrite(tx, SEALED[0], change, version=2, most=3)
        assert step == Rewritten(3, ids[2])
    with pytest.raises(RuntimeError, match="killed"):
        async with database.transaction() as tx:
            await rewrite(tx, SEALED[0], change, version=2, after=ids[2], most=3)
            raise RuntimeError("killed")
    assert by_version(await count_sealed(database)) == {1: 4, 2: 3}
    told: list[int] = []
    assert await reseal(database, Sealer(ring, SEALER.entropy), told.append, most=3) == 4
    assert told[:2] == [3, 1]
    assert by_version(await count_sealed(database)) == {2: 7}


async def test_a_value_that_does_not_open_stops_the_batch_unwritten(
    database: Database, owner: asyncpg.Connection, clock: ManualClock
) -> None:
    customer = await fill(database, owner, clock)
    await owner.execute(
        "UPDATE parties.customer SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)"
    )
    before = await owner.fetchval("SELECT sealed FROM parties.customer")
    ring = SEALER.ring.with_prepared_key(SeededEntropy(5)).with_newest_active()
    with pytest.raises(Exception, match=f"sealed for {customer} does not open"):
        await reseal(database, Sealer(ring, SEALER.entropy), lambda _: None)
    assert await owner.fetchval("SELECT sealed FROM parties.customer") == before
