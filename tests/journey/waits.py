"""Who is shown what waits for a second person."""

from __future__ import annotations

from tests.journey.conftest import House

from anfu.entrypoints.api.waiting_kinds import KINDS, Asked, Found, Name


async def waits(house: House, name: Name, person: str) -> list[Found]:
    """What of a kind `person` would be shown."""
    (kind,) = (kind for kind in KINDS if kind.name is name)
    asked = Asked(person, house.clock.now(), 10, house.tools.sealer.ring)
    async with house.database.transaction(readonly=True) as tx:
        return list(await kind.find(tx, asked))


async def shown(house: House, name: Name, *people: str) -> list[list[str]]:
    """The ids of what each of `people` would be shown."""
    return [[found.id for found in await waits(house, name, person)] for person in people]
