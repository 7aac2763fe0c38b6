"""Notices: what is said, where to, and what never gets out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from anfu.channels.notices.sender import check_targets
from anfu.channels.notices.target import read_targets
from anfu.channels.notices.text import notice_text
from anfu.kernel.errors import Refused

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
CASE = {
    "id": "cas_1", "grade": "HIGH", "at_stake": 1_234_500, "currency": "CNY", "count": 2,
    "due_at": "2026-11-23T04:12:00.000Z", "responded_at": None,
}  # fmt: skip


def index(text: str) -> bytes:
    return sha256(b"key" + text.encode()).digest()


def test_an_opened_case_is_told_in_both_languages() -> None:
    assert notice_text("case.opened", CASE, now=NOW) == (
        "New case 新案件",
        "cas_1 · HIGH · 12,345.00 CNY · 2 item(s)\n12 min left\n"
        "cas_1 · 高危风险 · 12,345.00 CNY · 2 笔\n剩余 12 分钟",
    )


def test_an_escalation_says_to_whom_and_how_late() -> None:
    title, text = notice_text(
        "case.escalated", {**CASE, "to": "shift-lead"}, now=NOW + timedelta(minutes=15)
    )
    assert title == "Case waits 案件待处理升级"
    assert text.splitlines()[1::2] == [
        "to shift-lead · first response 3 min late",
        "升级至 shift-lead · 首次响应已超时 3 分钟",
    ]


def test_who_has_answered_is_not_told_of_time() -> None:
    said = {**CASE, "responded_at": "2026-11-23T04:01:00.000Z", "currency": "JPY"}
    _, text = notice_text("case.confirming", said, now=NOW)
    assert text.splitlines() == [
        "cas_1 · HIGH · 1,234,500 JPY · 2 item(s)",
        "first response was given",
        "cas_1 · 高危风险 · 1,234,500 JPY · 2 笔",
        "已首次响应",
    ]


def test_nothing_of_a_person_is_said_whatever_the_event_holds() -> None:
    secret: dict[str, Any] = {**CASE, "holder": "key_x", "payer": "cus_1", "notes": "13800000001"}
    said = " ".join(notice_text("case.opened", secret, now=NOW))
    assert not any(word in said for word in ("key_x", "cus_1", "13800000001"))


def test_targets_are_named_or_for_everybody_and_their_ids_are_stable() -> None:
    text = "json://a/tok1 shift-lead=dingtalk://tok2 \n json://a/tok1"
    everybody, lead = read_targets(text, index)
    assert (everybody.name, everybody.url) == (None, "json://a/tok1")
    assert (lead.name, lead.url) == ("shift-lead", "dingtalk://tok2")
    assert everybody.id.startswith("ntc_") and len(everybody.id) == 30
    assert read_targets(text, index) == (everybody, lead)
    assert read_targets("", index) == ()


def test_neither_target_nor_refusal_shows_a_token() -> None:
    [target] = read_targets("lead=dingtalk://SECRETTOKEN", index)
    assert "SECRET" not in repr(target) + str(target) + target.id
    with pytest.raises(Refused) as refused:
        read_targets("json://a/x SECRETTOKEN", index)
    assert (refused.value.code, refused.value.details) == ("setting_invalid", {"place": 2})
    [strange] = read_targets("nosuchservice://SECRETTOKEN", index)
    with pytest.raises(Refused) as refused:
        check_targets([strange])
    assert (refused.value.code, refused.value.details) == ("setting_invalid", {"place": 1})
    assert "SECRET" not in str(refused.value)


def test_the_lines_of_the_mainland_are_known() -> None:
    lines = (
        f"dingtalk://sec@{'a' * 64} feishu://{'b' * 20} wecombot://{'c' * 20}"
        " mailto://u:p@example.com"
    )
    check_targets(read_targets(lines, index))


def test_a_model_that_drifts_is_told_of_with_what_moved() -> None:
    drift = {"model": "mdl_1", "rows": 677, "alerts": [f"column:f{n}" for n in range(8)]}
    title, text = notice_text("model.drift", drift, now=NOW)
    named = ", ".join(f"column:f{n}" for n in range(6)) + ", …"
    assert title == "Model drifts 模型漂移"
    assert text == (f"mdl_1 · 677 decisions, moved: {named}\nmdl_1 · 677 笔决策，发生漂移：{named}")
