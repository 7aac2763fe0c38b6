"""Webhook endpoints in the database: their scope, their secrets, their bound."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.kernel.ids import is_id
from anfu.parties import operations, queries
from anfu.parties.endpoint import Endpoint, EndpointStatus, IssuedEndpoint
from anfu.parties.keyring import Sealer
from anfu.storage.database import Database

URL = "https://shop.example/hook"


async def make(
    database: Database, sealer: Sealer, clock: ManualClock, merchant: str, url: str = URL
) -> IssuedEndpoint:
    async with database.transaction() as tx:
        return await operations.create_endpoint(
            tx, merchant_id=merchant, url=url, allow_loopback=True, sealer=sealer, now=clock.now()
        )


async def secrets(
    database: Database, sealer: Sealer, clock: ManualClock, *ids: str
) -> dict[str, tuple[str, ...]]:
    async with database.transaction(readonly=True) as tx:
        return await queries.secrets_of(tx, sealer.ring, ids, now=clock.now())


async def test_an_endpoint_is_made_and_its_secret_shown_once(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    made = await make(database, sealer, clock, shop)
    id_ = made.endpoint.id
    assert is_id("whe", id_)
    assert made.secret.startswith("whsec_")
    assert len(made.secret) == len("whsec_") + 52
    expected = Endpoint(id_, shop, URL, EndpointStatus.ACTIVE, clock.now(), None)
    assert made.endpoint == expected
    assert made.secret not in repr(made)
    async with database.transaction() as tx:
        assert await queries.get_endpoint(tx, id_, merchant=shop) == expected
        assert await queries.list_endpoints(tx, merchant=shop) == [expected]
        assert await queries.list_endpoints(tx, merchant="mer_other") == []
        assert await queries.find_endpoints(tx, [id_, "whe_nobody"]) == {id_: expected}
        with pytest.raises(Refused, match="endpoint_not_found"):
            await queries.get_endpoint(tx, id_, merchant="mer_other")
    assert await secrets(database, sealer, clock, id_, "whe_nobody") == {id_: (made.secret,)}
    assert made.secret not in repr(await owner.fetchrow("SELECT * FROM parties.webhook_endpoint"))


async def test_after_a_roll_both_secrets_sign_until_the_old_ends(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    made = await make(database, sealer, clock, shop)
    id_ = made.endpoint.id
    async with database.transaction() as tx:
        rolled = await operations.roll_endpoint_secret(
            tx, endpoint_id=id_, merchant=shop, overlap_s=3600, sealer=sealer, now=clock.now()
        )
    assert rolled.endpoint.old_secret_until == clock.now() + timedelta(hours=1)
    clock.advance(timedelta(seconds=3599))
    both = {id_: (rolled.secret, made.secret)}
    assert await secrets(database, sealer, clock, id_) == both
    clock.advance(timedelta(seconds=1))
    assert await secrets(database, sealer, clock, id_) == {id_: (rolled.secret,)}


async def test_a_second_roll_ends_the_oldest_and_no_overlap_ends_all_but_the_new(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    id_ = (await make(database, sealer, clock, shop)).endpoint.id
    rolled = []
    for overlap_s in (60, 60, 0):
        async with database.transaction() as tx:
            rolled.append(
                await operations.roll_endpoint_secret(
                    tx, endpoint_id=id_, merchant=None, overlap_s=overlap_s, sealer=sealer,
                    now=clock.now(),
                )
            )  # fmt: skip
        expected = [issue.secret for issue in reversed(rolled)][:2] if overlap_s else None
        if len(rolled) == 2:
            assert await secrets(database, sealer, clock, id_) == {id_: tuple(expected or ())}
    assert await secrets(database, sealer, clock, id_) == {id_: (rolled[2].secret,)}
    assert rolled[2].endpoint.old_secret_until is None


async def test_a_disabled_endpoint_has_no_secrets_to_send_with(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    id_ = (await make(database, sealer, clock, shop)).endpoint.id
    async with database.transaction() as tx:
        done = await operations.set_endpoint_status(
            tx, endpoint_id=id_, merchant=shop, status=EndpointStatus.DISABLED
        )
    assert done.status is EndpointStatus.DISABLED
    assert await secrets(database, sealer, clock, id_) == {}


async def test_refusals_leave_everything(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    id_ = (await make(database, sealer, clock, shop)).endpoint.id
    before = await owner.fetch("SELECT * FROM parties.webhook_endpoint")
    for merchant, url, code in [
        (shop, "http://evil.example/", "url_invalid"),
        ("mer_nobody", URL, "merchant_not_found"),
    ]:
        with pytest.raises(Refused) as refused:
            await make(database, sealer, clock, merchant, url)
        assert refused.value.code == code
    for merchant, overlap_s, code in [
        ("mer_other", 0, "endpoint_not_found"),
        (shop, -1, "overlap_invalid"),
    ]:
        with pytest.raises(Refused) as refused:
            async with database.transaction() as tx:
                await operations.roll_endpoint_secret(
                    tx, endpoint_id=id_, merchant=merchant, overlap_s=overlap_s, sealer=sealer,
                    now=clock.now(),
                )  # fmt: skip
        assert refused.value.code == code
    with pytest.raises(Refused, match="endpoint_not_found"):
        async with database.transaction() as tx:
            await operations.set_endpoint_status(
                tx, endpoint_id=id_, merchant="mer_other", status=EndpointStatus.DISABLED
            )
    assert await owner.fetch("SELECT * FROM parties.webhook_endpoint") == before


async def test_parallel_creations_stop_at_sixteen_active(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    made = [await make(database, sealer, clock, shop) for _ in range(14)]
    answers = await asyncio.gather(
        *(make(database, sealer, clock, shop) for _ in range(6)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [answer.code for answer in refused] == ["endpoint_limit"] * 4
    assert await owner.fetchval("SELECT count(*) FROM parties.webhook_endpoint") == 16
    id_ = made[0].endpoint.id
    async with database.transaction() as tx:
        for status in (EndpointStatus.ACTIVE, EndpointStatus.DISABLED):
            await operations.set_endpoint_status(tx, endpoint_id=id_, merchant=None, status=status)
    await make(database, sealer, clock, shop)
    with pytest.raises(Refused, match="endpoint_limit"):
        async with database.transaction() as tx:
            await operations.set_endpoint_status(
                tx, endpoint_id=id_, merchant=None, status=EndpointStatus.ACTIVE
            )


async def test_a_secret_moved_to_another_endpoint_does_not_open(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    one = (await make(database, sealer, clock, shop)).endpoint.id
    two = (await make(database, sealer, clock, shop)).endpoint.id
    await owner.execute(
        "UPDATE parties.webhook_endpoint SET sealed = (SELECT sealed FROM"
        " parties.webhook_endpoint WHERE id = $1) WHERE id = $2",
        one,
        two,
    )
    with pytest.raises(BrokenInvariant, match="does not open"):
        await secrets(database, sealer, clock, two)
