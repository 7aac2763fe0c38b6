"""Decision tables and scorecards: what cells say, what is wrong with them, there and back again."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from anfu.kernel.errors import Refused
from anfu.risk.catalogue import CATALOGUE
from anfu.risk.condition import read_condition
from anfu.risk.facts import Fact, Type
from anfu.risk.rules import Grade, Outcome, Rule, default_rule_set
from anfu.risk.ruling.cells import condition_of_cell
from anfu.risk.ruling.sheet import Form, read_sheet, write_sheet
from anfu.risk.ruling.tables import read_table, write_table

NUMBER, KM = Fact("n", Type.INTEGER), Fact("km", Type.DOUBLE)
TEXT, FLAG = Fact("card", Type.TEXT), Fact("flag", Type.BOOLEAN)
HEAD = "hour,amount,grade,points,reason,en,zh\n"
ROW = "[0..5],> 500000,MIDDLE,60,NIGHT,At night,夜间\n"


def of_csv(text: str) -> tuple[list[Rule], list[tuple[int, str, str]]]:
    rows, wrong = read_sheet(text.encode(), Form.CSV)
    found, errors = read_table(rows, "night", CATALOGUE)
    return [one.rule for one in found], [(e.row, e.column, e.code) for e in (*wrong, *errors)]


def workbook(*rows: list[Any]) -> bytes:
    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("cell", "fact", "condition"),
    [
        ("", NUMBER, None),
        ("-", NUMBER, None),
        ("5", NUMBER, "n = 5"),
        ("-5", NUMBER, "n = -5"),
        ("> 5", NUMBER, "n > 5"),
        ("＞＝５", NUMBER, "n >= 5"),
        ("≥5", NUMBER, "n >= 5"),
        ("!= 5", NUMBER, "n <> 5"),
        ("== 5", NUMBER, "n = 5"),
        ("[1..5]", NUMBER, "(n >= 1 AND n <= 5)"),
        ("(1..5)", NUMBER, "(n > 1 AND n < 5)"),
        ("]1..5[", NUMBER, "(n > 1 AND n < 5)"),
        ("[0.5..1.5)", KM, "(km >= 0.5 AND km < 1.5)"),
        ("1, 2,3", NUMBER, "n IN (1, 2, 3)"),
        ("< 1, > 5", NUMBER, "(n < 1 OR n > 5)"),
        ("null, < 1", NUMBER, "(n IS NULL OR n < 1)"),
        ("null", TEXT, "card IS NULL"),
        ("not(null)", TEXT, "card IS NOT NULL"),
        ("not(1, 2)", NUMBER, "NOT (n IN (1, 2))"),
        ("abc", TEXT, "card = 'abc'"),
        ('"a, b"', TEXT, "card = 'a, b'"),
        ("'it''s'", TEXT, None),
        ('"it\'s", x', TEXT, "card IN ('it''s', 'x')"),
        ("like a%", TEXT, "card LIKE 'a%'"),
        ('not like "a%"', TEXT, "card NOT LIKE 'a%'"),
        ("in list bad_cards", TEXT, "card IN LIST bad_cards"),
        ("NOT IN LIST bad_cards", TEXT, "card NOT IN LIST bad_cards"),
        ("true", FLAG, "flag = TRUE"),
    ],
)
def test_a_cell_says(cell: str, fact: Fact, condition: str | None) -> None:
    if cell == "'it''s'":
        with pytest.raises(Refused, match="cell_unreadable"):
            condition_of_cell(cell, fact)
        return
    assert condition_of_cell(cell, fact) == condition
    if condition is not None:
        facts = [NUMBER, KM, TEXT, FLAG, Fact("list_hits", Type.TEXT)]
        read_condition(condition, facts)


@pytest.mark.parametrize(
    ("cell", "fact"),
    [
        ("5 OR 1 = 1", NUMBER), ("1.5", NUMBER), ("1,000.5", KM), ("five", NUMBER), ("> ", NUMBER),
        ("[1..]", NUMBER), ("[..5]", NUMBER), ("1e5", KM), ("'a' OR 'b'", TEXT), ("a'b", TEXT),
        ("= 1) OR (1 = 1", NUMBER), ("not(1", NUMBER), ("not(1) or (2)", NUMBER), ("yes", FLAG),
        ("in list a; drop", TEXT), ("> > 5", NUMBER), ("1,,2", NUMBER), ("5%", NUMBER),
        ("9" * 17, NUMBER),
    ],
)  # fmt: skip
def test_a_cell_that_says_nothing_clear_is_refused(cell: str, fact: Fact) -> None:
    with pytest.raises(Refused, match="cell_unreadable"):
        condition_of_cell(cell, fact)


def test_a_row_is_a_rule() -> None:
    rules, errors = of_csv(HEAD + ROW + ",< 5,low,3,TINY,Tiny,极小\n")
    assert errors == []
    assert rules == [
        Rule("night_2", "(hour >= 0 AND hour <= 5) AND amount > 500000", Grade.MIDDLE, 60, "NIGHT",
             "At night", "夜间"),
        Rule("night_3", "amount < 5", Grade.LOW, 3, "TINY", "Tiny", "极小"),
    ]  # fmt: skip


def test_a_scorecard_gives_points() -> None:
    rules, errors = of_csv(
        "fact,test,points,reason,en,zh,condition\n"
        "payer_count_1h,[3..5],10,BUSY,Busy,频繁,\n"
        "payer_count_1h,> 5,25,BUSY,Busy,频繁,amount > 5 OR hour = 3\n"
    )
    assert errors == []
    assert [(r.condition, r.grade, r.points) for r in rules] == [
        ("(payer_count_1h >= 3 AND payer_count_1h <= 5)", Grade.LOW, 10),
        ("payer_count_1h > 5 AND (amount > 5 OR hour = 3)", Grade.LOW, 25),
    ]


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("", [(1, "", "column_missing")] * 5),
        ("amont," + HEAD + "1," + ROW, [(1, "1", "column_unknown")]),
        ("amount," + HEAD + "1," + ROW, [(1, "amount", "column_repeated")]),
        (HEAD, [(2, "", "sheet_without_rules")]),
        (HEAD + "\n\n" + ROW + "x" + ROW, [(5, "hour", "cell_unreadable")]),
        (HEAD + ",,MIDDLE,60,NIGHT,e,中\n", [(2, "", "row_without_condition")]),
        (HEAD + ",5,MIDLE,60,NIGHT,e,中\n", [(2, "grade", "cell_unreadable")]),
        (HEAD + ",5,,60,NIGHT,e,\n", [(2, "grade", "cell_missing"), (2, "zh", "cell_missing")]),
        (HEAD + ",5,LOW,-3,NIGHT,e,中\n", [(2, "points", "rule_points_invalid")]),
        (HEAD + ",5,LOW,3.5,NIGHT,e,中\n", [(2, "points", "rule_points_invalid")]),
        (HEAD + ",5,LOW,3,NIGHT,=cmd(),中\n", [(2, "en", "cell_formula")]),
        (HEAD + ",5,LOW,3,NIGHT,e,@SUM(1)\n", [(2, "zh", "cell_formula")]),
        (HEAD + ",5,LOW,3,NIGHT,e," + "中" * 4_001 + "\n", [(2, "7", "cell_too_long")]),
        ("id," + HEAD + "a1," + ROW + "a1," + ROW, [(3, "id", "rule_id_repeated")]),
        ("fact,test,points,reason,en,zh\namont,5,1,RR,e,中\n", [(2, "fact", "fact_unknown")]),
        ("fact,test,points,reason,en,zh\n,5,1,RR,e,中\n", [(2, "fact", "fact_unknown")]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    text: str, errors: list[tuple[int, str, str]]
) -> None:
    assert of_csv(text)[1] == errors


def test_every_wrong_row_is_told_and_no_rule_of_a_wrong_one_given() -> None:
    rules, errors = of_csv(HEAD + ROW + ",x,LOW,1,AA,e,中\n" + ROW + "y,z,LOW,1,AA,e,中\n")
    assert errors == [(3, "amount", "cell_unreadable"), (5, "hour", "cell_unreadable"),
                      (5, "amount", "cell_unreadable")]  # fmt: skip
    assert [rule.id for rule in rules] == ["night_2", "night_4"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_excels_encodings_are_read(encoding: str) -> None:
    rows, errors = read_sheet((HEAD + ROW).encode(encoding), Form.CSV)
    assert errors == []
    assert rows[1][-1] == "夜间"


@pytest.mark.parametrize("form", list(Form))
def test_there_and_back_again(form: Form) -> None:
    rules = [
        *default_rule_set().rules,
        Rule("odd_one", "-amount < -5 AND card LIKE 'a,\"b%'\n OR hour = 3", Grade.HIGH, 0, "ODD",
             "=1+1, \"quoted\"\nand\ttabbed", "+加号", Outcome.BLOCK, typology="MULE"),
        Rule("odd_two", "card = '5'", Grade.LOW, 1000, "ODD", "'", "-"),
    ]  # fmt: skip
    content = write_sheet(write_table(rules), form)
    rows, errors = read_sheet(content, form)
    found, wrong = read_table(rows, "x", CATALOGUE)
    assert (errors, wrong) == ([], [])
    assert [one.rule for one in found] == rules
    if form is Form.CSV:
        assert b"\n=1+1" not in content
        assert b",=1+1" not in content
        assert b"'=1+1" in content


def test_excel_numbers_dates_and_formulas() -> None:

    head = ["amount", "distance_km", "grade", "points", "reason", "en", "zh"]
    good = [5000.0, 1.5, "LOW", 3, "AA", "e", "中"]
    rows, errors = read_sheet(workbook(head, good), Form.XLSX)
    assert (rows[1], errors) == (["5000", "1.5", "LOW", "3", "AA", "e", "中"], [])
    bad = ["=1+1", datetime.date(2026, 11, 28), "LOW", True, "AA", "e", "中"]
    rows, errors = read_sheet(workbook(head, good, bad), Form.XLSX)
    assert [(e.row, e.column, e.code) for e in errors] == [
        (3, "1", "cell_formula"), (3, "2", "cell_not_text"),
    ]  # fmt: skip
    assert rows[2][3] == "true"


def zipped(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return content.getvalue()


def changed(content: bytes, member: str, old: bytes, new: bytes) -> bytes:
    """A workbook with something else inside."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(made, "w") as other:
        for name in archive.namelist():
            body = archive.read(name)
            other.writestr(name, body.replace(old, new) if name == member else body)
    return made.getvalue()


