"""Trades: the codes of ISO 18245, and which of them nobody may be a merchant for.

Banned are those that 银发〔2019〕85号 四(十三) names as far as a code tells them: gambling,
lotteries on the internet, adult content, virtual currency. What it names besides (trade in foreign
exchange, securities or metals without a licence) no code tells from the licensed; these trades are
RAISED, and a person looks at the licence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from anfu.kernel.errors import Refused


class Grade(StrEnum):
    """RAISED: looked at again soonest, and its licence by a person. PROHIBITED: never."""

    ORDINARY = "ORDINARY"
    RAISED = "RAISED"
    PROHIBITED = "PROHIBITED"


@dataclass(frozen=True, slots=True)
class Trade:
    """What a merchant lives from."""

    mcc: str
    grade: Grade
    en: str
    zh: str


@cache
def trades() -> Mapping[str, Trade]:
    """Every trade by its code, in the order of the codes."""
    text = resources.files(__package__).joinpath("trades.csv").read_text("utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {r["mcc"]: Trade(r["mcc"], Grade(r["grade"]), r["en"], r["zh"]) for r in rows}


def check_trade(mcc: str) -> Trade:
    """The trade. Raises Refused `mcc_unknown`, `trade_prohibited`."""
    trade = trades().get(mcc)
    if trade is None:
        raise Refused("mcc_unknown", field="mcc")
    if trade.grade is Grade.PROHIBITED:
        raise Refused("trade_prohibited", field="mcc", mcc=mcc, trade=trade.zh)
    return trade
