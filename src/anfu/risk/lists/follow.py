"""Follow: bring into this process what came into force anywhere, within a second of it."""

from __future__ import annotations

import asyncio

from anfu.risk.engine import Engine
from anfu.risk.lists import queries
from anfu.risk.lists.acting import joined
from anfu.risk.lists.declaration import Declaration, read_declaration
from anfu.risk.lists.matching import Book
from anfu.risk.lists.queries import Release
from anfu.risk.operations import publish
from anfu.storage.database import Database


class ListFollower:
    """Keeps `book`, the lists of `engine`, as the database has them. One at a time follows: the
    loop of the process, or a handler that has just changed something."""

    def __init__(self, database: Database, engine: Engine, book: Book) -> None:
        self.book = book
        self._database = database
        self._engine = engine
        self._turn = asyncio.Lock()

    async def turn(self) -> int:
        """How many changes came into force here.

        A change of millions of entries comes in page by page, and decisions are made between.
        """
        async with self._turn:
            async with self._database.transaction(readonly=True) as tx:
                if await queries.get_version(tx) == self.book.version:
                    return 0
                releases = await queries.list_releases(tx, self.book.version)
            for release in releases:
                await self._follow(release)
                self.book.version = release.version
            return len(releases)

    async def _follow(self, release: Release) -> None:
        change = release.change
        if change.body is not None:
            await self._declare(read_declaration(change.body))
            return
        async with self._database.transaction(readonly=True) as tx:
            async for items in queries.stream_items(tx, change.id):
                self.book.put(change.list, [item.mark for item in items])

    async def _declare(self, declaration: Declaration) -> None:
        """The rule the list makes is published before the first decision by it."""
        engine, book = self._engine, self.book
        after = {**book.declared, declaration.name: declaration}
        lists = [d for d in after.values() if not d.retired]
        while True:
            base = engine.base
            acting = joined(base, lists)
            async with self._database.transaction() as tx:
                await publish(tx, catalogue=engine.catalogue, rule_set=acting)
            if engine.base is base:  # nobody brought other rules into force meanwhile
                break
        book.declare(declaration)
        engine.use(base)


async def load(database: Database, book: Book) -> None:
    """Fill an empty book with all that is in force. Before the engine is made of it."""
    async with database.transaction(readonly=True, snapshot=True) as tx:
        version = await queries.get_version(tx)
        for declaration in (await queries.find_declarations(tx)).values():
            book.declare(declaration)
            async for entries in queries.stream_entries(tx, declaration.name):
                book.put(declaration.name, [entry.item.mark for entry in entries])
        book.version = version
