"""Reads of limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anfu.kernel.errors import Refused
from anfu.kernel.periods import civil_date
from anfu.limits.agreed.agreed import AgreedKey, AgreedLimit, agreed_rules
from anfu.limits.breach import Breach
from anfu.limits.counter import (
    COUNTED,
    Counter,
    Metric,
    Window,
    merchant_counter,
    payer_counters,
)
from anfu.limits.merchant import MerchantLimit, check_window, own_rule
from anfu.limits.multipliers.multiplier import raised
from anfu.limits.rule import Rule
from anfu.limits.stack import Stack, own_rules
from anfu.limits.stops.stop import stop_rule
from anfu.limits.use import Code, Debit, Use, UseKind
from anfu.storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a running window is used up, in minor units. `pocket`, of payments with a code:
    what they were paid from, "balance" or "banks"."""

    metric: str
    window: Window
    currency: str
    amount: int
    pocket: str | None = None


async def list_used(tx: Tx, *, subject: str, at: datetime) -> list[Used]:
    """The sums of a customer or merchant in the windows that `at` (aware) falls in."""
    day = civil_date(at)
    rows = await tx.fetch(
        "SELECT metric, span, amount FROM limits.counter WHERE subject = $1 AND (span = 'lifetime'"
        " OR span = 'natural_day' AND starts_on = $2 OR span = 'natural_month' AND starts_on = $3"
        " OR span = 'calendar_year' AND starts_on = $4) ORDER BY metric, span",
        subject,
        day,
        day.replace(day=1),
        day.replace(month=1, day=1),
    )
    return [_used(metric, span, amount) for metric, span, amount in rows]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What stands against some uses: the sums, the limits and orders of each merchant's and
    customer's own, and the multipliers (hundredths) of rules of the law."""

    sums: dict[Counter, int]
    own: dict[str, list[Rule]]
    multipliers: dict[str, int]


def sum_rows(name: str) -> str:
    """The counters in the rows of `name` as rows of bounds. SQL."""
    return f"""SELECT 'sum' AS kind, metric, subject, span, starts_on, amount,
  NULL::text AS currency, NULL::timestamptz AS set_at, NULL::bigint AS next_most,
  NULL::timestamptz AS next_at FROM {name}"""


def bound_rows(merchants: str, customers: str) -> str:
    """The other rows of bounds, where the parameters are those of `subjects_of`. SQL."""
    return f"""UNION ALL
SELECT 'merchant', NULL, merchant, span, NULL, amount, currency, NULL, NULL, NULL
FROM limits.merchant_limit WHERE merchant = ANY({merchants})
UNION ALL
SELECT 'agreed', metric, customer, span, NULL, most, currency, set_at, next_most, next_at
FROM limits.agreed_limit WHERE customer = ANY({customers})
UNION ALL
SELECT 'stop', NULL, customer, NULL, NULL, NULL, NULL, NULL, NULL, ends_at
FROM limits.stop_order WHERE customer = ANY({customers})
UNION ALL
SELECT 'multiplier', NULL, rule, NULL, NULL, hundredths, NULL, NULL, NULL, NULL FROM
  (SELECT DISTINCT ON (rule) rule, hundredths FROM limits.multiplier
   WHERE approved ORDER BY rule, decided_at DESC, id DESC) m"""


def subjects_of(uses: Sequence[Use]) -> tuple[list[str], list[str]]:
    """The merchants and the customers whose own limits bound `uses`."""
    kinds = COUNTED[Metric.INCOMING]
    merchants = {u.merchant for u in uses if u.merchant is not None and u.kind in kinds}
    return sorted(merchants), sorted({use.customer for use in uses})


def bounds_of(rows: Sequence[Mapping[str, Any]], uses: Sequence[Use]) -> Bounds:
    """The rows of bounds as they are held against `uses`."""
    read = Bounds({}, {}, {})
    currencies = sorted({use.currency for use in uses})
    for row in rows:
        kind, subject = row["kind"], row["subject"]
        if kind == "sum":
            key = Counter(row["metric"], subject, row["span"], row["starts_on"])
            read.sums[key] = row["amount"]
        elif kind == "multiplier":
            read.multipliers[subject] = row["amount"]
        else:
            read.own.setdefault(subject, []).extend(_own(row, currencies))
    return read


def _own(row: Mapping[str, Any], currencies: Sequence[str]) -> Iterable[Rule]:
    """A row of a subject's own as rules; a stop order is one in each currency that is paid."""
    if row["kind"] == "merchant":
        return [own_rule(Window(row["span"]), row["currency"], row["amount"])]
    if row["kind"] == "stop":
        return [stop_rule(row["next_at"], currency) for currency in currencies]
    key = AgreedKey(row["subject"], Metric(row["metric"]), Window(row["span"]), row["currency"])
    times = (row["set_at"], row["next_most"], row["next_at"])
    return agreed_rules(AgreedLimit(key, row["amount"], *times))


