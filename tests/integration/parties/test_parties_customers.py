"""Merchants and customers in the database: one identity, one scope, sealed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import SeededEntropy, is_id
from anfu.parties import operations, queries
from anfu.parties.customer import Customer, NewCustomer, phone_index
from anfu.parties.keyring import KeyRing, Sealer
from anfu.parties.merchant import Merchant
from anfu.parties.party import Party, Status
from anfu.parties.person import DocumentType, parse_document, parse_person, parse_phone
from anfu.parties.privacy.operations import store_person
from anfu.storage.database import Database

_ALL: dict[str, Any] = {"status": None, "before": None, "most": 5}


def new(
    number: str = "E10000001", *, phone: str = "13800131234", by: str | None = None, level: int = 2
) -> NewCustomer:
    document = parse_document(DocumentType.PASSPORT, number)
    return NewCustomer(parse_person("张三丰", phone, document), level, by, "c-1")


async def count(owner: asyncpg.Connection, table: str) -> int:
    return int(await owner.fetchval(f"SELECT count(*) FROM parties.{table}"))


async def test_a_merchant_is_made_read_and_suspended(
    database: Database, entropy: SeededEntropy, clock: ManualClock, shop: str
) -> None:
    expected = Merchant(shop, "小店", "5411", Status.ACTIVE, clock.now(), clock.now())
    assert is_id("mer", shop)
    async with database.transaction() as tx:
        assert await queries.get_merchant(tx, shop, merchant=None) == expected
        assert await queries.get_merchant(tx, shop, merchant=shop) == expected
        await operations.set_merchant_status(tx, merchant_id=shop, status=Status.SUSPENDED)
        other = await operations.create_merchant(
            tx, name="Other", mcc=None, entropy=entropy, now=clock.now()
        )
        assert (await queries.get_merchant(tx, shop, merchant=None)).status is Status.SUSPENDED
        assert await queries.list_merchants(tx, merchant=other.id, **_ALL) == [other]
        both = sorted([shop, other.id], reverse=True)
        assert [m.id for m in await queries.list_merchants(tx, merchant=None, **_ALL)] == both
        rest = await queries.list_merchants(tx, merchant=None, status=None, before=both[0], most=5)
        assert [m.id for m in rest] == both[1:]
        stopped = {**_ALL, "status": Status.SUSPENDED}
        found = await queries.list_merchants(tx, merchant=None, **stopped)
        assert [m.id for m in found] == [shop]


async def test_everybody_asked_for_has_a_name_also_who_is_only_stored_or_nobody(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    now, ring = clock.now(), sealer.ring
    async with database.transaction() as tx:
        one, other = [
            (await operations.open_customer(tx, order=order, sealer=sealer, now=now)).id
            for order in (new(), new("E10000002", phone="13800131235"))
        ]
        await store_person(tx, customer=other, sealer=sealer, now=now)
        names = await queries.find_names(tx, [shop, one, other, "cus_nobody"], ring=ring)
    assert names == {shop: "小店", one: "张*丰", other: "***", "cus_nobody": "***"}


async def test_a_refused_merchant_leaves_nothing(
    database: Database, owner: asyncpg.Connection, entropy: SeededEntropy, clock: ManualClock
) -> None:
    for name, mcc, code in [("", None, "name_invalid"), ("A", "12", "mcc_invalid")]:
        with pytest.raises(Refused) as refused:
            async with database.transaction() as tx:
                await operations.create_merchant(
                    tx, name=name, mcc=mcc, entropy=entropy, now=clock.now()
                )
        assert refused.value.code == code
    async with database.transaction() as tx:
        with pytest.raises(Refused, match="merchant_not_found"):
            await operations.set_merchant_status(tx, merchant_id="mer_x", status=Status.SUSPENDED)
    assert await count(owner, "merchant") == 0


async def test_a_customer_is_opened_and_found_by_any_spelling(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    order = new(by=shop)
    async with database.transaction() as tx:
        opened = await operations.open_customer(tx, order=order, sealer=sealer, now=clock.now())
    assert is_id("cus", opened.id)
    assert opened == Customer(opened.id, order.person, 2, Status.ACTIVE, shop, "c-1", clock.now())
    ring = sealer.ring
    spelled = parse_document(DocumentType.PASSPORT, " e-1000 0001")
    same_number = parse_document(DocumentType.HK_MACAO_PERMIT, "E10000001")
    async with database.transaction(readonly=True) as tx:
        assert await queries.get_customer(tx, opened.id, ring=ring, merchant=None) == opened
        assert (
            await queries.find_customer_by_document(tx, spelled, ring=ring, merchant=shop) == opened
        )
        assert (
            await queries.find_customer_by_document(tx, same_number, ring=ring, merchant=None)
            is None
        )
        assert await queries.find_customers_by_phone(
            tx, "+86 138 0013 1234", ring=ring, merchant=shop
        ) == [opened]


async def test_another_merchant_sees_nothing_of_it(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    ring, now = sealer.ring, clock.now()
    async with database.transaction() as tx:
        opened = await operations.open_customer(tx, order=new(by=shop), sealer=sealer, now=now)
        own = await operations.open_customer(
            tx, order=new("E10000002", phone="13900000000"), sealer=sealer, now=now
        )
        other = await operations.create_merchant(
            tx, name="Other", mcc=None, entropy=sealer.entropy, now=now
        )
    async with database.transaction() as tx:
        for scope, seen in ((shop, [opened]), (other.id, []), (None, [opened, own])):
            page = queries.CustomerPage(50, merchant=scope)
            listed, after = await queries.list_customers(tx, page, ring=ring)
            assert after is None
            assert sorted(listed, key=lambda c: c.id) == sorted(seen, key=lambda c: c.id)
        with pytest.raises(Refused, match="customer_not_found"):
            await queries.get_customer(tx, opened.id, ring=ring, merchant=other.id)
        with pytest.raises(Refused, match="customer_not_found"):
            await queries.get_customer(tx, own.id, ring=ring, merchant=shop)
        with pytest.raises(Refused, match="customer_not_found"):
            await operations.set_customer_status(
                tx, customer_id=opened.id, merchant=other.id, status=Status.SUSPENDED
            )
        document = opened.person.document
        assert not await queries.find_customers_by_phone(
            tx, "13800131234", ring=ring, merchant=other.id
        )
        assert (
            await queries.find_customer_by_document(tx, document, ring=ring, merchant=other.id)
            is None
        )
        assert await queries.get_customer(tx, opened.id, ring=ring, merchant=shop) == opened


async def test_the_same_document_again_is_refused_and_tells_only_who_may_know(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    now = clock.now()
    async with database.transaction() as tx:
        first = await operations.open_customer(tx, order=new(by=shop), sealer=sealer, now=now)
        other = await operations.create_merchant(
            tx, name="Other", mcc=None, entropy=sealer.entropy, now=now
        )
    known = {"customer_id": first.id}
    for by, told in ((shop, known), (None, known), (other.id, {})):
        with pytest.raises(Refused) as refused:
            async with database.transaction() as tx:
                await operations.open_customer(
                    tx, order=new("e1000-0001", by=by), sealer=sealer, now=now
                )
        assert (refused.value.code, refused.value.field) == ("customer_exists", "document")
        assert refused.value.details == told
    assert await count(owner, "customer") == 1


async def test_other_refusals_leave_nothing(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock
) -> None:
    for order, code in [
        (new(level=4), "account_class_invalid"),
        (new(level=0), "account_class_invalid"),
        (new(level=True), "account_class_invalid"),
        (new(by="mer_nobody"), "merchant_not_found"),
        (NewCustomer(new().person, 1, None, "\n"), "reference_invalid"),
    ]:
        with pytest.raises(Refused) as refused:
            async with database.transaction() as tx:
                await operations.open_customer(tx, order=order, sealer=sealer, now=clock.now())
        assert refused.value.code == code
    assert await count(owner, "customer") == 0


async def test_of_parallel_openings_of_one_document_one_is_a_customer(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock
) -> None:
    async def attempt(number: int) -> str:
        try:
            async with database.transaction() as tx:
                opened = await operations.open_customer(
                    tx, order=new(phone=f"1380000000{number}"), sealer=sealer, now=clock.now()
                )
                await asyncio.sleep(0.01)
        except Refused as refused:
            return f"{refused.code} {refused.details['customer_id']}"
        return opened.id

    answers = await asyncio.gather(*(attempt(number) for number in range(6)))
    stored = await owner.fetchval("SELECT id FROM parties.customer")
    assert sorted(answers) == sorted([stored] + [f"customer_exists {stored}"] * 5)
    assert await count(owner, "customer") == 1


async def test_status_and_class_change_and_the_rest_may_not(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    async with database.transaction() as tx:
        opened = await operations.open_customer(
            tx, order=new(by=shop), sealer=sealer, now=clock.now()
        )
        await operations.set_customer_status(
            tx, customer_id=opened.id, merchant=shop, status=Status.SUSPENDED
        )
        await operations.set_account_class(tx, customer_id=opened.id, account_class=3)
        after = await queries.get_customer(tx, opened.id, ring=sealer.ring, merchant=None)
    assert (after.status, after.account_class) == (Status.SUSPENDED, 3)
    for change in (
        "UPDATE parties.customer SET opened_by = NULL",
        "UPDATE parties.customer SET document_index = phone_index",
        "DELETE FROM parties.customer",
        "DELETE FROM parties.merchant",
        "UPDATE parties.api_key SET scopes = '{}'",
        "UPDATE parties.api_key SET secret_hash = ''",
        "UPDATE parties.webhook_endpoint SET url = ''",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction() as tx:
                await tx.execute(change)
    async with database.transaction() as tx:
        with pytest.raises(Refused, match="customer_not_found"):
            await operations.set_account_class(tx, customer_id="cus_x", account_class=1)


async def test_customers_are_listed_by_status_and_class(
    database: Database, sealer: Sealer, clock: ManualClock
) -> None:
    """The one filter reads an index, the others look at the newest one by one."""
    async with database.transaction() as tx:
        ids = []
        for number, level in enumerate((2, 3, 2, 3)):
            order = new(f"E2000000{number}", level=level)
            opened = await operations.open_customer(
                tx, order=order, sealer=sealer, now=clock.now() + timedelta(seconds=number)
            )
            ids.append(opened.id)
        for customer in ids[:3]:
            await operations.set_customer_status(
                tx, customer_id=customer, merchant=None, status=Status.SUSPENDED
            )

        async def found(limit: int = 9, **wanted: Any) -> tuple[list[str], str | None]:
            page = queries.CustomerPage(limit, **wanted)
            customers, after = await queries.list_customers(tx, page, ring=sealer.ring)
            return [customer.id for customer in customers], after

        assert await found() == (ids[::-1], None)
        assert await found(status=Status.ACTIVE) == (ids[3:], None)
        assert await found(status=Status.SUSPENDED) == (ids[2::-1], None)
        assert await found(2, status=Status.SUSPENDED) == ([ids[2], ids[1]], ids[1])
        assert await found(2, status=Status.SUSPENDED, before=ids[1]) == ([ids[0]], None)
        assert await found(status=Status.SUSPENDED, account_class=2) == ([ids[2], ids[0]], None)
        assert await found(status=Status.CLOSED) == ([], None)
        assert await found(status=Status.SUSPENDED, merchant="mer_x") == ([], None)


async def test_personal_data_moved_to_another_row_does_not_open(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock
) -> None:
    async with database.transaction() as tx:
        one = await operations.open_customer(tx, order=new(), sealer=sealer, now=clock.now())
        two = await operations.open_customer(
            tx, order=new("E10000002"), sealer=sealer, now=clock.now()
        )
    await owner.execute(
        "UPDATE parties.customer SET sealed = (SELECT sealed FROM parties.customer WHERE id = $1)"
        " WHERE id = $2",
        one.id,
        two.id,
    )
    async with database.transaction() as tx:
        assert await queries.get_customer(tx, one.id, ring=sealer.ring, merchant=None) == one
        with pytest.raises(BrokenInvariant, match="does not open"):
            await queries.get_customer(tx, two.id, ring=sealer.ring, merchant=None)


async def test_parties_are_found_together(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    now = clock.now()
    async with database.transaction() as tx:
        active = await operations.open_customer(tx, order=new(), sealer=sealer, now=now)
        asleep = await operations.open_customer(
            tx, order=new("E10000002", level=1), sealer=sealer, now=now
        )
        await operations.set_customer_status(
            tx, customer_id=asleep.id, merchant=None, status=Status.SUSPENDED
        )
        other = await operations.create_merchant(
            tx, name="Other", mcc=None, entropy=sealer.entropy, now=now
        )
        await operations.set_merchant_status(tx, merchant_id=other.id, status=Status.SUSPENDED)
        endpoints = []
        for minute in range(3):
            issued = await operations.create_endpoint(
                tx, merchant_id=shop, url="https://a.example/", allow_loopback=False,
                sealer=sealer, now=now + timedelta(minutes=minute),
            )  # fmt: skip
            endpoints.append(issued.endpoint.id)
        await operations.set_endpoint_status(
            tx, endpoint_id=endpoints[1], merchant=shop,
            status=operations.EndpointStatus.DISABLED,
        )  # fmt: skip
        ids = [active.id, asleep.id, shop, other.id, "cus_nobody", "mer_nobody", "x", active.id]
        found = await queries.find_parties(tx, ids)
        assert await queries.find_parties(tx, []) == {}
    token = phone_index(sealer.ring, parse_phone("13800131234")).hex()[:32]
    assert found == {
        active.id: Party(active.id, "CUSTOMER", True, 2, (), phone=token),
        asleep.id: Party(asleep.id, "CUSTOMER", False, 1, (), phone=token),
        shop: Party(shop, "MERCHANT", True, None, (endpoints[0], endpoints[2]), "5411"),
        other.id: Party(other.id, "MERCHANT", False, None, ()),
    }


async def test_a_ring_of_another_house_opens_nothing(
    database: Database, sealer: Sealer, clock: ManualClock
) -> None:
    async with database.transaction() as tx:
        opened = await operations.open_customer(tx, order=new(), sealer=sealer, now=clock.now())
        strange = KeyRing.generate(SeededEntropy(99))
        with pytest.raises(BrokenInvariant) as broken:
            await queries.get_customer(tx, opened.id, ring=strange, merchant=None)
    assert "张" not in str(broken.value)
