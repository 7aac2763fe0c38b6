"""Payment histories read from files: order, times, amounts, and rows that are none."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anfu.entrypoints.cli.replay_map import FileMap, MapError, parse_map
from anfu.entrypoints.cli.replay_reading import (
    PAGE,
    BadRow,
    History,
    Row,
    Span,
    minor_units,
)

MAP = """
source = "shop"
[columns]
id = "id"
at = "at"
payer = "payer"
payee = "payee"
amount = "amount"
"""
SHANGHAI = '[times]\nzone = "Asia/Shanghai"'
HEAD = "id,at,payer,payee,amount\n"


EVER = Span()


def read(path: Path, text: str = MAP, span: Span = EVER) -> list[Row | BadRow]:
    with History(path, parse_map(text), span) as history:
        rows = [row for page in history.pages() for row in page]
        assert history.count() == len(rows)
        return rows


def csv(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "history.csv"
    path.write_text(head + "\n".join(lines) + "\n", "utf-8")
    return path


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_row_becomes_a_payment(tmp_path: Path) -> None:
    path = csv(tmp_path, "17,2018-08-08 00:00:31,alice,tea,57.16")
    expected = Row(1, "17", moment("2018-08-08 00:00:31"), "alice", "tea", 5716, "CNY")
    assert read(path) == [expected]


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2018-08-08 00:00:31", "2018-08-07 16:00:31"),
        ("2018-08-08T00:00:31.250", "2018-08-07 16:00:31.250"),
        ("2018-08-08 00:00:31Z", "2018-08-08 00:00:31"),
        ("2018-08-08 00:00:31+02:00", "2018-08-07 22:00:31"),
        ("2018-08-08", "2018-08-07 16:00:00"),
    ],
)
def test_a_time_without_a_zone_is_one_of_the_maps(tmp_path: Path, written: str, utc: str) -> None:
    (row,) = read(csv(tmp_path, f"1,{written},a,b,1"), MAP + SHANGHAI)
    assert isinstance(row, Row)
    assert row.at == moment(utc)


@pytest.mark.parametrize(
    ("form", "written"), [("unix_s", "1533657631.5"), ("unix_ms", "1533657631500")]
)
def test_a_time_may_be_a_number(tmp_path: Path, form: str, written: str) -> None:
    text = f'{MAP}[times]\nform = "{form}"'
    (row,) = read(csv(tmp_path, f"1,{written},a,b,1"), text)
    assert isinstance(row, Row)
    assert row.at == moment("2018-08-07 16:00:31.500")


def test_rows_come_by_time_and_then_as_in_the_file(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "a,2018-08-08 03:00:00,x,y,1",
        "b,2018-08-08 01:00:00,x,y,1",
        "c,2018-08-08 02:00:00,x,y,1",
        "d,2018-08-08 01:00:00,x,y,1",
    )
    rows = read(path)
    assert [(row.number, row.id) for row in rows if isinstance(row, Row)] == [
        (2, "b"), (4, "d"), (3, "c"), (1, "a"),
    ]  # fmt: skip


def test_a_span_is_half_open_and_in_the_zone_of_the_map(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "a,2018-08-07 15:59:59Z,x,y,1",
        "b,2018-08-07 16:00:00Z,x,y,1",
        "c,2018-08-08 15:59:59Z,x,y,1",
        "d,2018-08-08 16:00:00Z,x,y,1",
    )
    rows = read(path, MAP + SHANGHAI, Span("2018-08-08", "2018-08-09"))
    assert [row.id for row in rows if isinstance(row, Row)] == ["b", "c"]


def test_bad_rows_are_told_by_number_and_do_not_stop_the_others(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "1,2018-08-08 00:00:01,a,b,1.00",
        "2,2018-08-08 00:00:02,a,b",
        "3,yesterday,a,b,1.00",
        "4,2018-08-08 00:00:04,,b,1.00",
        '5,2018-08-08 00:00:05,a,b,"1,00"',
        "6,2018-08-08 00:00:06,a,b,1.001",
        "7,2018-08-08 00:00:07,a,b,0",
        "8,2018-08-08 00:00:08,a,b,-5",
        "9,2018-08-08 00:00:09,a,b,1,00",
        "10,2018-08-08 00:00:10,a,b,nan",
        "11,2018-08-08 00:00:11,a,b,1.00",
    )
    rows = read(path)
    good = [(row.number, row.id) for row in rows if isinstance(row, Row)]
    bad = {row.number: row.reason for row in rows if isinstance(row, BadRow)}
    assert good == [(1, "1"), (11, "11")]
    assert bad == {
        2: "missing columns",
        3: "at is missing or no time",
        4: "payer is missing",
        5: "amount '1,00' is no number",
        6: "amount 1.001 has more decimals than CNY",
        7: "amount 0 is not above 0",
        8: "amount -5 is not above 0",
        9: "too many columns",
        10: "amount 'nan' is no number",
    }


def test_a_row_without_a_time_is_told_whatever_the_span(tmp_path: Path) -> None:
    path = csv(tmp_path, "1,never,a,b,1", "2,2017-01-01,a,b,1")
    assert read(path, span=Span("2018-08-08")) == [BadRow(1, "at is missing or no time")]


def test_all_that_a_map_may_name_is_read(tmp_path: Path) -> None:
    head = HEAD.strip() + ",cur,card,dev,ip,lat,lon,why\n"
    extra = 'currency="cur"\ncard="card"\ndevice="dev"\naddress="ip"\nlatitude="lat"\n'
    path = csv(
        tmp_path,
        "1,2018-08-08,a,b,1.5,JPY,t,p,::1,31.2,121.5,tea",
        "2,2018-08-08,a,b,15,JPY,tok_1,phone,203.0.113.7,31.2,121.5,tea",
        "3,2018-08-08,a,b,15,,,,,91,0,",
        "4,2018-08-08,a,b,15,,,,,,,",
        "5,2018-08-08,a,b,15,XYZ,,,,,,",
        head=head,
    )
    rows = read(path, MAP + extra + 'longitude="lon"\ndescription="why"')
    at = moment("2018-08-08")
    assert rows == [
        BadRow(1, "amount 1.5 has more decimals than JPY"),
        Row(2, "2", at, "a", "b", 15, "JPY", "tok_1", "phone", "203.0.113.7", 31.2, 121.5, "tea"),
        BadRow(3, "latitude '91' is no place"),
        Row(4, "4", at, "a", "b", 1500, "CNY"),
        BadRow(5, "XYZ is no currency"),
    ]


def test_a_parquet_file_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    duckdb.sql(
        "SELECT n AS id, TIMESTAMP '2018-08-08' + n * INTERVAL 1 SECOND AS at, n % 7 AS payer,"
        " 1000 + n AS payee, n / 100 AS amount FROM range(1, 5001) AS r (n)"
    ).write_parquet(str(path))
    with History(path, parse_map(MAP), Span()) as history:
        pages = list(history.pages())
    assert [len(page) for page in pages] == [PAGE, PAGE, 1000]
    rows = [row for page in pages for row in page]
    start = moment("2018-08-08")
    assert rows == [
        Row(n, str(n), start + timedelta(seconds=n), str(n % 7), str(1000 + n), n, "CNY")
        for n in range(1, 5001)
    ]


def test_binary_numbers_are_taken_for_the_decimals_they_stand_for(tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    duckdb.sql(
        "SELECT '1' AS id, TIMESTAMP '2018-08-08' AS at, 'a' AS payer, 'b' AS payee, x AS amount"
        " FROM (VALUES (283.55000000000001136868::DOUBLE), (0.1::DOUBLE + 0.2), (1.005)) AS t (x)"
    ).write_parquet(str(path))
    rows = read(path)
    amounts = [row.amount if isinstance(row, Row) else row.reason for row in rows]
    assert amounts == [28355, 30, "amount 1.005 has more decimals than CNY"]


@pytest.mark.parametrize(
    ("name", "span", "said"),
    [
        ("missing.csv", Span(), "there is no such file"),
        ("missing.parquet", Span(), "there is no such file"),
        ("history.csv", Span("soon"), "'soon' is no date or time"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, span: Span, said: str) -> None:
    csv(tmp_path, "1,2018-08-08,a,b,1")
    with pytest.raises(MapError, match=said):
        read(tmp_path / name, span=span)


def test_a_file_that_is_no_parquet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.parquet"
    path.write_bytes(b"id,at\n")
    with pytest.raises(MapError, match=r"history\.parquet"):
        read(path)


def test_the_shipped_map_reads_its_data() -> None:
    """With the data at hand: HANDBOOK_TRANSACTIONS names its transactions.parquet."""
    path = os.environ.get("HANDBOOK_TRANSACTIONS")
    if path is None:
        pytest.skip("HANDBOOK_TRANSACTIONS names no file")
    example = Path(__file__).parents[3] / "docs/examples/handbook.toml"
    started = time.monotonic()
    rows = read(Path(path), example.read_text("utf-8"), Span("2018-08-08", "2018-08-09"))
    assert len(rows) == 9_740
    assert [row.number for row in rows if isinstance(row, BadRow)] == [1_238_477]
    assert time.monotonic() - started < 60


@given(st.integers(1, 2**53 - 1), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_an_amount_written_in_major_units_is_read_back(minor: int, currency: str) -> None:
    exponent = {"CNY": 2, "JPY": 0, "KWD": 3}[currency]
    written = str(Decimal(minor).scaleb(-exponent))
    assert minor_units(written, currency, "major", Decimal(0)) == minor
    assert minor_units(str(minor), currency, "minor", Decimal(0)) == minor


@pytest.mark.parametrize("text", ["9007199254740992", "1e400", "inf", "", "1_0x", "0.4"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        minor_units(text, "CNY", "minor", Decimal(0))


def test_the_map_of_these_tests_is_whole() -> None:
    assert isinstance(parse_map(MAP), FileMap)
