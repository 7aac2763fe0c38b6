"""Features beside the published ones: a difference is a fault unless its reason is known."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pytest
from tests.handbook_stream import DAY_S, FIRST_DAY, Size, made_stream, write_stream

from anfu.entrypoints.cli.bench_handbook_walk import NAMES
from anfu.kernel.errors import Refused
from anfu.lab.handbook.declared import CATALOGUE
from anfu.lab.handbook.published import Compared, compare
from anfu.lab.handbook.stream import PUBLISHED, Stream, read_stream, stream_of

COLUMNS = (
    *(f"CUSTOMER_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30)
      for what in ("NB_TX", "AVG_AMOUNT")),
    *(f"TERMINAL_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "RISK")),
    "TX_DURING_WEEKEND",
    "TX_DURING_NIGHT",
)  # fmt: skip


@pytest.fixture
def three() -> Stream:
    """Two payments of one customer in one second, and one of another."""
    local = np.array([0, 0, 5]) * 1_000_000 + FIRST_DAY * DAY_S * 1_000_000
    return stream_of(
        {
            "number": np.array([7, 8, 9]), "local": local, "payer": np.array([1, 1, 2]),
            "terminal": np.array([1, 2, 3]), "amount": np.array([100, 200, 300]),
            "fraud": np.zeros(3),
        }
    )  # fmt: skip


def publish(folder: Path, numbers: list[int], **changed: list[float]) -> None:
    """Columns of zeros but those `changed`."""
    zero = np.zeros(len(numbers))
    columns = {"TRANSACTION_ID": np.array(numbers)}
    columns |= {name: np.array(changed.get(name, zero), np.float64) for name in COLUMNS}
    with duckdb.connect() as connection:
        connection.register("columns", columns)
        connection.execute(f"COPY (SELECT * FROM columns) TO '{folder / PUBLISHED}'")


def facts(rows: int, **changed: list[float]) -> npt.NDArray[np.float64]:
    made = np.zeros((rows, len(NAMES)))
    made[:, NAMES.index("hour")] = 12
    for name, values in changed.items():
        made[:, NAMES.index(name)] = values
    return made


def test_a_difference_is_explained_only_by_another_payment_of_the_customer_in_that_second(
    tmp_path: Path, three: Stream
) -> None:
    publish(tmp_path, [7, 8, 9], CUSTOMER_ID_NB_TX_1DAY_WINDOW=[1, 2, 1])
    found = {c.name: c for c in compare(tmp_path, three, NAMES, facts(3, payer_count_1d=[2, 2, 2]))}
    assert set(found) == set(COLUMNS)
    count = found.pop("CUSTOMER_ID_NB_TX_1DAY_WINDOW")
    assert count == Compared("CUSTOMER_ID_NB_TX_1DAY_WINDOW", rows=3, agree=1, same_second=1)
    assert count.unexplained == 1
    assert all((c.agree, c.unexplained) == (3, 0) for c in found.values())


def test_a_terminal_has_no_excuse(tmp_path: Path, three: Stream) -> None:
    publish(tmp_path, [7, 8], TERMINAL_ID_RISK_7DAY_WINDOW=[0.5, 0])
    found = {c.name: c for c in compare(tmp_path, three, NAMES, facts(3))}
    risk = found["TERMINAL_ID_RISK_7DAY_WINDOW"]
    assert (risk.rows, risk.agree, risk.unexplained) == (2, 1, 1)


def test_amounts_are_compared_in_yuan_and_no_known_payment_is_no_risk(
    tmp_path: Path, three: Stream
) -> None:
    publish(tmp_path, [9], CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW=[12.345])
    ours = facts(3, payer_mean_30d=[0, 0, 1234.5], terminal_share_1d=[np.nan] * 3)
    assert all(c.agree == 1 for c in compare(tmp_path, three, NAMES, ours))


def test_a_published_payment_that_is_not_in_the_stream_is_an_error(
    tmp_path: Path, three: Stream
) -> None:
    publish(tmp_path, [7, 10])
    with pytest.raises(ValueError, match="not in the stream"):
        compare(tmp_path, three, NAMES, facts(3))


def test_nothing_published_nothing_compared(tmp_path: Path, three: Stream) -> None:
    assert compare(tmp_path, three, NAMES, facts(3)) == []


def test_a_stream_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = made_stream(5, Size(days=9))
    write_stream(made, tmp_path)
    read = read_stream(tmp_path)
    for name in Stream.__slots__:
        np.testing.assert_array_equal(getattr(read, name), getattr(made, name))
    event = read.event(4)
    assert (event.id, event.payer) == (str(made.number[4]), f"c{made.payer[4]}")
    assert event.terminal == f"t{made.terminal[4]}"
    assert event.amount == made.amount[4]
    assert event.at.timestamp() * 1_000_000 == made.at[4]


def test_without_the_data_it_is_said_which_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        read_stream(tmp_path)
    assert refusal.value.code == "handbook_missing"
    assert refusal.value.details["path"] == str(tmp_path / "transactions.parquet")


def test_the_catalogue_declares_what_is_compared() -> None:
    names = {feature.name for feature in CATALOGUE.features}
    assert {"hour", "weekday", "payer_count_1d", "terminal_share_30d"} <= names
