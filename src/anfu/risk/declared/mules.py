"""Money that only passes through: what came in before the payment, and what its payee pays on."""

from __future__ import annotations

from anfu.risk.declared.windows import DAY, HOUR, WEEK
from anfu.risk.features import Aggregate, Entity, Feature

MULES = (
    Feature("payer_in_count_24h", Entity.PAYEE, Aggregate.COUNT, "payments",
            "payments the payer received in 24 hours", "付款人 24 小时内收款笔数", DAY,
            by=Entity.PAYER),
    Feature("payer_in_sum_1h", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount the payer received in 1 hour", "付款人 1 小时内收款金额", HOUR,
            by=Entity.PAYER),
    Feature("payer_in_sum_24h", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount the payer received in 24 hours", "付款人 24 小时内收款金额", DAY,
            by=Entity.PAYER),
    Feature("payer_passed_on_24h", Entity.PAYER, Aggregate.PASSED_ON, "ratio",
            "what the payer paid over what it received, 24 hours, 10 at most",
            "付款人 24 小时内付出与收入金额之比（至多 10）", DAY),
    Feature("payer_in_sum_7d", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount the payer received in 7 days", "付款人 7 天内收款金额", WEEK,
            by=Entity.PAYER),
    Feature("payer_in_payers_24h", Entity.PAYEE, Aggregate.DISTINCT, "payers",
            "different payers the payer received from in 24 hours",
            "24 小时内向付款人付款的不同人数", DAY, field="payer", by=Entity.PAYER),
    Feature("payer_since_in_s", Entity.PAYEE, Aggregate.SINCE_LAST, "s",
            "time since the payer last received", "距付款人最近收款的时间", by=Entity.PAYER),
    Feature("payee_payers_24h", Entity.PAYEE, Aggregate.DISTINCT, "payers",
            "different payers of the payee in 24 hours", "收款人 24 小时内的不同付款人数", DAY,
            field="payer"),
    Feature("payee_count_24h", Entity.PAYEE, Aggregate.COUNT, "payments",
            "payments of the payee in 24 hours", "收款人 24 小时内的支付笔数", DAY),
    Feature("payee_sum_1h", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount of the payee in 1 hour", "收款人 1 小时内的支付金额", HOUR),
    Feature("payee_sum_7d", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount of the payee in 7 days", "收款人 7 天内的支付金额", WEEK),
    Feature("payee_out_sum_24h", Entity.PAYER, Aggregate.SUM, "minor",
            "amount the payee paid on in 24 hours", "收款人 24 小时内付出金额", DAY,
            by=Entity.PAYEE),
    Feature("payee_since_out_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
            "time since the payee last paid", "距收款人最近付款的时间", by=Entity.PAYEE),
)  # fmt: skip
