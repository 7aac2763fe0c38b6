"""Why a person released or rejected: codes with a text in both languages, and what each teaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anfu.kernel.errors import Refused
from anfu.risk.cases.case import Verdict
from anfu.risk.label import Truth


@dataclass(frozen=True, slots=True)
class Reason:
    """`truth` is the label the payment gets; None where the person could not tell."""

    code: str
    verdict: Verdict
    truth: Truth | None
    en: str
    zh: str


_RELEASE, _REJECT = Verdict.RELEASE, Verdict.REJECT
REASONS: Mapping[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason("PAYER_CONFIRMED", _RELEASE, Truth.HONEST,
               "The payer was reached and confirmed the payment.", "已联系付款人并确认支付。"),
        Reason("KNOWN_HABIT", _RELEASE, Truth.HONEST,
               "It fits what this payer is known to do.", "符合付款人既往习惯。"),
        Reason("FALSE_ALARM", _RELEASE, Truth.HONEST,
               "What raised the alarm has an innocent cause.", "触发原因经核实为误报。"),
        Reason("NO_GROUNDS", _RELEASE, None,
               "There are no grounds to hold it longer.", "无继续冻结的依据。"),
        Reason("PAYER_DENIES", _REJECT, Truth.FRAUD,
               "The payer was reached and denies the payment.", "已联系付款人，对方否认该笔支付。"),
        Reason("ACCOUNT_TAKEN_OVER", _REJECT, Truth.FRAUD,
               "Somebody else uses the payer's account.", "付款账户被他人盗用。"),
        Reason("CARD_STOLEN", _REJECT, Truth.FRAUD,
               "The card is used without its holder.", "银行卡被盗刷。"),
        Reason("PAYEE_FRAUDULENT", _REJECT, Truth.FRAUD,
               "The payee is a mule or a fraudulent merchant.", "收款方为跑分账户或欺诈商户。"),
        Reason("PAYER_DECEIVED", _REJECT, Truth.FRAUD,
               "The payer was talked into it by a fraudster.", "付款人遭受电信网络诈骗。"),
        Reason("NOT_REACHED", _REJECT, None,
               "The payer could not be reached in time.", "未能及时联系到付款人。"),
        Reason("AGAINST_POLICY", _REJECT, None,
               "It is not fraud, but policy forbids it.", "并非欺诈，但不符合业务政策。"),
    )
}  # fmt: skip


def find_reason(code: str, verdict: Verdict) -> Reason:
    """Raises Refused("case_reason_unknown") unless it is a reason for this verdict."""
    reason = REASONS.get(code)
    if reason is None or reason.verdict is not verdict:
        known = [r.code for r in REASONS.values() if r.verdict is verdict]
        raise Refused("case_reason_unknown", field="reason", known=known)
    return reason
