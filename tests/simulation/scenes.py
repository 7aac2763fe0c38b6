"""Payers at the network: they confirm, confirm late, cancel, or never act."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.simulation import wechat

from anfu.channels.port import Scene
from anfu.payments.meeting import NO_MEETING, Meeting

if TYPE_CHECKING:
    from tests.simulation.life import Life

_OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
ADDRESS = "203.0.113.7"
SCENES = (Scene.MINI_PROGRAM, Scene.APP, Scene.H5, Scene.PAGE, Scene.PAYER_CODE)


def meeting(dice: random.Random, method: str) -> Meeting:
    """How payer and network come together for a payment by `method`."""
    if method != wechat.NAME:
        return NO_MEETING
    scene = dice.choice(SCENES)
    shown = f"13{dice.randrange(10**12):012}" if scene is Scene.PAYER_CODE else None
    known = _OPENID if scene is Scene.MINI_PROGRAM else None
    # The last four digits say how it goes: at once, after a password, or not at all.
    end = dice.choice(("9999", "0001", "0003"))
    return Meeting(scene, None if shown is None else shown + end, known)


class Payers:
    """At the network's counter of `life`; each payment is acted on once."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._acted: set[str] = set()

    def look(self, payment: Mapping[str, Any]) -> None:
        """The payer is told how the payment stands, and acts on it if it waits for them."""
        if payment["state"] != "AWAITING" or payment["id"] in self._acted:
            return
        self._acted.add(payment["id"])
        life, dice = self._life, self._life.dice
        number, payer = payment["id"], life.counter.simulator.payer
        end = datetime.fromisoformat(payment["order_expires_at"])
        left_s = (end - life.clock.now()).total_seconds()
        act, after = dice.choice((
            (payer.pay, dice.uniform(1, 60)), (payer.pay, dice.uniform(1, 60)),
            (payer.pay, left_s + dice.uniform(-20, 20)), (payer.decline, dice.uniform(1, 60)),
            (None, 0.0),
        ))  # fmt: skip

        async def acts() -> None:
            if act is not None:
                done = act(number)
                life.fate.trace("payer at the network", f"{act.__name__} {number} {done}")

        if act is not None:
            life.later(max(after, 0), f"payer of {number}", acts)
