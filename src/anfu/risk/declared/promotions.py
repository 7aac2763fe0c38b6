"""Bonuses taken under many names, and goods that always come back."""

from __future__ import annotations

from anfu.risk.declared.windows import DAY, MONTH, WEEK
from anfu.risk.event import Kind
from anfu.risk.features import Aggregate, Entity, Feature, Purpose

_USED = "promotion IS NOT NULL"

PROMOTIONS = (
    Feature("payer_promotions_30d", Entity.PAYER, Aggregate.COUNT, "payments",
            "payments of the payer with a promotion in 30 days",
            "付款人 30 天内使用优惠的支付笔数", MONTH, condition=_USED),
    Feature("device_promotion_payers_7d", Entity.DEVICE, Aggregate.DISTINCT, "payers",
            "different payers with a promotion on the device in 7 days",
            "设备 7 天内使用优惠的不同付款人数", WEEK, field="payer", condition=_USED,
            purpose=Purpose.ANTI_FRAUD),
    Feature("address_promotion_payers_24h", Entity.ADDRESS, Aggregate.DISTINCT, "payers",
            "different payers with a promotion from the address in 24 hours",
            "网络地址 24 小时内使用优惠的不同付款人数", DAY, field="payer", condition=_USED,
            purpose=Purpose.ANTI_FRAUD),
    Feature("phone_payers_30d", Entity.PHONE, Aggregate.DISTINCT, "payers",
            "different payers with this phone number in 30 days",
            "手机号 30 天内的不同付款人数", MONTH, field="payer", purpose=Purpose.ANTI_FRAUD),
    Feature("payer_refunds_30d", Entity.PAYER, Aggregate.COUNT, "refunds",
            "refunds to the payer in 30 days", "付款人 30 天内退款笔数", MONTH,
            kinds=(Kind.REFUND,)),
    Feature("payer_refund_sum_30d", Entity.PAYER, Aggregate.SUM, "minor",
            "amount refunded to the payer in 30 days", "付款人 30 天内退款金额", MONTH,
            kinds=(Kind.REFUND,)),
    Feature("payer_refund_payees_30d", Entity.PAYER, Aggregate.DISTINCT, "payees",
            "different payees who refunded the payer in 30 days",
            "30 天内向付款人退款的不同收款人数", MONTH, field="payee", kinds=(Kind.REFUND,)),
    Feature("payee_refund_sum_7d", Entity.PAYEE, Aggregate.SUM, "minor",
            "amount the payee refunded in 7 days", "收款人 7 天内退款金额", WEEK,
            kinds=(Kind.REFUND,)),
)  # fmt: skip
