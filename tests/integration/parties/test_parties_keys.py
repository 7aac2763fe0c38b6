"""API keys in the database: made, proven, rotated, revoked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from anfu.kernel.clock import ManualClock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import is_id
from anfu.parties.apikey import (
    ApiKey,
    IssuedKey,
    NewKey,
    parse_bearer,
    verify_bearer,
    verify_signed,
)
from anfu.parties.caller import Caller
from anfu.parties.keyring import Sealer
from anfu.parties.keys import operations, queries
from anfu.parties.keys.operations import Rotation
from anfu.parties.signature import SignedRequest, sign_request, signing_key
from anfu.storage.database import Database

SCOPES = frozenset({"payments:write", "payments:read", "keys:write"})


async def make(
    database: Database, sealer: Sealer, now: datetime, *, merchant: str | None = None,
    expires_at: datetime | None = None,
) -> IssuedKey:  # fmt: skip
    order = NewKey("till", SCOPES, merchant, expires_at)
    async with database.transaction() as tx:
        return await operations.create_key(tx, order=order, by=None, sealer=sealer, now=now)


async def prove(database: Database, sealer: Sealer, issued: IssuedKey, now: datetime) -> str:
    """The id of the proven key, or the refusal; by both proofs, which must agree."""
    bearer = parse_bearer(f"Bearer {issued.key.id}.{issued.secret}")
    request = SignedRequest("POST", "/v1/payments", "one", b"{}")
    header = sign_request(signing_key(issued.secret), request=request, now=now)
    async with database.transaction(readonly=True) as tx:
        found = (await queries.find_credentials(tx, [bearer.key_id], ring=sealer.ring)).get(
            bearer.key_id
        )
    answers = set()
    for verify in (
        lambda: verify_bearer(found, secret=bearer.secret, now=now),
        lambda: verify_signed(found, header=header, request=request, now=now),
    ):
        try:
            answers.add(verify().id)
        except Refused as refused:
            answers.add(refused.code)
    (answer,) = answers
    return answer


async def test_a_key_is_made_shown_once_and_proves_itself(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    now = clock.now()
    issued = await make(database, sealer, now, merchant=shop)
    assert is_id("key", issued.key.id)
    assert issued.key == ApiKey(
        issued.key.id, shop, "till", SCOPES, now, None, None, None, issued.key.id
    )
    assert await prove(database, sealer, issued, now) == issued.key.id
    async with database.transaction() as tx:
        assert await queries.get_key(tx, issued.key.id, merchant=shop) == issued.key
        assert await queries.list_keys(tx, merchant=shop) == [issued.key]
        with pytest.raises(Refused, match="key_not_found"):
            await queries.get_key(tx, issued.key.id, merchant="mer_other")
        assert await queries.find_credentials(tx, ["key_nobody"], ring=sealer.ring) == {}
    stored = await owner.fetchrow("SELECT * FROM parties.api_key")
    assert issued.secret not in repr(stored)


async def test_refused_keys_leave_nothing(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    now = clock.now()
    by = Caller("key_a", "key_a", shop, frozenset({"payments:read"}))
    for order, asker, code in [
        (NewKey("a", frozenset(), None), None, "scopes_invalid"),
        (NewKey("a", frozenset({"all"}), None), None, "scopes_invalid"),
        (NewKey("", SCOPES, None), None, "label_invalid"),
        (NewKey("a", SCOPES, "mer_nobody"), None, "merchant_not_found"),
        (NewKey("a", SCOPES, None, now), None, "expires_at_invalid"),
        (NewKey("a", SCOPES, shop), by, "scope_not_held"),
        (NewKey("a", by.scopes, None), by, "merchant_not_found"),
    ]:
        with pytest.raises(Refused) as refused:
            async with database.transaction() as tx:
                await operations.create_key(tx, order=order, by=asker, sealer=sealer, now=now)
        assert refused.value.code == code
    assert await owner.fetchval("SELECT count(*) FROM parties.api_key") == 0


async def test_rotation_lets_both_keys_work_for_the_overlap(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    start = clock.now()
    old = await make(database, sealer, start, merchant=shop, expires_at=start + timedelta(days=90))
    clock.advance(timedelta(days=10))
    async with database.transaction() as tx:
        new = await operations.rotate_key(
            tx, wish=Rotation(old.key.id, 600), by=None, sealer=sealer, now=clock.now()
        )
    assert (new.key.label, new.key.scopes, new.key.merchant_id) == ("till", SCOPES, shop)
    assert new.key.expires_at == clock.now() + timedelta(days=90)
    assert new.secret != old.secret
    async with database.transaction() as tx:
        replaced = await queries.get_key(tx, old.key.id, merchant=None)
    assert replaced.rotated_at == clock.now()
    assert replaced.expires_at == clock.now() + timedelta(seconds=600)
    clock.advance(timedelta(seconds=599))
    assert await prove(database, sealer, old, clock.now()) == old.key.id
    assert await prove(database, sealer, new, clock.now()) == new.key.id
    clock.advance(timedelta(seconds=1))
    assert await prove(database, sealer, old, clock.now()) == "key_expired"
    assert await prove(database, sealer, new, clock.now()) == new.key.id


async def test_rotation_never_lengthens_a_life_and_zero_overlap_ends_it(
    database: Database, sealer: Sealer, clock: ManualClock
) -> None:
    now = clock.now()
    soon = await make(database, sealer, now, expires_at=now + timedelta(seconds=5))
    endless = await make(database, sealer, now)
    async with database.transaction() as tx:
        await operations.rotate_key(
            tx, wish=Rotation(soon.key.id, 600), by=None, sealer=sealer, now=now
        )
        fresh = await operations.rotate_key(
            tx, wish=Rotation(endless.key.id, 0), by=None, sealer=sealer, now=now
        )
        assert (await queries.get_key(tx, soon.key.id, merchant=None)).expires_at == (
            soon.key.expires_at
        )
    assert fresh.key.expires_at is None
    assert await prove(database, sealer, endless, now) == "key_expired"


async def test_refused_rotations_leave_everything(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    now = clock.now()
    good = await make(database, sealer, now, merchant=shop)
    done = await make(database, sealer, now)
    expired = await make(database, sealer, now, expires_at=now + timedelta(seconds=1))
    revoked = await make(database, sealer, now)
    clock.advance(timedelta(seconds=1))
    async with database.transaction() as tx:
        await operations.revoke_key(tx, key_id=revoked.key.id, merchant=None, now=now)
        await operations.rotate_key(
            tx, wish=Rotation(done.key.id, 60), by=None, sealer=sealer, now=clock.now()
        )
    weak = Caller("key_w", "key_w", shop, frozenset({"keys:write"}))
    other = Caller("key_o", "key_o", "mer_other", SCOPES)
    before = await owner.fetch("SELECT * FROM parties.api_key ORDER BY id")
    for key_id, by, overlap_s, code in [
        (good.key.id, None, -1, "overlap_invalid"),
        (good.key.id, None, 30 * 86_400 + 1, "overlap_invalid"),
        (good.key.id, weak, 60, "scope_not_held"),
        (good.key.id, other, 60, "key_not_found"),
        ("key_nobody", None, 60, "key_not_found"),
        (done.key.id, None, 60, "key_rotated"),
        (expired.key.id, None, 60, "key_expired"),
        (revoked.key.id, None, 60, "key_revoked"),
    ]:
        with pytest.raises(Refused) as refused:
            async with database.transaction() as tx:
                await operations.rotate_key(
                    tx, wish=Rotation(key_id, overlap_s), by=by, sealer=sealer, now=clock.now()
                )
        assert refused.value.code == code
    assert await owner.fetch("SELECT * FROM parties.api_key ORDER BY id") == before


async def test_of_parallel_rotations_one_makes_a_key(
    database: Database, owner: asyncpg.Connection, sealer: Sealer, clock: ManualClock
) -> None:
    old = await make(database, sealer, clock.now())

    async def attempt() -> str:
        try:
            async with database.transaction() as tx:
                await operations.rotate_key(
                    tx, wish=Rotation(old.key.id, 60), by=None, sealer=sealer, now=clock.now()
                )
                await asyncio.sleep(0.01)
        except Refused as refused:
            return refused.code
        return "rotated"

    answers = sorted(await asyncio.gather(*(attempt() for _ in range(5))))
    assert answers == ["key_rotated"] * 4 + ["rotated"]
    assert await owner.fetchval("SELECT count(*) FROM parties.api_key") == 2


async def test_a_revoked_key_stays_revoked_at_its_first_time(
    database: Database, sealer: Sealer, clock: ManualClock, shop: str
) -> None:
    issued = await make(database, sealer, clock.now(), merchant=shop)
    first = clock.now()
    async with database.transaction() as tx:
        with pytest.raises(Refused, match="key_not_found"):
            await operations.revoke_key(tx, key_id=issued.key.id, merchant="mer_other", now=first)
        assert (await queries.get_key(tx, issued.key.id, merchant=None)).revoked_at is None
        revoked = await operations.revoke_key(tx, key_id=issued.key.id, merchant=shop, now=first)
    assert revoked.revoked_at == first
    clock.advance(timedelta(days=1))
    async with database.transaction() as tx:
        again = await operations.revoke_key(
            tx, key_id=issued.key.id, merchant=None, now=clock.now()
        )
    assert again.revoked_at == first
    assert await prove(database, sealer, issued, clock.now()) == "key_revoked"
