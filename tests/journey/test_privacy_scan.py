"""`anfu privacy scan`: a day of business leaves nothing readable; what is planted is found."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from pathlib import Path

import asyncpg
import duckdb
import pytest
from tests.journey.busy_day import Day
from tests.journey.command_line import CommandLine
from tests.journey.conftest import House

from anfu.compliance.privacy.scan import Scan, scan_database

CARD, CITIZEN, PHONE = "6222020200112233446", "11010519491231002X", "13800138000"
PEM = "-----BEGIN PRIVATE KEY-----"
# kind, the column it is planted in, the value, what is shown of it
PLANTED = (
    ("CARD_NUMBER", "text", f"paid by {CARD}", "622************3446"),
    ("CITIZEN_ID", "json", json.dumps({"deep": [{"id": CITIZEN}]}), "110***********002X"),
    ("PHONE_NUMBER", "jsonb", json.dumps({"phone": int(PHONE)}), "138****8000"),
    ("ONE_TIME_CODE", "bytea", "验证码 123456，请勿告诉任何人".encode(), "******"),
    ("PRIVATE_KEY", "text[]", ["nothing", PEM], "----… (27)"),
    ("API_KEY", "varchar(200)", "sk_" + "a2" * 26, "sk_a… (55)"),
    ("BEARER_TOKEN", "public.words", f"Authorization: Bearer {'t' * 40}", "tttt… (40)"),
    ("PASSWORD", "char(60)", "postgresql://anfu:hunter22@db/anfu", "hunt… (8)"),
)


@pytest.fixture
def cli(house: House, database_url: str, tmp_path: Path) -> CommandLine:
    return CommandLine(database_url, tmp_path)


_COLUMNS = """
SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
  AND (data_type IN ('text', 'bytea', 'json', 'jsonb') OR udt_name = '_text')
