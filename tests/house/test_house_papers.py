"""The papers of the house: glossary, decision records, Makefile, change log, tracked files."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.house.house_source import PACKAGE, ROOT

DOCS = ROOT / "docs"
DECISION_LINES = 60
# Every domain noun of the house, with the Chinese that stands beside it on the screen.
NOUNS = {
    "account": "账户", "transaction": "事务", "entry": "分录", "payment": "支付", "party": "参与方",
    "channel": "渠道", "decision": "决策", "case": "案件", "hold": "冻结", "balance": "余额",
    "refund": "退款", "limit": "限额", "challenge": "挑战", "factor": "要素", "evidence": "存证",
    "checkpoint": "检查点", "customer": "客户", "merchant": "商户", "journey": "流程",
    "money": "金额", "state": "状态", "batch": "批", "room": "房间", "event": "事件",
    "delivery": "投递", "reason": "原因", "rule": "规则", "feature": "特征", "leaf": "叶",
}  # fmt: skip
MACHINE = re.compile(r"(?<![\w.$}~-])/(?:work|root|home|Users|tmp/\w+/)/?[\w.-]+/")
REGISTRY = re.compile(
    r"index-url[ =]+\S*://|(?:https?://|@)[\w.-]*(?:pypi|registry|artifactory|nexus|mirror)[\w.-]*/",
    re.IGNORECASE,
)


def glossary_rows() -> dict[str, tuple[str, str]]:
    rows: dict[str, tuple[str, str]] = {}
    for line in (DOCS / "glossary.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("| \n").split("|")]
        if line.startswith("|") and len(cells) == 3 and not cells[0].startswith(("-", "English")):
            assert cells[0] not in rows, f"{cells[0]} stands twice in the glossary"
            rows[cells[0]] = (cells[1], cells[2])
    return rows


def test_the_glossary_has_every_noun_with_its_chinese() -> None:
    rows = glossary_rows()
    assert {noun: rows[noun][0] for noun in NOUNS if noun in rows} == NOUNS
    assert all(chinese and meaning for chinese, meaning in rows.values())


def test_the_glossary_has_every_room() -> None:
    rooms = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()}
    assert sorted(rooms - glossary_rows().keys()) == []


def test_no_two_words_of_the_glossary_share_one_chinese_word() -> None:
    chinese = [row[0] for row in glossary_rows().values()]
    assert sorted({word for word in chinese if chinese.count(word) > 1}) == []


def test_decision_records_are_short_numbered_and_titled_by_the_decision() -> None:
    records = sorted((DOCS / "decisions").iterdir())
    assert records
    for number, record in enumerate(records, start=1):
        assert re.fullmatch(rf"{number:04}-[a-z0-9]+(-[a-z0-9]+)+\.md", record.name), record.name
        lines = record.read_text("utf-8").splitlines()
        assert len(lines) <= DECISION_LINES, record.name
        assert re.match(rf"# {number}\. \S", lines[0]), f"{record.name}: {lines[0]}"
        headings = {line for line in lines if line.startswith("## ")}
        assert headings >= {"## Why", "## Decision", "## Consequences"}, record.name


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    helped = set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))
    assert targets == phony == helped
    assert targets >= {"help", "install", "demo", "test", "check", "bench", "chaos", "docs"}


def test_the_change_log_keeps_its_form() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    assert lines[0] == "# Changelog"
    assert "## [Unreleased]" in lines


def test_links_between_papers_lead_somewhere() -> None:
    papers = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    for paper in papers:
        for target in re.findall(r"\]\(([^)#\s]+)", paper.read_text("utf-8")):
            if not target.startswith(("http:", "https:", "mailto:")):
                assert (paper.parent / target).exists(), f"{paper.name} -> {target}"


def test_no_tracked_file_names_a_machine_or_a_registry() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in tracked_files()
        for match in _strays(file.read_text("utf-8", errors="ignore"))
    ]
    assert found == []


def test_a_path_of_a_machine_and_a_registry_are_seen() -> None:
    home = "/" + "home/someone/x"
    host = "https://" + "pypi.example.org/simple"
    assert len(_strays(f"at {home} and {host}")) == 2
    assert _strays("src/home/page/x ~/home/ (/v1/payments/x) https://example.org/home/a/") == []


def tracked_files() -> list[Path]:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def _strays(text: str) -> list[re.Match[str]]:
    return [*MACHINE.finditer(text), *REGISTRY.finditer(text)]
