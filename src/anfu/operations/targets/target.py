"""The institution's targets, each with the definition that its figure follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

MATURES = timedelta(days=7)
"""Labels come late: of what is younger than this, nobody can say yet that no fraud is in it."""


class Name(StrEnum):
    FRAUD_VALUE = "fraud_value"
    FRAUD_COUNT = "fraud_count"
    SUCCESS = "success"
    OBLIGATIONS = "obligations"
    SATISFACTION = "satisfaction"
    RESPONSE = "response"
    REFUNDS = "refunds"


@dataclass(frozen=True, slots=True)
class Target:
    """`bound`: at most this where `low`, else at least; a share, or seconds where `seconds`.
    `en`, `zh`: the definition."""

    bound: float
    low: bool
    en: str
    zh: str
    seconds: bool = False


TARGETS: Mapping[Name, Target] = MappingProxyType(
    {
        Name.FRAUD_VALUE: Target(
            0.00001, True,
            "Sum of payments made in the period that succeeded and are labelled fraud by now,"
            " divided by the sum of all that succeeded; refunds are not taken off. Labels come"
            " late: payments younger than seven days are counted, and told apart as not matured.",
            "期间内发起且成功、至今被标记为欺诈的支付金额 ÷ 全部成功支付金额；不扣除退款。"
            "标签存在滞后：发起不足七天的支付计入其中，并单独列为未成熟部分。",
        ),
        Name.FRAUD_COUNT: Target(
            0.00001, True,
            "The same by number of payments.",
            "同上，按支付笔数计算。",
        ),
        Name.SUCCESS: Target(
            0.98, False,
            "Orders of honest payers that succeeded, divided by those that ended. Tries of one"
            " payer at one order number of one merchant are one order; what the payer cancelled"
            " or still waits is left out. Not honest is what is labelled fraud, and, until a label"
            " says honest, what risk or a reviewer stopped. Limits and lack of money count against"
            " us.",
            "诚实付款人成功的订单 ÷ 已结束的订单。"
            "同一付款人对同一商户同一订单号的多次尝试计为一笔；付款人取消或仍在等待的不计。被标记为欺诈的、以及被风控或审核拦截且未被标记为诚实的，"
            "不视为诚实付款。限额与余额不足计为失败。",
        ),
        Name.OBLIGATIONS: Target(
            1.0, False,
            "Core security and compliance obligations whose check passes, divided by all.",
            "检查通过的核心安全与合规义务 ÷ 全部核心义务。",
        ),
        Name.SATISFACTION: Target(
            0.9, False,
            "Answers of 4 or 5 out of 5 at the result page, divided by all answers.",
            "结果页评分为 4 或 5（满分 5）的反馈 ÷ 全部反馈。",
        ),
        Name.RESPONSE: Target(
            1800, True,
            "How long 95 of 100 cases opened in the period waited for their first response, by the"
            " wall clock. The numerator is cases answered within 30 minutes, the denominator those"
            " answered or older than their time limit.",
            "期间内新开案件中 95% 的首次响应用时（自然时间）。分子为 30 分钟内响应的案件，"
            "分母为已响应或已超时限的案件。",
            seconds=True,
        ),
        Name.REFUNDS: Target(
            1.0, False,
            "Refunds begun in the period and done within 24 hours, divided by those done or older"
            " than 24 hours; failed ones count as not done.",
            "期间内发起并在 24 小时内完成的退款 ÷ 已完成或已超过 24 小时的退款；失败的计为未完成。",
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """What a target came to; `value` None with a reason in `missing` where nothing is known.
    `beside`: figures one must know to read it."""

    name: Name
    value: float | None
    numerator: int | None = None
    denominator: int | None = None
    missing: str | None = None
    beside: Mapping[str, float | int | None] = field(default_factory=dict)

    @property
    def met(self) -> bool | None:
        """None where there is no value."""
        target = TARGETS[self.name]
        if self.value is None:
            return None
        return self.value <= target.bound if target.low else self.value >= target.bound


def share_of(name: Name, part: int, whole: int, **beside: float | int | None) -> Measured:
    """A share; of nothing there is none."""
    if not whole:
        return Measured(name, None, part, whole, "nothing_counted", beside)
    return Measured(name, round(part / whole, 9), part, whole, None, beside)
