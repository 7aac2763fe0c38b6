"""Inquire: a question that is committed goes to its outside channel; what comes back is a reply.

A process killed in between leaves it ASKED; `ask_late` asks it again under its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import timedelta

from anfu.channels.registries.port import Finding, Inquiry
from anfu.kernel.errors import Outcome
from anfu.parties.identity.verification import Reply, State
from anfu.payments.tools import Tools

# Longer than a registry may take: a question asked before that has lost its process.
LATE = timedelta(seconds=30)
_STATES = {
    Outcome.DONE: State.CONFIRMED,
    Outcome.NOT_DONE: State.CONTRADICTED,
    Outcome.UNKNOWN: State.UNKNOWN,
}


async def inquire(tools: Tools, registry: str, id_: str, facts: Mapping[str, str]) -> Reply:
    """What the registry of this name says to the question `id_`; UNKNOWN where there is none."""
    channel = tools.registries.get(registry)
    if channel is None:
        return Reply(State.UNKNOWN, "registry_unknown")
    return _reply(await channel.inquire(Inquiry(id_, facts)))


async def unbroken(work: Coroutine[None, None, None]) -> None:
    """`work` to its end: a caller who hangs up does not stop a question half way."""
    await asyncio.shield(asyncio.ensure_future(work))


def _reply(finding: Finding) -> Reply:
    state = _STATES[finding.outcome]
    if state is State.UNKNOWN:
        return Reply(state, finding.reason)
    return Reply(state, finding.reason, finding.source, finding.bank_grade, finding.firm_state)
