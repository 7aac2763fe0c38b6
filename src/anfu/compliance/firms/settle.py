"""Settle: whether a firm's account is open follows from what is confirmed of it now."""

from __future__ import annotations

from dataclasses import replace

from anfu.compliance.firms.apply import standing_of
from anfu.ledger import operations as ledger
from anfu.parties.firms import operations
from anfu.parties.firms.firm import Dossier, Firm, State, channels_of, state_after
from anfu.payments.fund import balance_account
from anfu.payments.record import Record
from anfu.payments.tools import Tools
from anfu.storage.transaction import Tx


async def settle(tx: Tx, tools: Tools, before: Firm, dossier: Dossier, record: Record) -> None:
    """Move the firm, which the caller has locked, under `dossier` to where it now belongs; its
    balance accounts are opened the first time."""
    standing = await standing_of(tx, tools, before)
    after = replace(before, dossier=dossier, state=state_after(before.state, standing.missing))
    await operations.move(tx, before=before, after=after, sealer=tools.sealer)
    if before.state is State.APPLIED and after.state is State.OPENED:
        accounts = [balance_account(after.id, c) for c in sorted(tools.policy.currencies)]
        await ledger.open_accounts(tx, accounts=accounts, now=record.now)
    record.leaf(
        "firm", after.id,
        {"state": after.state, "missing": list(standing.missing),
         "channels": channels_of(standing.verifications), "article": "银发〔2016〕261号 一(五)"},
    )  # fmt: skip
