"""Follow: decide by the set in force, within a turn of the loop that calls this."""

from __future__ import annotations

import asyncio

from anfu.risk.decision import make_judge
from anfu.risk.engine import Engine
from anfu.risk.operations import publish
from anfu.risk.queries import get_rule_set
from anfu.risk.ruling.queries import get_step
from anfu.storage.database import Database


async def follow(database: Database, engine: Engine) -> int:
    """1 when the engine was given another set, else 0. What it then decides by, the rules that
    lists make among it, is published before the first decision, and compiled beside the loop:
    payments go on meanwhile.

    Raises Refused when the set does not fit the engine's catalogue, as under an older release: the
    engine then decides on by the set it has.
    """
    async with database.transaction(readonly=True) as tx:
        version = (await get_step(tx)).rule_set
        if version == engine.base.version:
            return 0
        rule_set = await get_rule_set(tx, version)
    while True:
        acting = engine.lists.act(rule_set)
        judge = await asyncio.to_thread(make_judge, engine.catalogue, acting)
        async with database.transaction() as tx:
            await publish(tx, catalogue=engine.catalogue, rule_set=acting)
        if engine.lists.act(rule_set).version == acting.version:
            break  # no list came into force meanwhile
    engine.use(rule_set, judge)
    return 1