"""


async def test_a_day_of_business_leaves_nothing_readable(
    house: House, owner: asyncpg.Connection, cli: CommandLine
) -> None:
    await Day(house).round()
    before = await house.rows()
    found = await cli.json("privacy", "scan")
    assert found["findings"] == []
    assert (found["clean"], found["found"], found["unread"]) == (True, 0, [])
    there = await owner.fetch(_COLUMNS)
    assert (found["columns"], found["tables"]) == (len(there), len({table for table, _ in there}))
    assert found["rows"] > 300
    assert await house.rows() == before


async def test_what_is_planted_in_a_column_of_any_type_is_found(
    owner: asyncpg.Connection, cli: CommandLine
) -> None:
    await owner.execute("CREATE DOMAIN public.words AS text")
    for number, (_, type_, value, _) in enumerate(PLANTED):
        await owner.execute(f"CREATE TABLE public.t{number} (id int PRIMARY KEY, v {type_})")
        await owner.execute(
            f"INSERT INTO public.t{number} SELECT g, NULL FROM generate_series(1, 900) g"
        )
        await owner.execute(f"UPDATE public.t{number} SET v = $1 WHERE id = 731", value)
    found = await cli.json("privacy", "scan", status=1)
    assert [(f["kind"], f["place"], f["row"], f["sample"]) for f in found["findings"]] == [
        (kind, f"public.t{number}.v", "731", sample)
        for number, (kind, _, _, sample) in enumerate(PLANTED)
    ]
    assert all(secret not in str(found) for secret in (CARD, CITIZEN, PHONE, "123456", "hunter22"))


async def test_a_key_that_is_itself_a_finding_is_masked(
    owner: asyncpg.Connection, cli: CommandLine
) -> None:
    await owner.execute("CREATE TABLE public.t (a text, b int, PRIMARY KEY (a, b))")
    await owner.execute("CREATE TABLE public.u (a text)")
    await owner.execute("INSERT INTO public.t VALUES ($1, 7)", PHONE)
    await owner.executemany("INSERT INTO public.u VALUES ($1)", [(CARD,)] * 30)
    found = await cli.json("privacy", "scan", status=1)
    rows = [(f["place"], f["row"]) for f in found["findings"]]
    assert rows[:3] == [
        ("public.t.a", "138****8000, 7"), ("public.u.a", "(0,1)"), ("public.u.a", "(0,2)"),
    ]  # fmt: skip
    assert len(rows) == 21  # one and the first twenty
    assert found["found"] == 31
    assert found["counts"] == [
        {"kind": "CARD_NUMBER", "place": "public.u.a", "count": 30},
        {"kind": "PHONE_NUMBER", "place": "public.t.a", "count": 1},
    ]
    said = (await cli("privacy", "scan")).stderr
    assert PHONE not in said and CARD not in said


async def test_what_is_planted_in_a_file_of_any_form_is_found(
    cli: CommandLine, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    line = f"2026-11-23T04:00:00Z user={PHONE} ok\n"
    (logs / "a.log").write_text("nothing\n" * 300_000 + line)
    (logs / "b.json").write_text(json.dumps([{"n": 1}] * 400_000 + [{"card": CARD}]))
    (logs / "c.csv").write_bytes(f"姓名,证件\n张三,{CITIZEN}\n".encode("gb18030"))
    (logs / "d.log.gz").write_bytes(gzip.compress(f"x\n\n{PEM}\n".encode()))
    (logs / "e.txt").write_text(f"phone {PHONE}", encoding="utf-16")
    with zipfile.ZipFile(logs / "f.xlsx", "w") as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{CARD}</t>")
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY (SELECT 'x' AS a, ['{PHONE}'] AS b UNION ALL SELECT '{CITIZEN}', []) TO"
            f" '{logs / 'g.parquet'}'"
        )
    (logs / "h.parquet").write_bytes(b"PAR1 broken")
    found = await cli.json("privacy", "scan", "--no-database", str(logs), status=1)
    assert sorted((f["place"].removeprefix(f"{logs}/"), f["row"], f["kind"]) for f in
                  found["findings"]) == [
        ("a.log", "300001", "PHONE_NUMBER"),
        ("b.json", "1", "CARD_NUMBER"),
        ("c.csv", "2", "CITIZEN_ID"),
        ("d.log.gz", "3", "PRIVATE_KEY"),
        ("e.txt", "1", "PHONE_NUMBER"),
        ("f.xlsx!xl/sharedStrings.xml", "1", "CARD_NUMBER"),
        ("g.parquet:a", "2", "CITIZEN_ID"),
        ("g.parquet:b", "1", "PHONE_NUMBER"),
    ]  # fmt: skip
    assert (found["files"], found["rows"]) == (7, 0)
    assert len(found["unread"]) == 1
    assert found["unread"][0].startswith(f"{logs / 'h.parquet'}: ")


@pytest.mark.parametrize("shift", range(0, 24, 3))
async def test_nothing_is_cut_in_two_between_pieces(
    cli: CommandLine, tmp_path: Path, shift: int
) -> None:
    paper = tmp_path / "one.log"
    paper.write_text("." * ((1 << 20) - shift) + CARD + "." * (1 << 20) + f" {PHONE}")
    found = await cli.json("privacy", "scan", "--no-database", str(paper), status=1)
    assert [f["kind"] for f in found["findings"]] == ["CARD_NUMBER", "PHONE_NUMBER"]


async def test_a_table_that_cannot_be_read_is_told_and_nothing_is_certain(
    owner: asyncpg.Connection, database_url: str
) -> None:
    await owner.execute("CREATE ROLE blind LOGIN PASSWORD 'blind'")
    try:
        await owner.execute("CREATE TABLE public.open (a text)")
        await owner.execute("GRANT SELECT ON public.open TO blind")
        scan = Scan()
        url = re.sub(r"//[^@]+@", "//blind:blind@", database_url)
        await scan_database(scan, url, lambda _: None, lambda _: None)
    finally:
        await owner.execute("DROP OWNED BY blind; DROP ROLE blind")
    assert (scan.tables, scan.tally.total, scan.clean) == (1, 0, False)
    assert "parties.customer" in scan.unread
    assert "public.open" not in scan.unread


async def test_a_path_that_is_not_there_is_refused(cli: CommandLine, tmp_path: Path) -> None:
    result = await cli("privacy", "scan", "--no-database", str(tmp_path / "none"))
    assert getattr(result.exception, "code", None) == "scan_path_missing"
    assert result.exit_code == 1
