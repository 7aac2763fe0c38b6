"""Somebody else in the account: log-ins, passwords, phones, devices, payees, time on pages."""

from __future__ import annotations

from functools import partial

from anfu.risk.declared.windows import DAY, HOUR, MINUTES_10
from anfu.risk.event import Kind
from anfu.risk.features import Aggregate, Entity, Feature, Purpose

# What an account does around its payments is gathered against fraud and for nothing else.
_Feature = partial(Feature, purpose=Purpose.ANTI_FRAUD)

TAKEOVER = (
    _Feature("payer_since_password_change_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
             "time since the payer's password was changed", "距付款人修改密码的时间",
             kinds=(Kind.PASSWORD_CHANGE,)),
    _Feature("payer_since_phone_change_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
             "time since the payer's phone number was changed", "距付款人更换手机号的时间",
             kinds=(Kind.PHONE_CHANGE,)),
    _Feature("payer_since_device_bind_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
             "time since a device was last bound to the payer", "距付款人最近绑定设备的时间",
             kinds=(Kind.DEVICE_BIND,)),
    _Feature("payer_device_bound_s", Entity.PAYER, Aggregate.PAIR_AGE, "s",
             "time since this device was bound to the payer", "该设备绑定至付款人的时间",
             field="device", kinds=(Kind.DEVICE_BIND,)),
    _Feature("payer_payee_added_s", Entity.PAYER, Aggregate.PAIR_AGE, "s",
             "time since the payer added this payee", "付款人添加该收款人的时间",
             field="payee", kinds=(Kind.PAYEE_ADD,)),
    _Feature("payer_payees_added_24h", Entity.PAYER, Aggregate.COUNT, "payees",
             "payees the payer added in 24 hours", "付款人 24 小时内新增收款人数", DAY,
             kinds=(Kind.PAYEE_ADD,)),
    _Feature("payer_since_login_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
             "time since the payer logged in", "距付款人最近登录的时间", kinds=(Kind.LOGIN,)),
    _Feature("payer_login_devices_24h", Entity.PAYER, Aggregate.DISTINCT, "devices",
             "different devices the payer logged in on in 24 hours",
             "付款人 24 小时内登录的不同设备数", DAY, field="device", kinds=(Kind.LOGIN,)),
    _Feature("payer_failed_logins_1h", Entity.PAYER, Aggregate.COUNT, "log-ins",
             "failed log-ins of the payer in 1 hour", "付款人 1 小时内登录失败次数", HOUR,
             kinds=(Kind.LOGIN_FAILED,)),
    _Feature("payer_failed_logins_24h", Entity.PAYER, Aggregate.COUNT, "log-ins",
             "failed log-ins of the payer in 24 hours", "付款人 24 小时内登录失败次数", DAY,
             kinds=(Kind.LOGIN_FAILED,)),
    _Feature("device_login_payers_24h", Entity.DEVICE, Aggregate.DISTINCT, "payers",
             "different payers who logged in on the device in 24 hours",
             "设备 24 小时内登录的不同付款人数", DAY, field="payer", kinds=(Kind.LOGIN,)),
    _Feature("address_failed_payers_1h", Entity.ADDRESS, Aggregate.DISTINCT, "payers",
             "different payers who failed to log in from the address in 1 hour",
             "网络地址 1 小时内登录失败的不同付款人数", HOUR, field="payer",
             kinds=(Kind.LOGIN_FAILED,)),
    _Feature("payer_challenges_failed_24h", Entity.PAYER, Aggregate.COUNT, "challenges",
             "challenges of the payer that failed in 24 hours", "付款人 24 小时内验证失败次数", DAY,
             kinds=(Kind.CHALLENGE_FAILED,)),
    _Feature("payer_challenges_left_24h", Entity.PAYER, Aggregate.COUNT, "challenges",
             "challenges of the payer that nobody met in 24 hours: taken back or expired",
             "付款人 24 小时内放弃或过期的验证次数", DAY,
             kinds=(Kind.CHALLENGE_ABANDONED, Kind.CHALLENGE_EXPIRED)),
    _Feature("payer_since_challenge_passed_s", Entity.PAYER, Aggregate.SINCE_LAST, "s",
             "time since the payer passed a challenge", "距付款人最近通过验证的时间",
             kinds=(Kind.CHALLENGE_PASSED,)),
    _Feature("payer_pages_10m", Entity.PAYER, Aggregate.COUNT, "pages",
             "pages the payer saw in 10 minutes", "付款人 10 分钟内浏览页面数", MINUTES_10,
             kinds=(Kind.PAGE,)),
    _Feature("payer_page_last_ms", Entity.PAYER, Aggregate.LAST, "ms",
             "time the payer spent on the last page, within 10 minutes",
             "付款人 10 分钟内最后页面的停留时间", MINUTES_10, kinds=(Kind.PAGE,)),
)  # fmt: skip
