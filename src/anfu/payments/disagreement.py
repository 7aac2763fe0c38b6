"""A disagreement: two places of the house that do not say the same of one object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# code -> what it says; {id} is the object, {fields} what differs: what is right, and what is found.
DISAGREEMENTS: Mapping[str, tuple[str, str]] = {
    "row_changed": (
        "{id} was changed: the evidence says otherwise ({fields}).",
        "{id} 已被改动，与存证不符（{fields}）。",
    ),
    "row_removed": (
        "{id} was removed: the evidence knows it, the table does not.",
        "{id} 已被删除：存证中有记录，表中没有。",
    ),
    "row_inserted": (
        "{id} was inserted past the journeys: the evidence does not know it.",
        "{id} 绕过流程插入：存证中没有记录。",
    ),
    "entry_missing": (
        "{id} succeeded, but its ledger entry is missing.",
        "{id} 已成功，但缺少账务分录。",
    ),
    "entry_differs": (
        "The ledger entry of {id} is not what was decided ({fields}).",
        "{id} 的分录与决定不符（{fields}）。",
    ),
    "entry_unfounded": (
        "There is a ledger entry {id}, but nothing of that name succeeded.",
        "存在分录 {id}，但没有相应的成功交易。",
    ),
    "hold_missing": (
        "{id} has held money, but its hold is missing.",
        "{id} 曾冻结资金，但缺少冻结记录。",
    ),
    "hold_differs": (
        "The hold of {id} is not what was decided ({fields}).",
        "{id} 的冻结与决定不符（{fields}）。",
    ),
    "hold_left_over": (
        "{id} is closed, but its money is still held.",
        "{id} 已结束，但资金仍被冻结。",
    ),
    "hold_unfounded": (
        "Money is held for {id}, which never asked for it.",
        "为 {id} 冻结了资金，但它从未要求冻结。",
    ),
    "note_missing": (
        "{id} is open, but nobody is noted to come back to it.",
        "{id} 未结束，但没有待处理记录。",
    ),
    "note_left_over": (
        "{id} is noted to be come back to, but it is not open.",
        "{id} 仍在待处理之列，但已不是未结束状态。",
    ),
    "reservation_missing": (
        "{id} is open, but its use of the limits is not kept.",
        "{id} 未结束，但缺少限额占用记录。",
    ),
    "reservation_differs": (
        "The kept use of the limits of {id} is not what was decided ({fields}).",
        "{id} 的限额占用与决定不符（{fields}）。",
    ),
    "reservation_left_over": (
        "{id} is not open, but a use of the limits is still kept for it.",
        "{id} 不是未结束状态，但仍保留限额占用。",
    ),
    "refunded_sum_differs": (
        "The refunds of {id} do not come to the sum it says ({fields}).",
        "{id} 的退款合计与所记金额不符（{fields}）。",
    ),
    "refund_unfounded": (
        "{id} refunds a payment that the evidence does not know.",
        "{id} 所退的支付在存证中不存在。",
    ),
    "decision_changed": (
        "The decision {id} was changed: the evidence says otherwise ({fields}).",
        "决策 {id} 已被改动，与存证不符（{fields}）。",
    ),
    "decision_removed": (
        "The decision {id} was removed: the evidence knows it, the table does not.",
        "决策 {id} 已被删除：存证中有记录，表中没有。",
    ),
    "decision_inserted": (
        "The decision {id} was inserted: the evidence does not know it.",
        "决策 {id} 被插入：存证中没有记录。",
    ),
    "leaf_unreadable": (
        "A record of {id} in the evidence cannot be read.",
        "{id} 的存证记录无法读取。",
    ),
    "account_differs": (
        "The balance of the account {id} is not the sum of its entries and holds ({fields}).",
        "账户 {id} 的余额与其分录及冻结之和不符（{fields}）。",
    ),
    "books_unbalanced": (
        "Debits and credits in {id} are not equal ({fields}).",
        "{id} 的借贷不平（{fields}）。",
    ),
}

Fields = Mapping[str, tuple[Any, Any]]
"""By name: what it should be, and what is found."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`code` is a key of `DISAGREEMENTS`, `id` names the object at fault."""

    code: str
    id: str
    fields: Fields = field(default_factory=dict)

    @property
    def reason_en(self) -> str:
        pairs = (f"{n}: {right} became {found}" for n, (right, found) in self.fields.items())
        return DISAGREEMENTS[self.code][0].format(id=self.id, fields=", ".join(pairs))

    @property
    def reason_zh(self) -> str:
        pairs = (f"{n}：{right} 变为 {found}" for n, (right, found) in self.fields.items())
        return DISAGREEMENTS[self.code][1].format(id=self.id, fields="，".join(pairs))


def differing(right: Mapping[str, Any], found: Mapping[str, Any]) -> Fields:
    """The names of `right` under which `found` has something else."""
    return {n: (v, found.get(n)) for n, v in right.items() if found.get(n) != v}
