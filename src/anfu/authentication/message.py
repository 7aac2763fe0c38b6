"""What is sent to the customer: the code, and what it is good for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from anfu.authentication.challenge import LIFETIME, Linked
from anfu.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Message:
    """For the customer `to`. The texts hold the code, and `repr` shows none of them."""

    to: str
    kind: str
    challenge: str
    text_en: str = field(repr=False)
    text_zh: str = field(repr=False)
    code: str = field(default="", repr=False)


def payment_code(*, to: str, challenge: str, linked: Linked, payee_name: str, code: str) -> Message:
    """The text names amount and payee, so that the customer sees what is confirmed (43号 art. 27,
    RTS 2018/389 art. 5(1)(a))."""
    money = Money(linked.amount, linked.currency)
    minutes = int(LIFETIME.total_seconds()) // 60
    return Message(
        to=to,
        kind="payment_code",
        challenge=challenge,
        text_en=f"{code} is your code to pay {money} to {payee_name}. It is valid for {minutes}"
        " minutes. Give it to nobody. If you are not paying this, do not enter it.",
        text_zh=f"验证码 {code}，您正在向“{payee_name}”付款 {money}，{minutes} 分钟内有效。"
        "请勿告诉任何人；如非本人操作，请勿输入。",
        code=code,
    )


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a mandate allows besides the amount of one payment: minor units in a natural day and
    month, and its last day."""

    per_day: int
    per_month: int
    until: date


def agreement_code(
    *, to: str, challenge: str, linked: Linked, payee_name: str, agreed: Agreed, code: str
) -> Message:  # fmt: skip
    """The text names all that is agreed to, so that the customer sees it is no single payment
    (248号 二(四))."""
    each, day, month = (
        Money(amount, linked.currency)
        for amount in (linked.amount, agreed.per_day, agreed.per_month)
    )
    minutes = int(LIFETIME.total_seconds()) // 60
    return Message(
        to=to,
        kind="mandate_code",
        challenge=challenge,
        text_en=f"{code} is your code to let {payee_name} take payments without asking you: at most"
        f" {each} each, {day} a day, {month} a month, until {agreed.until}. It is valid for"
        f" {minutes} minutes. Give it to nobody. If you do not agree to this, do not enter it.",
        text_zh=f"验证码 {code}，您正在同意“{payee_name}”免密支付：单笔不超过 {each}，"
        f"每日不超过 {day}，每月不超过 {month}，有效期至 {agreed.until}。{minutes} 分钟内有效。"
        "请勿告诉任何人；如非本人操作，请勿输入。",
        code=code,
    )


def drawn_notice(linked: Linked, payer: str, payee_name: str) -> Message:
    """Tells the payer that a mandate was drawn on."""
    money = Money(linked.amount, linked.currency)
    return Message(
        to=payer,
        kind="mandate_drawn",
        challenge=linked.payment,
        text_en=f"{money} was paid to {payee_name} under your mandate, without a proof. If you do"
        " not know it, revoke the mandate and call us.",
        text_zh=f"您已通过免密支付向“{payee_name}”付款 {money}。"
        "如非本人操作，请关闭免密支付并联系我们。",
    )


def factor_notice(*, to: str, factor: str, kind: str, change: str) -> Message:
    """Tells the customer that a way to prove was set up, lost or removed; `change` is a key of
    `_CHANGES`. Whoever did not do it has the cooling-off to say so."""
    en, zh = _CHANGES[change]
    name_en, name_zh = _NAMES[kind]
    return Message(
        to=to,
        kind=f"factor_{change}",
        challenge=factor,
        text_en=f"{name_en} {en}. If this was not you, call us at once.",
        text_zh=f"您的{name_zh}{zh}。如非本人操作，请立即联系我们。",
    )


_CHANGES = {
    "active": ("was set up to confirm your payments", "已设置，可用于确认付款"),
    "cooling": (
        "was set up and confirms payments after 24 hours",
        "已设置，24 小时后可用于确认付款",
    ),
    "lost": ("was reported lost and confirms nothing any more", "已挂失，不再用于确认付款"),
    "removed": ("was removed and confirms nothing any more", "已移除，不再用于确认付款"),
}
_NAMES = {
    "password": ("Your payment password", "支付密码"),
    "totp": ("Your authenticator app", "动态口令应用"),
    "hotp": ("Your code token", "动态口令牌"),
    "passkey": ("A passkey", "通行密钥"),
    "device_key": ("A device key", "设备密钥"),
    "face": ("Your face check", "人脸核验"),
}
