"""What is said to staff of a case, or of a model that drifts: in both languages, and nothing about
a person."""

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
# So many of what has moved are named.
_NAMED = 6
_GRADES = {"LOW": "低", "MIDDLE": "中", "GENERAL": "一般", "HIGH": "高危"}


def notice_text(kind: str, data: Mapping[str, Any], *, now: datetime) -> tuple[str, str]:
    """Title and text of an event of this kind, `data` being the case or the drift as it was then;
    the time left is told as of `now`. Raises KeyError for a kind nobody is told of."""
    if kind == "model.drift":
        return "Model drifts 模型漂移", _drift(data)
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