_KEPT = """(
    SELECT metric, subject, span, starts_on, amount FROM limits.counter
    JOIN unnest($1::text[], $2::text[], $3::text[], $4::date[])
        AS w (metric, subject, span, starts_on) USING (metric, subject, span, starts_on)
) kept"""
_READ = f"{sum_rows(_KEPT)} {bound_rows('$5', '$6')}"


async def foresee(tx: Tx, *, uses: Sequence[Use], rules: Sequence[Rule]) -> dict[str, Breach]:
    """What each of `uses` alone would break by the sums as they stand, `rules` and all else that
    bounds it. Nothing is locked and nothing taken: an advice, of which `reserve` has the last
    word. The day's sum of a merchant, which no proof of a payer lifts, is left out."""
    meters = {use.id: payer_counters(use) for use in uses}
    wanted = sorted({counter for one in meters.values() for counter in one.values()})
    columns = [list(column) for column in zip(*wanted, strict=True)] or [[], [], [], []]
    rows = await tx.fetch(_READ, *columns, [], subjects_of(uses)[1])
    found = bounds_of(rows, uses)
    held = raised(rules, found.multipliers)
    breaches: dict[str, Breach] = {}
    for use in uses:
        sums = {c: found.sums.get(c, 0) for c in meters[use.id].values()}
        breaches |= Stack(held, found.own, sums).take([(use, meters[use.id])]).breaches
    return breaches


async def list_bounding(tx: Tx, *, use: Use, rules: Sequence[Rule]) -> list[tuple[Rule, int]]:
    """Every rule that bounds `use` now, its customer's and its merchant's own among them, with what
    its window has come to: `use` too, if it was counted. Of a rule for each payment, its amount."""
    meters = dict(payer_counters(use))
    if use.merchant is not None:
        meters[Metric.INCOMING, Window.NATURAL_DAY] = merchant_counter(use)
    columns = [list(column) for column in zip(*sorted(meters.values()), strict=True)]
    found = bounds_of(await tx.fetch(_READ, *columns, *subjects_of([use])), [use])
    day = civil_date(use.at)
    held = [rule for rule in raised(rules, found.multipliers) if rule.bounds(use, day)]
    return [
        (rule, use.amount if rule.window is Window.PAYMENT
         else found.sums.get(meters[rule.metric, rule.window], 0))
        for rule in (*held, *own_rules(use, found.own, day))
    ]  # fmt: skip


async def list_merchant_limits(tx: Tx, *, merchants: Sequence[str]) -> list[MerchantLimit]:
    """Every limit that `merchants` set for themselves."""
    rows = await tx.fetch(
        "SELECT merchant, span, currency, amount, set_at FROM limits.merchant_limit"
        " WHERE merchant = ANY($1) ORDER BY merchant, span, currency",
        list(merchants),
    )
    return [MerchantLimit(m, Window(span), c, amount, at) for m, span, c, amount, at in rows]


async def find_merchant_limit(
    tx: Tx, *, merchant: str, window: str, currency: str
) -> MerchantLimit | None:
    """One limit of a merchant. Raises Refused(limit_window_unknown)."""
    wanted = check_window(window)
    limits = await list_merchant_limits(tx, merchants=[merchant])
    return next((one for one in limits if (one.window, one.currency) == (wanted, currency)), None)


async def get_merchant_limit(tx: Tx, *, merchant: str, window: str, currency: str) -> MerchantLimit:
    """One limit of a merchant. Raises Refused(merchant_limit_not_found)."""
    limit = await find_merchant_limit(tx, merchant=merchant, window=window, currency=currency)
    if limit is None:
        raise Refused("merchant_limit_not_found")
    return limit


async def find_reservation(tx: Tx, id: str) -> Use | None:  # noqa: A002 - the house's word
    """The use that is kept for a payment that is still open."""
    return (await find_reservations(tx, [id])).get(id)


async def find_reservations(tx: Tx, ids: Sequence[str]) -> dict[str, Use]:
    """The uses that are kept for those of `ids` that are still open."""
    rows = await tx.fetch("SELECT * FROM limits.reservation WHERE id = ANY($1::text[])", list(ids))
    return {row["id"]: use_of(row) for row in rows}


def use_of(row: Mapping[str, Any]) -> Use:
    """A kept use as it was."""
    kinds = {"kind": UseKind(row["kind"]), "code": Code(row["code"]), "debit": Debit(row["debit"])}
    return Use(**{**dict(row), **kinds})


async def reservations_after(tx: Tx, after: str, *, most: int) -> list[str]:
    """The ids of the next `most` kept uses in their order: a walk through all of them."""
    rows = await tx.fetch(
        "SELECT id FROM limits.reservation WHERE id > $1 ORDER BY id LIMIT $2", after, most
    )
    return [row[0] for row in rows]


def _used(metric: str, span: str, amount: int) -> Used:
    name, currency, *pocket = metric.split("/")
    return Used(name, Window(span), currency, amount, *pocket)
