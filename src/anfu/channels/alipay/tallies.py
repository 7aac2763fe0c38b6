"""What a bill says of itself against what its rows come to. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from anfu.channels.alipay.rows import INCOME, RECEIVED, SPENT
from anfu.channels.alipay.sheets import Row, Sheet
from anfu.kernel.errors import Refused

_COUNTS = {"交易": "交易订单总笔数", "退款": "退款订单总笔数"}
_TOTAL = "合计"


class Tally:
    """Counts rows and adds fen, by the words the sums stand under."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._fen: Counter[str] = Counter()
        self._compared = False

    def add_trade(self, row: Row) -> None:
        """A row of 交易 or 退款, by what the merchant received."""
        self._add(row.text("业务类型"), row.fen(RECEIVED))

    def add_fund(self, row: Row) -> None:
        """A row of the account, by its two columns."""
        income, spent = row.fen(INCOME), row.fen(SPENT)
        if income:
            self._add("收入", abs(income))
        if spent:
            self._add("支出", -abs(spent))

    def compare(self, sheets: Iterable[Sheet]) -> None:
        """With the sums under the rows of all parts. Raises Refused(bill_malformed)."""
        counts: Counter[str] = Counter()
        amounts: Counter[str] = Counter()
        for sheet in sheets:
            for word, (count, amount) in sheet.sums.items():
                counts[word] += count
                amounts[word] += -abs(amount) if word in ("支出", "退款") else amount
        for word in counts:
            self._compared = True
            said = counts[word], amounts[word]
            if said != (self._counts[word], self._fen[word]):
                raise Refused("bill_malformed", field=f"{word}合计")

    def compare_sums(self, rows: Iterable[Row]) -> None:
        """With a sheet of sums (汇总) of payments and refunds: the counts of its row 合计, or of
        its only row. What its amounts cover is told differently, so they are not compared. Raises
        Refused(bill_malformed)."""
        found = list(rows)
        total = [row for row in found if _TOTAL in (value.strip() for value in row.values)]
        for row in total or found[:1]:
            self._compared = True
            for word, column in _COUNTS.items():
                if row.text(column) != str(self._counts[word]):
                    raise row.wrong(column)

    def finish(self) -> None:
        """Raises Refused(bill_malformed) for a bill that says nothing of itself: it may have been
        cut off."""
        if not self._compared:
            raise Refused("bill_malformed", field=_TOTAL)

    def _add(self, word: str, amount: int) -> None:
        self._counts[word] += 1
        self._fen[word] += amount
