"""A settlement and its entries lose nothing, whatever came before: to the fen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from anfu.ledger.account import Side
from anfu.ledger.admission import Funds, admit
from anfu.ledger.entry import Entry
from anfu.settlement.cycles.booking import entries_of
from anfu.settlement.cycles.line import Known, lines_of
from anfu.settlement.cycles.settlement import Settlement, Span, Standing, Withheld, settle_lines
from anfu.settlement.terms.cycle import T1
from anfu.settlement.terms.fee import Fee, Tier
from anfu.settlement.terms.terms import Agreed, BankAccount, Retention, Terms

DAY = date(2026, 2, 24)
START = datetime(2026, 2, 23, 16, tzinfo=UTC)
BALANCE = "mer_1/balance/CNY"
ACCOUNT = BankAccount("小店", "35001234567890123456", "福州银行", "313391080007")
SPAN = Span(DAY, START, START + timedelta(days=1), T1.kind, date(2026, 2, 25))

fees = st.builds(
    lambda low, rate, least, cap, back: Fee(
        [Tier(0, rate), Tier(5_000, rate // 2)], min(least, cap), cap, back) if low
    else Fee([Tier(0, rate)], returned=back),
    st.booleans(), st.integers(0, 1_000), st.integers(0, 50), st.integers(0, 500), st.booleans(),
)  # fmt: skip
agreements = st.builds(
    lambda fee, minimum, kept: Agreed(T1, fee, minimum, Retention(kept, 30 if kept else 0)),
    fees, st.sampled_from([0, 0, 500]), st.sampled_from([0, 0, 1_000, 5_000]),
)  # fmt: skip
# Payments, and of some of them a part that is given back; other moves with their sign.
sales = st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 10_000)), max_size=12)
others = st.lists(st.integers(-3_000, 3_000).filter(bool), max_size=3)


def terms_of(agreed: Agreed) -> Terms:
    return Terms("trm_1", "mer_1", "CNY", date(2026, 1, 1), agreed, ACCOUNT, "agreed", "ana",
                 START, "bo", START)  # fmt: skip


def history(sold: list[tuple[int, int]], moved: list[int]) -> tuple[list[Entry], Known]:
    entries, refunds = [], {}
    for n, (amount, back) in enumerate(sold):
        at = START + timedelta(minutes=n)
        entries.append(Entry(f"pay_{n}", "bank", BALANCE, "CNY", amount, at))
        if 0 < back <= amount:
            refunds[f"rfd_{n}"] = f"pay_{n}"
            entries.append(Entry(f"rfd_{n}", BALANCE, "bank", "CNY", back, at))
    for n, amount in enumerate(moved):
        sides = ("bank", BALANCE) if amount > 0 else (BALANCE, "bank")
        entries.append(Entry(f"dep_{n}", *sides, "CNY", abs(amount), START + timedelta(hours=1)))
    return entries, Known(refunds)


@given(
    agreements, sales, others, st.tuples(*[st.integers(0, 4_000)] * 3, st.integers(0, 6_000)),
    st.sampled_from([None, None, Withheld.MERCHANT_NOT_ACTIVE]),
)  # fmt: skip
def test_a_settlement_and_its_entries_lose_nothing(
    agreed: Agreed, sold: list[tuple[int, int]], moved: list[int],
    before: tuple[int, int, int, int], barred: Withheld | None,
) -> None:  # fmt: skip
    carried, owes, released, held = before
    entries, known = history(sold, moved)
    lines = lines_of(entries, BALANCE, [terms_of(agreed)], known)
    gross = sum(line.amount for line in lines)
    carried_in = carried - owes
    posted = max(0, carried + gross)
    # What the balance would lack is owed: as the books would stand.
    owes += max(0, -(carried + gross))
    standing = Standing(carried_in, DAY if carried_in < 0 else None, max(0, posted - held), owes,
                        released, barred)  # fmt: skip
    made = settle_lines("stl_1", terms_of(agreed), SPAN, lines, standing, at=START)
    check_sum(made, agreed)
    assert sum(line.fee for line in lines) == made.fees
    funds = book(made, standing)
    balance = funds[BALANCE].available + min(posted, held)
    assert balance - funds["mer_1/arrears/CNY"].available == made.carried_out


def check_sum(made: Settlement, agreed: Agreed) -> None:
    assert (
        made.carried_in + made.payments - made.refunds + made.returned + made.other - made.fees
        - made.retained + made.released - made.paid == made.carried_out
    )  # fmt: skip
    assert made.paid == 0 or (made.paid >= max(1, agreed.minimum) and made.carried_out >= 0)
    assert (made.negative_since is None) == (made.carried_out >= 0)
    assert (made.withheld is None) == (made.paid > 0 and made.carried_out == 0)
    assert made.retained <= made.payments * agreed.retention.rate_bp // 10_000


def book(made: Settlement, standing: Standing) -> dict[str, Funds]:
    """The accounts after the entries, every one of which goes through."""
    credit = {BALANCE: standing.available, "mer_1/retention/CNY": made.released,
              "anfu/payouts/CNY": 0}  # fmt: skip
    funds = {
        key: Funds(n, "CNY", Side.CREDIT, False, amount)
        for n, (key, amount) in enumerate(credit.items())
    }
    funds["anfu/fees/CNY"] = Funds(8, "CNY", Side.CREDIT, True, 0)
    funds["mer_1/arrears/CNY"] = Funds(9, "CNY", Side.DEBIT, False, standing.owes)
    orders = entries_of(made, standing, "pyo_1")
    assert admit(orders, funds) == {}
    assert funds["anfu/fees/CNY"].available == made.fees
    assert funds["anfu/payouts/CNY"].available == made.paid
    assert funds["mer_1/retention/CNY"].available == made.retained
    return funds
