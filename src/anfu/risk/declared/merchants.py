"""Shops that sell nothing: cash-out in round sums, repeats of one payer, foreign terminals."""

from __future__ import annotations

from anfu.risk.declared.windows import DAY, HOUR, MONTH, WEEK
from anfu.risk.features import Aggregate, Entity, Feature

# Whole thousands of yuan, and those less the usual fee of one or two hundredths.
_ROUND = "amount IN (100000, 200000, 300000, 400000, 500000, 600000, 800000, 1000000, 2000000)"
# ISO 18245: quasi cash, transfers, gambling, gold and jewels.
_CASH = "mcc IN ('4829', '5094', '5944', '6010', '6011', '6012', '6051', '6211', '6540', '7995')"

MERCHANTS = (
    Feature("payer_payee_count_24h", Entity.PAYER, Aggregate.COUNT, "payments",
            "payments of the payer to this payee in 24 hours",
            "付款人 24 小时内向该收款人支付笔数", DAY, also=Entity.PAYEE),
    Feature("payer_payee_sum_24h", Entity.PAYER, Aggregate.SUM, "minor",
            "amount of the payer to this payee in 24 hours",
            "付款人 24 小时内向该收款人支付金额", DAY, also=Entity.PAYEE),
    Feature("payer_payee_count_30d", Entity.PAYER, Aggregate.COUNT, "payments",
            "payments of the payer to this payee in 30 days",
            "付款人 30 天内向该收款人支付笔数", MONTH, also=Entity.PAYEE),
    Feature("payee_round_count_24h", Entity.PAYEE, Aggregate.COUNT, "payments",
            "payments of round sums to the payee in 24 hours",
            "收款人 24 小时内整额支付笔数", DAY, condition=_ROUND),
    Feature("payee_round_sum_24h", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount of round sums to the payee in 24 hours",
            "收款人 24 小时内整额支付金额", DAY, condition=_ROUND),
    Feature("payer_cash_sum_30d", Entity.PAYER, Aggregate.SUM, "minor",
            "amount of the payer at merchants that deal in money, 30 days",
            "付款人 30 天内在类现金商户的支付金额", MONTH, condition=_CASH),
    Feature("payee_mean_7d", Entity.PAYEE, Aggregate.MEAN, "minor",
            "mean amount of the payee in 7 days", "收款人 7 天内的平均金额", WEEK),
    Feature("payee_std_7d", Entity.PAYEE, Aggregate.STD, "minor",
            "spread of the payee's amounts in 7 days (standard deviation)",
            "收款人 7 天内金额的标准差", WEEK),
    Feature("payee_max_7d", Entity.PAYEE, Aggregate.MAX, "minor",
            "largest amount of the payee in 7 days", "收款人 7 天内的最大金额", WEEK),
    Feature("card_count_24h", Entity.CARD, Aggregate.COUNT, "payments",
            "payments of the card in 24 hours", "银行卡 24 小时内的支付笔数", DAY),
    Feature("card_sum_24h", Entity.CARD, Aggregate.SUM, "minor",
            "amount of the card in 24 hours", "银行卡 24 小时内的支付金额", DAY),
    Feature("card_payees_24h", Entity.CARD, Aggregate.DISTINCT, "payees",
            "different payees of the card in 24 hours", "银行卡 24 小时内的不同收款人数", DAY,
            field="payee"),
    Feature("terminal_count_1h", Entity.TERMINAL, Aggregate.COUNT, "payments",
            "payments at the terminal in 1 hour", "终端 1 小时内的支付笔数", HOUR),
    Feature("terminal_sum_24h", Entity.TERMINAL, Aggregate.SUM, "minor",
            "amount at the terminal in 24 hours", "终端 24 小时内的支付金额", DAY),
    Feature("terminal_cards_1h", Entity.TERMINAL, Aggregate.DISTINCT, "cards",
            "different cards at the terminal in 1 hour", "终端 1 小时内的不同银行卡数", HOUR,
            field="card"),
)  # fmt: skip
