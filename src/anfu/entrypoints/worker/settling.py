"""Settling: one turn settles what is due, sends what is released and checks the reserve fund."""

from __future__ import annotations

import logging
from datetime import date, timedelta

from anfu.compliance.switch import is_allowed
from anfu.kernel.clock import Clock
from anfu.kernel.errors import OutsideFailure, Refused
from anfu.kernel.periods import civil_date
from anfu.payments.tools import Tools
from anfu.settlement.cycles.settle import Run, settle_day
from anfu.settlement.payouts.gather import gather
from anfu.settlement.payouts.send import ask_again, send_released
from anfu.settlement.reserve.check import check
from anfu.settlement.reserve.queries import is_checked

log = logging.getLogger(__name__)

# A worker that was away comes back to the days it missed.
_BACK = 7


async def settle_due(tools: Tools, clock: Clock) -> int:
    """How many settlements, batches and answers there were."""
    today = civil_date(clock.now())
    done = 0
    for back in range(_BACK, -1, -1):
        run = Run(today - timedelta(days=back), is_allowed)
        done += len(await settle_day(tools, run, now=clock.now()))
    done += len(await gather(tools, today, now=clock.now()))
    done += await send_released(tools, clock)
    return done + await ask_again(tools, clock)


async def check_reserve(tools: Tools, clock: Clock) -> int:
    """Check the days that are over and were not; how many were. None without a bank."""
    if tools.reserve is None:
        return 0
    today, done = civil_date(clock.now()), 0
    for back in range(_BACK, 0, -1):
        for currency in sorted(tools.policy.currencies):
            done += await _check(tools, clock, today - timedelta(days=back), currency)
    return done


async def _check(tools: Tools, clock: Clock, day: date, currency: str) -> int:
    async with tools.database.transaction(readonly=True) as tx:
        if await is_checked(tx, day, currency):
            return 0
    try:
        await check(tools, day, currency, now=clock.now())
    except (Refused, OutsideFailure) as error:
        log.info("the reserve fund of %s is not checked yet: %s", day, error)
        return 0
    return 1
