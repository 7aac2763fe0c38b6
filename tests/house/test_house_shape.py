"""Door plates and sizes: every room introduces itself, nothing grows past reading."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.house_source import PACKAGE, ROOMS, ROOT, Source, dotted, sources

PLATE_LINES = 25
FILE_LINES = 350
FUNCTION_LINES = 50
POSITIONAL = 6


def test_every_package_has_a_door_plate_and_no_code_in_it() -> None:
    for folder in {file.parent for file in PACKAGE.rglob("*.py")}:
        plate = folder / "__init__.py"
        assert plate.exists(), f"{folder} has no door plate"
        body = ast.parse(plate.read_text("utf-8")).body
        assert len(body) == 1, f"{plate}: a docstring and nothing else"
        assert ast.get_docstring(ast.parse(plate.read_text("utf-8"))), f"{plate}: no docstring"
        assert len(plate.read_text("utf-8").splitlines()) <= PLATE_LINES, plate


def test_a_rooms_door_plate_says_what_is_here_what_is_not_and_who_may_knock() -> None:
    rooms = [folder for folder in PACKAGE.iterdir() if (folder / "__init__.py").exists()]
    assert {room.name for room in rooms} <= ROOMS
    for room in rooms:
        plate = " ".join((room / "__init__.py").read_text("utf-8").split())
        missing = [w for w in ("Here:", "Not here:", "Who may knock:") if w not in plate]
        assert missing == [], f"{room.name} does not say {missing}"


def test_no_file_and_no_function_is_too_long_to_read() -> None:
    assert [offence for source in _everything() for offence in _too_long(source)] == []


def test_no_function_takes_more_positional_arguments_than_a_caller_can_remember() -> None:
    assert [offence for source in sources() for offence in _too_many(source)] == []


def test_the_size_checks_see_what_is_too_large() -> None:
    body = "\n".join(["    pass"] * FUNCTION_LINES)
    assert list(_too_long(Source("x.py", f"def f():\n{body}"))) == ["x.py:1: f has 51 lines"]
    assert list(_too_long(Source("x.py", "\n" * 351))) == ["x.py: 351 lines"]
    assert list(_too_many(Source("x.py", "def f(self, a, b, c, d, e, f): ..."))) == []
    assert list(_too_many(Source("x.py", "def f(a, b, c, d, e, f, g): ..."))) == [
        "x.py:1: f takes 7 positional"
    ]


def _everything() -> list[Source]:
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *_scripts()]
    return [Source(str(f.relative_to(ROOT)), f.read_text("utf-8")) for f in sorted(files)]


def _scripts() -> list[Path]:
    return list((ROOT / "docs").rglob("*.py"))


def _too_long(source: Source) -> Iterator[str]:
    lines = len(source.text.splitlines())
    if lines > FILE_LINES:
        yield f"{source.name}: {lines} lines"
    for function in source.functions():
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{source.name}:{function.lineno}: {function.name} has {length} lines"


def _too_many(source: Source) -> Iterator[str]:
    for function in source.functions():
        if any(name.endswith(".command") for name in map(_decorator, function.decorator_list)):
            continue  # nobody calls it: its arguments are the options of a command line
        arguments = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        count = len(arguments) - (arguments[:1] in (["self"], ["cls"]))
        if count > POSITIONAL:
            yield f"{source.name}:{function.lineno}: {function.name} takes {count} positional"


def _decorator(decorator: ast.expr) -> str:
    return dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
