"""Search and live updates: what the scopes allow, persons masked and logged, until sign-out."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from tests.journey.access.steps import COOKIE, SEEN, Member, first, hired, told
from tests.journey.conftest import House

from anfu.entrypoints.api import changes
from anfu.entrypoints.api.application import application
from anfu.entrypoints.api.changes import Changes

WHY = {"Anfu-Reason": "call%2017"}


async def hits(member: Member, word: str) -> list[tuple[str, str, str, str]]:
    answer = await member.get(f"/v1/search?q={word}", WHY)
    assert answer.status_code == 200, answer.text
    return [(h["kind"], h["id"], h["title"], h["by"]) for h in answer.json()["data"]]


async def test_what_is_called_so_is_found_by_whoever_may_read_it(house: House) -> None:
    admins = await first(house, "admin.one"), await first(house, "admin.two")
    reviewer = await hired(house, admins, "li.wei", "reviewer")
    viewer = await hired(house, admins, "wang.fang", "viewer")
    office = house.office
    shop, told_of = await office.merchant("Corner Tea"), office.count + 1
    payer = await office.customer(deposit=5_000)
    held = (await office.get(f"/v1/customers/{payer}")).json()
    paid = (await office.pay(payer, shop, 4_000, order="A-17"))["id"]
    refund = (await office.post("/v1/refunds", {"payment": paid})).json()["id"]
    phone = f"138{told_of:08}"
    payment = ("payment", paid, "A-17", "id")
    for member, word, found in (
        (viewer, paid, [payment]),
        (viewer, "A-17", [("payment", paid, "A-17", "order")]),
        (viewer, refund, [("refund", refund, paid, "id")]),
        (viewer, shop, [("merchant", shop, "Corner Tea", "id")]),
        (viewer, "corner", [("merchant", shop, "Corner Tea", "name")]),
        (viewer, "%25%25", []),
        (viewer, payer, []),
        (reviewer, payer, [("customer", payer, held["name"], "id")]),
        (admins[0], paid, []),
        (viewer, "nothing", []),
    ):
        assert await hits(member, word) == found, word
    await by_what_only_persons_have(house, reviewer, viewer, payer, held["name"], phone)


async def by_what_only_persons_have(
    house: House, reviewer: Member, viewer: Member, payer: str, name: str, phone: str
) -> None:
    async with house.database.transaction(readonly=True) as tx:
        before = await tx.fetchval("SELECT count(*) FROM parties.access_log")
    assert await hits(reviewer, phone) == [("customer", payer, name, "phone")]
    assert await hits(viewer, phone) == []
    async with house.database.transaction(readonly=True) as tx:
        rows = await tx.fetchval("SELECT count(*) FROM parties.access_log")
    assert rows == before + 1
    async with house.untouched(SEEN):
        assert told(await reviewer.get("/v1/search?q=x1")) == (422, "reason_missing")
        assert told(await reviewer.get("/v1/search?q=x", WHY)) == (400, "query_invalid")
        answer = await house.office.get("/v1/search", q=payer)
        assert (answer.status_code, answer.json()["code"]) == (403, "session_needed")


class Page:
    """A page that listens, on a line of its own."""

    def __init__(self, house: House, member: Member) -> None:
        self.pieces: list[bytes] = []
        self.gone, self.came = asyncio.Event(), asyncio.Event()
        headers = [(b"cookie", f"{COOKIE}={member.token}".encode())]
        scope = {
            "type": "http", "method": "GET", "path": "/v1/live", "raw_path": b"/v1/live",
            "query_string": b"", "root_path": "", "http_version": "1.1", "headers": headers,
            "client": ("127.0.0.1", 1),
        }  # fmt: skip
        self.first = True
        self.line = asyncio.ensure_future(
            application(house.desk)(scope, self.receive, self.send)  # type: ignore[arg-type]
        )

    async def receive(self) -> dict[str, Any]:
        if self.first:
            self.first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["body"]:
            self.pieces.append(message["body"])
            self.came.set()

    async def until(self, event: bytes) -> None:
        async with asyncio.timeout(10):
            while not any(event in piece for piece in self.pieces):
                self.came.clear()
                await self.came.wait()

    def kinds(self) -> set[str]:
        """Everything it was told of so far."""
        return {
            kind
            for piece in self.pieces
            if piece.startswith(b"event: changed")
            for kind in msgspec.json.decode(piece.split(b"data: ")[1])["kinds"]
        }


async def test_a_page_hears_what_its_scopes_allow_until_its_session_ends(
    house: House, monkeypatch: Any
) -> None:
    house.desk.changes = Changes(house.tools, house.clock, every_s=0.02)
    admins = await first(house, "admin.one"), await first(house, "admin.two")
    viewer = await hired(house, admins, "wang.fang", "viewer")
    one, other = Page(house, viewer), Page(house, admins[0])
    await one.until(b"event: begin")
    await other.until(b"event: begin")
    payer, shop = await house.office.customer(deposit=900), await house.office.merchant()
    await house.office.pay(payer, shop, 100)
    await one.until(b"payments")
    assert one.kinds() <= {"payments", "decisions"}
    await admins[1].post("/v1/session/end")
    await other.until(b"staff")
    assert "payments" not in other.kinds()

    monkeypatch.setattr(changes, "MOST", 2)
    async with house.untouched(SEEN):
        full = await viewer.get("/v1/live")
        assert told(full) == (429, "live_full")
        assert (await house.office.get("/v1/live")).json()["code"] == "session_needed"

    await viewer.post("/v1/session/end")
    await one.until(b"event: end")
    await asyncio.wait_for(one.line, 5)
    other.gone.set()
    await asyncio.wait_for(other.line, 5)
    assert len(house.desk.changes) == 0
