"""Maps of payment histories: what fits, and how it is told when something does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from anfu.entrypoints.cli.replay_map import MapError, check_columns, parse_map, read_map

EXAMPLES = Path(__file__).parents[3] / "docs/examples"
LEAST = """
source = "shop"
[columns]
id = "number"
at = "time"
payer = "buyer"
payee = "shop"
amount = "sum"
"""
COLUMNS = ["number", "time", "buyer", "shop", "sum"]


def test_a_map_needs_only_its_columns() -> None:
    found = parse_map(LEAST)
    assert (found.times.form, found.times.zone) == ("iso", "UTC")
    assert (found.amounts.unit, found.amounts.currency) == ("major", "CNY")
    assert (found.payments.method, found.customers.deposit) == ("balance", 0)
    assert check_columns(found, COLUMNS) == dict(
        zip(["id", "at", "payer", "payee", "amount"], COLUMNS, strict=True)
    )


def test_the_shipped_example_is_a_map() -> None:
    found = read_map(EXAMPLES / "handbook.toml")
    assert found.customers.account_class == 3
    assert found.customers.deposit == 20_000_000
    assert found.currencies == ("CNY",)


def test_the_currencies_of_an_installation_have_that_of_the_legal_limits() -> None:
    assert parse_map(LEAST + '[amounts]\ncurrency = "USD"').currencies == ("CNY", "USD")


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("Sum", "sum"), ("buyr", "buyer"), ("TIME", "time"), ("numbre", "number")],
)
def test_a_column_that_is_not_there_is_named_with_the_nearest(given: str, nearest: str) -> None:
    found = parse_map(LEAST.replace('amount = "sum"', f'amount = "{given}"'))
    with pytest.raises(MapError) as raised:
        check_columns(found, COLUMNS)
    assert str(raised.value) == (
        f"columns.amount: {given!r} is no column of the file; did you mean {nearest}?"
    )


def test_without_anything_near_all_columns_are_named() -> None:
    found = parse_map(LEAST.replace('"sum"', '"zzzzqqq"'))
    with pytest.raises(MapError, match="there are: number, time, buyer, shop, sum"):
        check_columns(found, COLUMNS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LEAST + 'amout = "x"', "columns: 'amout' is no setting; did you mean amount?"),
        (LEAST + "[custmers]", "map: 'custmers' is no setting; did you mean customers?"),
        (LEAST.replace('amount = "sum"', ""), "columns: amount is missing"),
        (LEAST.replace('source = "shop"', ""), "map: source is missing"),
        (LEAST + '[times]\nzone = "Nowhere/Land"', "there is no time zone 'Nowhere/Land'"),
        (LEAST + '[amounts]\ncurrency = "CNX"', "'CNX' is no currency; did you mean CN"),
        (LEAST + '[payments]\nmethod = "sandbox"', "name payments.card or columns.card"),
        (LEAST + "[customers]\naccount_class = 4", "customers.account_class"),
        (LEAST + "[customers]\ndeposit = -1", "customers.deposit"),
        (LEAST.replace('"shop"', '"no name"', 1), "source"),
        ("source = ", "the map is not TOML"),
    ],
)
def test_a_map_that_is_wrong_is_told_where(text: str, said: str) -> None:
    with pytest.raises(MapError) as raised:
        parse_map(text)
    assert said in str(raised.value)


def test_a_map_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"map\.toml"):
        read_map(tmp_path / "map.toml")
