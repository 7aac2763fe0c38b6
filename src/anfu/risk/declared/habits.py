"""What a payer is used to, over a month: amounts, payees, times."""

from __future__ import annotations

from anfu.risk.declared.windows import DAY, MONTH
from anfu.risk.features import Aggregate, Entity, Feature

HABITS = (
    Feature("weekday", None, Aggregate.WEEKDAY, "day", "day of the week, 1 Monday",
            "星期（1 为周一）"),
    Feature("payer_count_30d", Entity.PAYER, Aggregate.COUNT, "payments",
            "payments of the payer in 30 days", "付款人 30 天内的支付笔数", MONTH),
    Feature("payer_sum_30d", Entity.PAYER, Aggregate.SUM, "minor",
            "amount of the payer in 30 days", "付款人 30 天内的支付金额", MONTH),
    Feature("payer_mean_30d", Entity.PAYER, Aggregate.MEAN, "minor",
            "mean amount of the payer in 30 days", "付款人 30 天内的平均金额", MONTH),
    Feature("payer_std_30d", Entity.PAYER, Aggregate.STD, "minor",
            "spread of the payer's amounts in 30 days (standard deviation)",
            "付款人 30 天内金额的标准差", MONTH),
    Feature("payer_max_30d", Entity.PAYER, Aggregate.MAX, "minor",
            "largest amount of the payer in 30 days", "付款人 30 天内的最大金额", MONTH),
    Feature("amount_to_mean_30d", Entity.PAYER, Aggregate.RATIO, "ratio",
            "amount over the mean of the payer's others in 30 days",
            "金额与付款人 30 天内其他支付均值之比", MONTH),
    Feature("payer_mean_24h", Entity.PAYER, Aggregate.MEAN, "minor",
            "mean amount of the payer in 24 hours", "付款人 24 小时内的平均金额", DAY),
    Feature("payer_min_24h", Entity.PAYER, Aggregate.MIN, "minor",
            "smallest amount of the payer in 24 hours", "付款人 24 小时内的最小金额", DAY),
    Feature("payer_payees_30d", Entity.PAYER, Aggregate.DISTINCT, "payees",
            "different payees of the payer in 30 days", "付款人 30 天内的不同收款人数", MONTH,
            field="payee"),
)  # fmt: skip
