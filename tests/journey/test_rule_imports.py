"""Decision tables over HTTP and from the command line: every row a draft, or none."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House
from tests.journey.rule_steps import moved

from anfu.risk.rules import default_rule_set
from anfu.risk.ruling.sheet import Form, read_sheet, write_sheet

HEAD = "hour,amount,grade,points,reason,en,zh\n"
ROWS = "[0..5],> 500000,MIDDLE,60,NIGHT,At night,夜间\n\n,= 7,LOW,3,SEVEN,Seven,七\n"


def form(text: str, name: str = "night") -> dict[str, str]:
    return {"name": name, "form": "CSV", "content": base64.b64encode(text.encode()).decode()}


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


async def test_every_row_becomes_a_draft_once(house: House) -> None:
    office = house.office
    answer = await office.post("/v1/rule_imports", form(HEAD + ROWS), key="one")
    assert answer.status_code == 201, answer.text
    rules = answer.json()["rules"]
    assert [(r["id"], r["state"], r["condition"]) for r in rules] == [
        ("night_2", "DRAFT", "(hour >= 0 AND hour <= 5) AND amount > 500000"),
        ("night_4", "DRAFT", "amount = 7"),
    ]
    async with house.untouched():
        again = await office.post("/v1/rule_imports", form(HEAD + ROWS), key="one")
        assert again.content == answer.content
    changed = await office.post("/v1/rule_imports", form(HEAD + ROWS.replace("= 7", "= 8")))
    assert [r["draft"]["version"] for r in changed.json()["rules"]] == [1, 2]
    await moved(house, await house.client(), "shadow", "night_4")


async def test_one_wrong_row_and_nothing_is_imported(house: House) -> None:
    bad = HEAD + ROWS + "22..6,5,LOW,1,BAD,e,中\n,amount,LOW,1,BAD,e,中\nhalf,,LOW,1,BAD,e,中\n"
    async with house.untouched():
        answer = await house.office.post("/v1/rule_imports", form(bad))
        assert (answer.status_code, answer.json()["code"]) == (422, "sheet_rows_invalid")
        told = answer.json()["details"]
        assert told["count"] == 3
        assert [(e["row"], e["column"], e["code"]) for e in told["errors"]] == [
            (5, "hour", "cell_unreadable"), (6, "amount", "cell_unreadable"),
            (7, "hour", "cell_unreadable"),
        ]  # fmt: skip
        assert all(e[t] for e in told["errors"] for t in ("en", "zh", "remedy_en", "remedy_zh"))
        dead = HEAD + ROWS + '"[22..24]",> 5,LOW,1,BAD,e,中\n24,,LOW,1,BAD,e,中\n'
        errors = (await house.office.post("/v1/rule_imports", form(dead))).json()["details"]
        assert [(e["row"], e["column"], e["code"]) for e in errors["errors"]] == [
            (6, "condition", "never_true")
        ]


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({**form(HEAD), "content": "%%%"}, "field_invalid"),
        ({**form(HEAD), "form": "XLSX"}, "sheet_unreadable"),
        ({**form(HEAD), "form": "ODS"}, "field_invalid"),
        (form("x" * ((1 << 20) + 1)), "sheet_too_large"),
        (form("x" * (2 << 20)), "body_too_large"),
        (form(HEAD + ROWS, "Bad Name"), "field_invalid"),
        (form(HEAD + ROWS, "listed_x"), "sheet_rows_invalid"),
    ],
)
async def test_what_is_no_sheet_is_refused(house: House, wish: dict[str, str], code: str) -> None:
    async with house.untouched():
        answer = await house.office.post("/v1/rule_imports", wish)
        assert answer.json()["code"] == code


async def test_a_merchant_imports_nothing(house: House) -> None:
    merchant = await house.client(merchant=await house.office.merchant())
    async with house.untouched():
        answer = await merchant.post("/v1/rule_imports", form(HEAD + ROWS))
        assert answer.json()["code"] == "institution_only"


async def test_the_command_line_checks_imports_lists_and_exports(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "Night.csv"
    file.write_text(HEAD + ROWS + ",>= 0,LOW,1,ALL,e,中\n", "utf-8")
    async with house.untouched():
        said = await cli.json("rules", "check", str(file))
    assert said["valid"] is True
    assert [r["code"] for r in said["remarks"] if r["severity"] != "NOTE"] == [
        "part_adds_nothing", "always_true",
    ]  # fmt: skip
    written = await cli.json("rules", "import", str(file))
    assert [(r["id"], r["draft"]["author"]) for r in written] == [
        ("r_night_2", "cli"), ("r_night_4", "cli"), ("r_night_5", "cli"),
    ]  # fmt: skip
    listed = await cli.json("rules", "list")
    assert len(listed) == len(default_rule_set().rules) + 3
    assert {r["state"] for r in listed} == {"LIVE", "DRAFT"}
    assert "r_night_2" in (await cli("rules", "list")).stderr

    file.write_text(HEAD + "99,,LOW,1,BAD,e,中\n", "utf-8")
    async with house.untouched():
        for command in ("check", "import"):
            refused = await cli(*("rules", command, str(file)))
            assert refused.exit_code == 1
            assert "row 2" in refused.stderr
        assert (await cli("rules", "check", str(tmp_path / "none.csv"))).exit_code == 2
        assert (await cli("rules", "export", str(tmp_path / "x.txt"))).exit_code == 2


async def test_what_is_in_force_is_exported_and_shown(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    second = await house.client()
    await house.office.post("/v1/rule_imports", form(HEAD + ROWS))
    await moved(house, second, "shadow", "night_4")
    shown: dict[str, Any] = await cli.json("decisions", "rules")
    assert shown["version"] == house.tools.engine.base.version
    assert {r["id"]: r["state"] for r in shown["rules"]}["night_4"] == "SHADOW"
    file = tmp_path / "rules.xlsx"
    assert (await cli("rules", "export", str(file))).exit_code == 0
    rows, errors = read_sheet(file.read_bytes(), Form.XLSX)
    assert (errors, len(rows)) == ([], len(shown["rules"]) + 1)
    back = tmp_path / "back.csv"
    back.write_bytes(write_sheet(rows, Form.CSV))
    again = await cli.json("rules", "import", str(back))
    assert len(again) == len(shown["rules"])
    versions = {r["id"]: (r["draft"] or {}).get("version") for r in again}
    assert versions.pop("night_4") == 1
    assert set(versions.values()) == {None}


async def test_the_command_line_knows_the_lists(
    house: House, cli: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "listed.toml"
    rule = (
        "thresholds = {middle = 1, general = 2, high = 3}\n[[rule]]\nid = 'bought'\n"
        "condition = 'card IN LIST %s'\ngrade = 'LOW'\npoints = 1\nreason = 'BOUGHT'\n"
        "en = 'e'\nzh = '中'\n"
    )
    file.write_text(rule % "stolen_cards", "utf-8")
    assert (await cli.json("rules", "check", str(file)))["valid"] is True
    file.write_text(rule % "stolen_cardz", "utf-8")
    async with house.untouched():
        said = await cli.json("rules", "check", str(file), status=1)
        assert (await cli("rules", "import", str(file))).exit_code == 1
    assert [error["code"] for error in said["errors"]] == ["list_unknown"]
