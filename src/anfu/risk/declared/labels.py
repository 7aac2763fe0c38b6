"""Fraud that is known by now. A share leaves out the last week, when little has been told yet."""

from __future__ import annotations

from functools import partial

from anfu.risk.declared.windows import MONTH, QUARTER, WEEK
from anfu.risk.features import Aggregate, Entity, Feature, Purpose

_Feature = partial(Feature, purpose=Purpose.ANTI_FRAUD)

LABELS = (
    _Feature("payer_fraud_count_90d", Entity.PAYER, Aggregate.FRAUD_COUNT, "payments",
             "payments of the payer in 90 days known as fraud", "付款人 90 天内已知欺诈笔数",
             QUARTER),
    _Feature("device_fraud_count_90d", Entity.DEVICE, Aggregate.FRAUD_COUNT, "payments",
             "payments on the device in 90 days known as fraud", "设备 90 天内已知欺诈笔数",
             QUARTER),
    _Feature("card_fraud_count_90d", Entity.CARD, Aggregate.FRAUD_COUNT, "payments",
             "payments of the card in 90 days known as fraud", "银行卡 90 天内已知欺诈笔数",
             QUARTER),
    _Feature("payee_fraud_count_30d", Entity.PAYEE, Aggregate.FRAUD_COUNT, "payments",
             "payments to the payee in 30 days known as fraud", "收款人 30 天内已知欺诈笔数",
             MONTH),
    _Feature("payee_fraud_share_21d", Entity.PAYEE, Aggregate.FRAUD_SHARE, "ratio",
             "share of fraud at the payee in the 21 days up to a week ago",
             "收款人一周前 21 天内的欺诈占比", 3 * WEEK, delay_s=WEEK),
    _Feature("terminal_fraud_share_21d", Entity.TERMINAL, Aggregate.FRAUD_SHARE, "ratio",
             "share of fraud at the terminal in the 21 days up to a week ago",
             "终端一周前 21 天内的欺诈占比", 3 * WEEK, delay_s=WEEK),
)  # fmt: skip
