"""Purpose: what a firm's large transfer is for stays on record with it (43号 art. 14)."""

from __future__ import annotations

from anfu.kernel.errors import Refused
from anfu.parties.party import Party

# 单笔超过 5 万元
_UP_TO = {"CNY": 5_000_000}


def check_purpose(
    payer: Party, payee: Party, amount: int, currency: str, description: str | None
) -> None:
    """Raises Refused `purpose_needed` for a firm's transfer of more than 50,000 yuan to another
    account that does not say what it is for. What is bought of a merchant is no transfer."""
    transfer = payer.firm and payee.kind == "CUSTOMER"
    most = _UP_TO.get(currency)
    if transfer and most is not None and amount > most and description is None:
        raise Refused("purpose_needed", field="description", most=most)