def attacks() -> dict[str, tuple[bytes, Form, str]]:
    book = workbook(["a"], ["b"])
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha">]>'
    sheet = "xl/worksheets/sheet1.xml"
    return {
        "large csv": (b"a" * ((1 << 20) + 1), Form.CSV, "sheet_too_large"),
        "many rows": (b"a\n" * 501, Form.CSV, "sheet_too_large"),
        "many columns": (b"," * 64, Form.CSV, "sheet_too_large"),
        "many rows in excel": (workbook(*[["a"]] * 501), Form.XLSX, "sheet_too_large"),
        "many columns in excel": (workbook(["a"] * 65), Form.XLSX, "sheet_too_large"),
        "zip bomb": (zipped(**{sheet: bytes(17 << 20)}), Form.XLSX, "sheet_too_large"),
        "many members": (zipped(**{f"m{n}": b"" for n in range(201)}), Form.XLSX,
                         "sheet_too_large"),
        "no archive": (b"PK nothing", Form.XLSX, "sheet_unreadable"),
        "no workbook": (zipped(a=b"b"), Form.XLSX, "sheet_unreadable"),
        "macros": (zipped(**{"xl/vbaProject.bin": b"x"}), Form.XLSX, "sheet_unreadable"),
        "entities": (changed(book, sheet, b"<worksheet", bomb + b"<worksheet"), Form.XLSX,
                     "sheet_unreadable"),
        "broken xml": (changed(book, sheet, b"<sheetData", b"<sheetData<"), Form.XLSX,
                       "sheet_unreadable"),
        "claims to be huge": (changed(book, sheet, b"<row ", b'<row spans="1:16384" '),
                              Form.XLSX, ""),
        "binary": (b"\xff\xfe\x00\x81", Form.CSV, "sheet_unreadable"),
        "nul": (b"a\0b", Form.CSV, "sheet_unreadable"),
        "open quote": (b'a,"b', Form.CSV, "sheet_unreadable"),
    }  # fmt: skip


@pytest.mark.parametrize("attack", attacks())
def test_a_hostile_file_is_refused(attack: str) -> None:
    content, form, code = attacks()[attack]
    if not code:
        assert read_sheet(content, form)[0] == [["a"], ["b"]]
        return
    with pytest.raises(Refused) as caught:
        read_sheet(content, form)
    assert caught.value.code == code
