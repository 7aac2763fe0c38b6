"""What is said to staff of a case, an alarm, or a model that drifts: in both languages, and nothing
about a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from anfu.kernel.currencies import EXPONENTS

_TITLES: Mapping[str, tuple[str, str]] = {
    "case.opened": ("New case", "新案件"),
    "case.confirming": ("Second person needed", "案件待双人复核"),
    "case.escalated": ("Case waits", "案件待处理升级"),
    "case.reopened": ("Case reopened", "案件重新打开"),
}
# Alarms of access: title, then text.
_ALARMS: Mapping[str, tuple[str, str, str, str]] = {
    "sign_in.throttled": (
        "Sign-in attacked", "登录遭受攻击", "too many attempts at one account from {address}",
        "同一账号尝试次数过多，来源 {address}",
    ),
    "emergency.opened": (
        "Sealed envelope opened", "应急封存凭证被启用",
        "{id} opened from {address}, until {ends_at}",
        "{id} 已启用，来源 {address}，至 {ends_at}",
    ),
    "emergency.closed": (
        "Emergency over", "应急访问已结束", "{id} is closed, account {staff} shut",
        "{id} 已关闭，账号 {staff} 已停用",
    ),
    "session.replayed": (
        "Session copied", "会话被复制", "an old token of {staff} came back; the session has ended",
        "{staff} 的旧令牌再次出现，会话已终止",
    ),
}  # fmt: skip
# So many of what has moved are named.
_NAMED = 6
_GRADES = {"LOW": "低", "MIDDLE": "中", "GENERAL": "一般风险", "HIGH": "高危"}


def notice_text(kind: str, data: Mapping[str, Any], *, now: datetime) -> tuple[str, str]:
    """Title and text of an event of this kind, `data` being the case or the drift as it was then,
    or what an alarm is about; the time left is told as of `now`. Raises KeyError for a kind nobody
    is told of."""
    if kind == "model.drift":
        return "Model drifts 模型漂移", _drift(data)
    if kind in _ALARMS:
        en, zh, text_en, text_zh = _ALARMS[kind]
        return f"{en} {zh}", f"{text_en.format_map(data)}\n{text_zh.format_map(data)}"
    en, zh = _TITLES[kind]
    due = datetime.fromisoformat(data["due_at"]).astimezone(UTC)
    left = int((due - now).total_seconds()) // 60
    amount = _amount(data["at_stake"], data["currency"])
    to = data.get("to")
    lines = [
        f"{data['id']} · {data['grade']} · {amount} · {data['count']} item(s)",
        f"{'' if to is None else f'to {to} · '}{_left_en(data, left)}",
        f"{data['id']} · {_GRADES[data['grade']]}风险 · {amount} · {data['count']} 笔",
        f"{'' if to is None else f'升级至 {to} · '}{_left_zh(data, left)}",
    ]
    return f"{en} {zh}", "\n".join(lines)


def _drift(data: Mapping[str, Any]) -> str:
    moved = ", ".join(data["alerts"][:_NAMED]) + ", …" * (len(data["alerts"]) > _NAMED)
    return (
        f"{data['model']} · {data['rows']} decisions, moved: {moved}\n"
        f"{data['model']} · {data['rows']} 笔决策，发生漂移：{moved}"
    )


def _amount(minor: int, currency: str) -> str:
    exponent = EXPONENTS[currency]
    whole, part = divmod(minor, 10**exponent)
    return f"{whole:,}{f'.{part:0{exponent}}' if exponent else ''} {currency}"


def _left_en(data: Mapping[str, Any], minutes: int) -> str:
    if data["responded_at"]:
        return "first response was given"
    return f"{minutes} min left" if minutes > 0 else f"first response {-minutes} min late"


def _left_zh(data: Mapping[str, Any], minutes: int) -> str:
    if data["responded_at"]:
        return "已首次响应"
    return f"剩余 {minutes} 分钟" if minutes > 0 else f"首次响应已超时 {-minutes} 分钟"
