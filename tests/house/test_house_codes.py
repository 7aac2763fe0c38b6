"""Every code we answer with is documented, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.house.house_source import Source, sources

from anfu.entrypoints.api.errors import PROBLEMS
from anfu.risk.rules import default_rule_set

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_refusal_has_its_problem_document() -> None:
    problems = PROBLEMS
    raised = {code: where for source in sources() for code, where in refusals(source)}
    assert {code: where for code, where in raised.items() if code not in problems} == {}


def test_codes_are_snake_case_words() -> None:
    for source in sources():
        for code, where in refusals(source):
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", code), f"{where}: {code}"


def test_every_problem_speaks_both_languages() -> None:
    problems: Mapping[str, Any] = PROBLEMS
    assert [code for code, problem in problems.items() if not bilingual(problem)] == []


def test_every_reason_of_risk_speaks_both_languages() -> None:
    rules = default_rule_set().rules
    assert rules
    assert [rule.reason for rule in rules if not bilingual((rule.en, rule.zh))] == []


def test_a_refusal_is_found_wherever_its_code_is_written() -> None:
    text = (
        "raise Refused('a_b' if x else 'c', field='d')\nerrors.Refused(code='e')\nRefused(f.code)"
    )
    assert [code for code, _ in refusals(Source("x.py", text))] == ["a_b", "c", "e"]
    assert bilingual(("Too large", "金额过大"))
    assert not bilingual({"en": "Too large", "zh": "Too large"})


def refusals(source: Source) -> Iterator[tuple[str, str]]:
    """The codes in `Refused(...)` calls, with the place of each."""
    for name, call in source.calls():
        if name.rpartition(".")[2] == "Refused":
            codes = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "code")]
            for node in (n for code in codes for n in _branches(code)):
                if isinstance(node, ast.Constant):
                    yield str(node.value), f"{source.name}:{call.lineno}"


def bilingual(entry: Any) -> bool:
    """Whether the texts of `entry` (tuple, mapping, dataclass, struct) hold Chinese and English."""
    texts = [text for text in _texts(entry) if " " in text or CHINESE.search(text)]
    return any(CHINESE.search(text) for text in texts) and not all(map(CHINESE.search, texts))


def _branches(code: ast.expr) -> list[ast.expr]:
    return [code.body, code.orelse] if isinstance(code, ast.IfExp) else [code]


def _texts(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, Mapping):
        for value in entry.values():
            yield from _texts(value)
    elif isinstance(entry, (tuple, list)):
        for value in entry:
            yield from _texts(value)
    else:
        names = getattr(entry, "__struct_fields__", None)
        for name in names or getattr(entry, "__dataclass_fields__", ()):
            yield from _texts(getattr(entry, name))
