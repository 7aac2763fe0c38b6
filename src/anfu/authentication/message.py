"""What is sent to the customer: the code, and what it is good for."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    code: str = field(repr=False)


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
