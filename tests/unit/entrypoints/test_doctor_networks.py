"""The doctor on networks and the calendar: what is broken, what ends, and what is left alone."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from anfu.app.network_files import inspect_networks
from anfu.channels.expiry import valid_until
from anfu.channels.unionpay.simulator.keys import issue
from anfu.entrypoints.cli.doctor_findings import Finding, Health
from anfu.entrypoints.cli.doctor_networks import check_calendar, check_networks
from anfu.kernel.ids import SeededEntropy
from anfu.settlement.calendar.working_days import last_day
from anfu.simulation.networks import NAMES, Place, provision

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLACE = Place(dict.fromkeys(NAMES, "https://network.example"), "https://anfu.example")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "networks"
    return provision(folder, PLACE, now=NOW, entropy=SeededEntropy(1))


@pytest.fixture
def plan(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made.parent, tmp_path / "networks")) / made.name


def examined(plan: Path | None, now: datetime = NOW) -> Finding:
    return check_networks(inspect_networks(plan, None), now=now)


def test_sound_files_are_well_and_no_file_is_none(plan: Path) -> None:
    found = examined(plan)
    assert (found.health, found.finding) == (
        Health.GOOD,
        (
            "keys of alipay, unionpay, wechat are sound",
            "alipay, unionpay, wechat 的密钥均正常",
        ),
    )
    assert examined(None).health is Health.GOOD


def test_each_broken_channel_is_named_beside_the_others(plan: Path) -> None:
    key, sign = plan.parent / "alipay/app-private.pem", plan.parent / "unionpay/sign.pem"
    key.chmod(0o640)
    sign.write_text("nothing")
    plan.chmod(0o644)
    found = examined(plan)
    assert found.health is Health.BAD
    assert [text.partition(": ")[0] for text in found.finding[0].split("; ")] == [
        str(key), str(sign), "can be read by others",
    ]  # fmt: skip
    assert found.remedy[0].endswith(f"; chmod 600 {plan}")
    key.chmod(0o600)
    sign.unlink()
    assert examined(plan).finding[0].startswith(f"{sign}: ")


def test_a_file_others_may_read_is_warned_of(plan: Path) -> None:
    plan.chmod(0o640)
    found = examined(plan)
    assert (found.health, found.finding, found.remedy) == (
        Health.WARNING,
        (f"can be read by others: {plan}", f"对他人可读：{plan}"),
        (f"chmod 600 {plan}", f"chmod 600 {plan}"),
    )


def test_a_file_that_cannot_be_read_or_routes_nowhere_is_said(plan: Path) -> None:
    text = plan.read_text("utf-8")
    for wrong in ("[channels", f'{text}\n[[routes.card]]\nchannel = "spare"\n'):
        plan.write_text(wrong, "utf-8")
        assert examined(plan).health is Health.BAD
    plan.unlink()
    assert examined(plan).finding[0].startswith("ANFU_CHANNELS: ")


def test_certificates_are_warned_of_thirty_days_before_they_end(plan: Path) -> None:
    ends = ended(inspect(plan))
    first = min(ends.values())
    assert {path for path, end in ends.items() if end == first} == {
        f"unionpay/{name}.pem" for name in ("sign", "middle", "root")
    }
    assert examined(plan, first - 30 * DAY - DAY).health is Health.GOOD
    assert examined(plan, first - 30 * DAY).health is Health.WARNING
    found = examined(plan, first)
    assert found.health is Health.BAD
    assert f"certificate ends {first:%Y-%m-%d}: {plan.parent}/unionpay/sign.pem" in found.finding[0]


def inspect(plan: Path) -> Mapping[Path, datetime]:
    found = inspect_networks(plan, None)
    assert found is not None
    return found.valid_until


def ended(ends: Mapping[Path, datetime]) -> dict[str, datetime]:
    return {"/".join(path.parts[-2:]): end for path, end in ends.items()}


def test_of_old_and_new_side_by_side_the_last_to_end_counts(tmp_path: Path) -> None:
    old, new = (issue("OCA", None, now=NOW, days=days) for days in (10, 400))
    (tmp_path / "middle.pem").write_text(old.pem + new.pem)
    (tmp_path / "network").mkdir()
    for name, pair in {"a.crt": old, "b.crt": new}.items():
        (tmp_path / "network" / name).write_text(pair.pem)
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (tmp_path / "root.crt").write_text(broken + old.pem)
    key = "-----BEGIN PRIVATE KEY-----\n"
    (tmp_path / "sign.pem").write_text(key + old.pem + new.pem)
    assert {path.name: (end - NOW).days for path, end in valid_until(tmp_path).items()} == {
        "middle.pem": 400, "network": 400, "root.crt": 10, "sign.pem": 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("left", "health"),
    [(61, Health.GOOD), (60, Health.WARNING), (0, Health.WARNING), (-1, Health.BAD)],
)
def test_the_calendar_is_asked_for_sixty_days_before_it_ends(left: int, health: Health) -> None:
    found = check_calendar(
        date(2026, 12, 31), now=datetime(2026, 12, 31, 4, tzinfo=UTC) - left * DAY
    )
    assert found.health is health
    assert found.finding[0] == "working days are known until 2026-12-31"
    assert last_day() == date(2026, 12, 31)
