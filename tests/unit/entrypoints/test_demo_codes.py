"""Codes of the demo's accounts: of nobody else's, in nothing but a trial, from a closed file."""

from __future__ import annotations

from pathlib import Path

import pytest

from anfu.app.main import wire
from anfu.entrypoints.api.errors import PROBLEMS
from anfu.entrypoints.cli.demo_codes import code_of, keep_seeds
from anfu.entrypoints.cli.wiring import Wiring
from anfu.kernel.errors import Refused

SEEDS = {"sun.li": b"s" * 20, "li.na": b"l" * 20}


def wiring(folder: Path, development: str = "1") -> Wiring:
    return wire({"ANFU_HOME": str(folder), "ANFU_DEVELOPMENT": development})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "demo").mkdir()
    keep_seeds(tmp_path / "demo", SEEDS)
    return tmp_path


async def refused(told: Wiring, login: str) -> tuple[str, object]:
    with pytest.raises(Refused) as found:
        await code_of(told, login)
    return found.value.code, found.value.details.get("known")


def test_the_seeds_are_for_the_owner_alone(place: Path) -> None:
    assert (place / "demo" / "staff.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        keep_seeds(place / "demo", SEEDS)


async def test_outside_a_trial_there_are_no_codes(place: Path) -> None:
    assert await refused(wiring(place, "0"), "sun.li") == ("demo_code_not_here", None)


async def test_an_account_the_demo_did_not_make_has_none(place: Path, tmp_path: Path) -> None:
    known = ["li.na", "sun.li"]
    assert await refused(wiring(place), "admin") == ("demo_account_unknown", known)
    (place / "demo" / "staff.json").unlink()
    assert await refused(wiring(tmp_path), "sun.li") == ("demo_account_unknown", [])


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
async def test_seeds_that_others_could_read_give_none(place: Path, mode: int) -> None:
    (place / "demo" / "staff.json").chmod(mode)
    assert await refused(wiring(place), "sun.li") == ("demo_seeds_open", None)


def test_the_refusals_speak_both_languages() -> None:
    told = {code: PROBLEMS[code] for code in
            ("demo_code_not_here", "demo_account_unknown", "demo_seeds_open")}  # fmt: skip
    assert [problem.status for problem in told.values()] == [403, 404, 403]
    assert [(problem.title, problem.title_zh) for problem in told.values()] == [
        ("Codes of the demo's accounts are printed in a trial alone.",
         "演示账号的动态码仅可在试用环境中显示。"),
        ("The demo that was kept here last made no such account.", "最近一次演示未创建该账号。"),
        ("Others could read the seeds of the demo's accounts: {field}.",
         "他人可读取演示账号的密钥种子：{field}。"),
    ]  # fmt: skip
