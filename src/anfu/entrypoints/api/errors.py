"""What a refusal means in HTTP: one table of stable codes, statuses and texts (RFC 9457).

A text is `what happened` and `what to do`, in both languages; `{name}` is filled from the
refusal's details.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from anfu.kernel.errors import OutsideFailure, Refused


@dataclass(frozen=True, slots=True)
class Problem:
    """One code: its status, its title and its remedy in English and Chinese."""

    code: str
    status: int
    title: str
    title_zh: str
    remedy: str
    remedy_zh: str


def _table(*rows: tuple[str, int, str, str, str, str]) -> dict[str, Problem]:
    return {row[0]: Problem(*row) for row in rows}


PROBLEMS: Mapping[str, Problem] = _table(
    # -- the request
    ("body_too_large", 413, "The body is too large.", "请求体过大。",
     "Send at most {most} bytes.", "请求体不得超过 {most} 字节。"),
    ("body_invalid", 400, "The body is not valid JSON: {reason}.", "请求体不是有效的 JSON：{reason}。",
     "Send one JSON object in UTF-8.", "请发送一个 UTF-8 编码的 JSON 对象。"),
    ("field_invalid", 422, "A field is not valid: {reason}", "字段无效：{reason}",
     "Correct {field} as the API reference describes it.", "请按接口文档更正 {field}。"),
    ("query_invalid", 400, "The query is not valid: {reason}.", "查询参数无效：{reason}。",
     "Correct {field} as the API reference describes it.", "请按接口文档更正 {field}。"),
    ("header_invalid", 400, "A header is not valid.", "请求头无效。",
     "Send {field} in ASCII.", "{field} 只能使用 ASCII 字符。"),
    ("not_found", 404, "There is nothing at this address.", "该地址不存在。",
     "See /openapi.json for the addresses there are.", "可用地址见 /openapi.json。"),
    ("method_not_allowed", 405, "This address does not take this method.", "该地址不支持此方法。",
     "Use one of: {allowed}.", "请使用：{allowed}。"),
    ("idempotency_key_missing", 400, "The Idempotency-Key header is missing.",
     "缺少 Idempotency-Key 请求头。", "Send a key of your own, new for each new wish.",
     "请为每个新请求生成一个新的幂等键。"),
    ("idempotency_key_invalid", 400, "The Idempotency-Key is not valid.", "Idempotency-Key 无效。",
     "Use 1 to 128 printable ASCII characters without spaces.", "请使用 1 至 128 个可见 ASCII 字符。"),
    ("idempotency_key_reused", 422, "This Idempotency-Key was used with other content.",
     "该幂等键已用于不同内容的请求。", "Send the same content again, or use a new key.",
     "请发送相同内容，或换用新的幂等键。"),
    ("idempotency_in_flight", 409, "The request with this key is still being worked on.",
     "同一幂等键的请求仍在处理中。", "Ask again in a second with the same key.", "请稍后用同一幂等键重试。"),
    # -- the caller
    ("authorization_missing", 401, "No key was given.", "缺少身份凭证。",
     "Sign the request, or for a read send Authorization: Bearer.", "请对请求签名；只读请求可使用 Bearer。"),
    ("authorization_malformed", 401, "The Authorization header is malformed.", "Authorization 格式错误。",
     "Send: Authorization: Bearer key_….sk_…", "格式：Authorization: Bearer key_….sk_…"),
    ("key_unknown", 401, "The key is not known, or its secret is wrong.", "密钥不存在或密码错误。",
     "Check the key; ask the operator for a new one.", "请检查密钥，或向管理员申请新密钥。"),
    ("key_revoked", 401, "The key was revoked.", "密钥已吊销。",
     "Use another key.", "请使用其他密钥。"),
    ("key_expired", 401, "The key has expired.", "密钥已过期。",
     "Use the key that replaced it.", "请使用新的密钥。"),
    ("scope_missing", 403, "The key may not do this: scope {scope}.", "密钥没有权限：{scope}。",
     "Use a key with the scope {scope}.", "请使用具有 {scope} 权限的密钥。"),
    ("signature_required", 401, "A request that changes something must be signed.",
     "写入请求必须签名。", "Send Anfu-Key and Anfu-Signature.", "请发送 Anfu-Key 与 Anfu-Signature。"),
    ("signature_malformed", 401, "Anfu-Signature is malformed.", "Anfu-Signature 格式错误。",
     "Send: t=<unix seconds>,v1=<64 hex digits>.", "格式：t=<Unix 秒>,v1=<64 位十六进制>。"),
    ("signature_expired", 401, "The time of the signature is too far from ours.",
     "签名时间与服务器时间相差过大。", "Set your clock: at most {window_s} seconds off.",
     "请校准时钟，误差不得超过 {window_s} 秒。"),
    ("signature_invalid", 401, "The signature does not fit the request.", "签名与请求不符。",
     "Sign exactly the bytes you send, with the key's own signing key.", "请用该密钥对实际发送的字节签名。"),
    ("notice_invalid", 401, "The notice was not accepted.", "通知未被接受。",
     "Sign the notice as the channel's protocol says.", "请按渠道协议签名。"),
    ("notice_mismatch", 422, "The notice does not fit what was sent.", "通知与已发送的请求不符。",
     "Look at the payment: amount and channel must be the same.", "请核对支付单的金额与渠道。"),
    ("institution_only", 403, "Only the institution itself may do this.", "仅限支付机构操作。",
     "Use a key of the institution.", "请使用机构密钥。"),
    # -- parties
    ("party_not_found", 422, "The payer or payee does not exist.", "付款方或收款方不存在。",
     "Open it first, or correct {field}.", "请先开立，或更正 {field}。"),
    ("party_suspended", 422, "The payer or payee is suspended.", "付款方或收款方已停用。",
     "Ask the institution about {field}.", "请就 {field} 联系支付机构。"),
    ("payer_is_payee", 422, "Payer and payee are the same.", "付款方与收款方相同。",
     "Name another payee.", "请更换收款方。"),
    ("payer_not_customer", 422, "Only a customer pays.", "付款方必须是客户。",
     "Name a customer as payer.", "请以客户为付款方。"),
    ("payee_not_yours", 403, "A merchant's key takes payments for that merchant only.",
     "商户密钥只能为本商户收款。", "Name your own merchant as payee.", "请以本商户为收款方。"),
    ("customer_not_found", 404, "There is no such customer.", "客户不存在。",
     "Check the id.", "请检查编号。"),
    ("customer_exists", 409, "There is a customer with this document already.", "该证件已开立客户。",
     "Use the customer there is: one person, one identity (43号 art. 6).",
     "请使用已有客户：一人一户（43 号文第六条）。"),
    ("merchant_not_found", 404, "There is no such merchant.", "商户不存在。",
     "Check the id.", "请检查编号。"),
    ("url_invalid", 422, "The address is not accepted.", "网址不被接受。",
     "Give an https address without credentials or fragment.", "请提供不含账号与片段的 https 网址。"),
    ("endpoint_not_found", 404, "There is no such webhook endpoint.", "回调地址不存在。",
     "Check the id.", "请检查编号。"),
    # -- payments
    ("amount_invalid", 422, "The amount is not valid.", "金额无效。",
     "Give whole minor units, at least 1.", "请以最小货币单位的正整数表示。"),
    ("amount_too_large", 422, "The amount is too large.", "金额过大。",
     "Give at most 2^53 - 1 minor units.", "金额不得超过 2^53 - 1 个最小单位。"),
    ("currency_unknown", 422, "{currency} is not a currency.", "{currency} 不是货币代码。",
     "Give an ISO 4217 code.", "请使用 ISO 4217 货币代码。"),
    ("currency_not_supported", 422, "This currency is not taken here.", "不支持该货币。",
     "Use one of: {supported}.", "请使用：{supported}。"),
    ("method_unknown", 422, "There is no such payment method.", "支付方式不存在。",
     "Use one of: {known}.", "请使用：{known}。"),
    ("card_required", 422, "This method needs a card token.", "该支付方式需要卡令牌。",
     "Give method.card.", "请提供 method.card。"),
    ("card_not_allowed", 422, "A payment from the balance has no card.", "余额支付不使用卡。",
     "Leave method.card out.", "请去掉 method.card。"),
    ("card_number_refused", 422, "This looks like a card number.", "疑似银行卡号。",
     "Give a token of the network; card numbers are not accepted here.", "请提供网络令牌，不接受卡号。"),
    ("history_not_accepted", 422, "This installation takes no history.", "本系统不接受历史数据。",
     "Leave occurred_at out.", "请去掉 occurred_at。"),
    ("factor_unknown", 422, "There is no such factor.", "认证要素不存在。",
     "See the API reference for the factors.", "可用要素见接口文档。"),
    ("payment_not_found", 404, "There is no such payment.", "支付单不存在。",
     "Check the id.", "请检查编号。"),
    ("payment_not_challenged", 409, "The payment waits for no proof.", "该支付单无需验证。",
     "Read the payment: it is {state}.", "请查询支付单，当前状态：{state}。"),
    ("payment_not_waiting", 409, "The payment does not wait for this.", "该支付单不处于可处理状态。",
     "Read the payment: it is {state}.", "请查询支付单，当前状态：{state}。"),
    ("payment_not_refundable", 409, "Only a payment that succeeded is refunded.", "只有成功的支付可以退款。",
     "Read the payment: it is {state}.", "请查询支付单，当前状态：{state}。"),
    ("challenge_failed", 422, "The code is wrong.", "验证码错误。",
     "Try again: {attempts_left} attempts left.", "请重试，剩余 {attempts_left} 次。"),
    ("refund_not_found", 404, "There is no such refund.", "退款单不存在。",
     "Check the id.", "请检查编号。"),
    ("refund_too_large", 422, "More than what is left of the payment.", "退款金额超过可退金额。",
     "Give at most {left} minor units.", "最多可退 {left}（最小货币单位）。"),
    ("insufficient_funds", 422, "The balance does not suffice.", "余额不足。",
     "There are {available} minor units.", "可用余额为 {available}（最小货币单位）。"),
    ("account_not_found", 404, "There is no such account.", "账户不存在。",
     "Check the party and the currency.", "请检查主体与货币。"),
    # -- the rest
    ("decision_not_found", 404, "There is no such decision.", "决策不存在。",
     "Check the id.", "请检查编号。"),
    ("proof_not_found", 404, "There is no sealed evidence of this.", "没有已封存的证据。",
     "Check the id; what was just written is sealed within seconds.", "请检查编号；新写入的内容将在数秒内封存。"),
    ("event_not_found", 404, "There is no such event.", "事件不存在。",
     "Check the id.", "请检查编号。"),
    ("delivery_not_found", 404, "There is no such delivery.", "投递不存在。",
     "Check the id.", "请检查编号。"),
    ("unavailable", 503, "The service cannot answer now.", "服务暂不可用。",
     "Send the same request again with the same Idempotency-Key.", "请用同一幂等键重试。"),
    ("internal_error", 500, "Something is wrong on our side.", "系统内部错误。",
     "Send the same request again with the same Idempotency-Key; tell the operator if it stays.",
     "请用同一幂等键重试；如持续出现请联系管理员。"),
)  # fmt: skip


def problem_of(error: Exception) -> Problem:
    """The row for an error; an undocumented one is an internal error."""
    if isinstance(error, Refused):
        return PROBLEMS.get(error.code, PROBLEMS["internal_error"])
    if isinstance(error, OutsideFailure):
        return PROBLEMS["unavailable"]
    return PROBLEMS["internal_error"]


def problem_document(problem: Problem, error: Exception, language: str) -> bytes:
    """The RFC 9457 document, with the refusal's field and details beside the texts."""
    refusal = error if isinstance(error, Refused) and problem.status != 500 else None
    details = {} if refusal is None else dict(refusal.details)
    field = None if refusal is None else refusal.field
    words = {**details, "field": field or "", **{k: _words(v) for k, v in details.items()}}
    zh = language == "zh"
    document: dict[str, Any] = {
        "type": f"urn:anfu:problem:{problem.code}",
        "title": _fill(problem.title_zh if zh else problem.title, words),
        "status": problem.status,
        "detail": _fill(problem.remedy_zh if zh else problem.remedy, words),
        "code": problem.code,
    }
    if field is not None:
        document["field"] = field
    if details:
        document["details"] = details
    return msgspec.json.encode(document)


def language_of(header: bytes) -> str:
    """`zh` or `en`, whichever the Accept-Language header likes better; `en` without a word."""
    best, language = 0.0, "en"
    for item in header.decode("latin-1").lower().split(",")[:16]:
        tag, _, weight = item.strip().partition(";")
        quality = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", weight)
        value = float(quality[1]) if quality else 1.0
        if tag[:2] in ("zh", "en") and value > best:
            best, language = value, tag[:2]
    return language


def _fill(text: str, words: Mapping[str, Any]) -> str:
    return re.sub(r"\{(\w+)\}", lambda hole: str(words.get(hole[1], "")), text)


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
