"""The file of networks and routes: what it says, and what it cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.app.networks import Means, check_routes, open_lines, read_plan, with_sandbox
from anfu.channels.port import Scene
from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.kernel.clock import SystemClock
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy
from anfu.payments.route import Route

GOOD = """
[channels.spare]
network = "sandbox"
member = { url = "http://127.0.0.1:9" }
[[routes.card]]
channel = "sandbox"
cost_bp = 38
scenes = ["ON_FILE"]
[[routes.card]]
channel = "spare"
least = 100
currencies = ["CNY"]
"""
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
MEANS = Means(SystemClock(), SeededEntropy(1), Identity("anfu", KEY, NETWORK, KEY.public_key()))


def refusal(work: object, *given: object) -> tuple[str, str | None]:
    assert callable(work)
    with pytest.raises(Refused) as caught:
        work(*given)
    return caught.value.code, caught.value.field


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "channels.toml"
    file.write_text(text, "utf-8")
    return file


async def test_channels_and_routes_are_read(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path, GOOD))
    assert plan.routes == {
        "card": (
            Route("sandbox", frozenset({Scene.ON_FILE}), cost_bp=38),
            Route("spare", least=100, currencies=frozenset({"CNY"})),
        )
    }
    lines = open_lines(with_sandbox(plan, "http://127.0.0.1:8"), MEANS)
    assert sorted(lines) == ["sandbox", "spare"]
    check_routes(plan, lines)
    for line in lines.values():
        for close in line.closes:
            await close()
    assert open_lines(read_plan(None), MEANS) == {}
    assert refusal(check_routes, plan, {"spare": None}) == (
        "setting_invalid",
        "routes.card.channel",
    )


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("[channels.x]\nnetwork = 'carrier pigeon'", "channels.x.network"),
        ("[channels.x]\nnetwork = 'sandbox'\nspeed = 1", "ANFU_CHANNELS"),
        ("[[routes.card]]\ncost_bp = 1", "ANFU_CHANNELS"),
        ("[[routes.card]]\nchannel = 'x'\nscenes = ['MOON']", "ANFU_CHANNELS"),
        ("not toml", "ANFU_CHANNELS"),
        ("[channels.balance]\nnetwork = 'sandbox'", "channels.balance"),
        ('[channels."a/b"]\nnetwork = "sandbox"', "channels.a/b"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, text: str, field: str) -> None:
    assert refusal(read_plan, written(tmp_path, text)) == ("setting_invalid", field)


def test_a_file_that_is_not_there_and_a_member_without_an_address(tmp_path: Path) -> None:
    assert refusal(read_plan, tmp_path / "none.toml") == ("setting_invalid", "ANFU_CHANNELS")
    plan = read_plan(written(tmp_path, "[channels.x]\nnetwork = 'sandbox'"))
    assert refusal(open_lines, plan, MEANS) == ("setting_invalid", "sandbox.url")
