"""`anfu demo --keep`: a person is let in, every page of the console has something, and Ctrl-C ends
all of it."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.journey.simulation.test_simulation_demo import (
    ANFU,
    WITHIN_S,
    environment,
    processes_of,
    until,
)

from anfu.app.main import wire
from anfu.entrypoints.cli.demo_codes import code_of

PAGES = {
    "/v1/payments?state=IN_REVIEW": 7,
    "/v1/staff": 12,
    "/v1/staff_changes?state=OPEN": 1,
    "/v1/proposals?state=OPEN": 3,  # of a rule, a list and an account
    "/v1/limits/multipliers": 1,
    "/v1/merchant-applications": 1,
    "/v1/backtests": 1,
    "/v1/refunds?least=1": 1,
    "/v1/strays?state=RETURNED": 1,
    "/v1/firms": 1,
    "/v1/erasures": 1,
    "/v1/reconciliation-items?state=POSTED": 1,
    "/v1/settlements": 6,
    "/v1/payouts": 1,
    "/v1/reserve-checks": 5,
    "/v1/webhook_endpoints": 5,
    "/v1/deliveries?state=DEAD": 1,
    "/v1/deliveries?state=DELIVERED": 1,
    "/v1/feedback": 7,
    "/v1/requests": 20,
    "/v1/access-log": 20,
    "/v1/audit": 20,
}
"""At least so many of each on its page."""


@dataclass(frozen=True)
class Kept:
    """A demo that serves; what it has shown; a reader of its API."""

    demo: subprocess.Popen[bytes]
    shown: str
    home: Path
    http: httpx.Client

    def told(self, pattern: str) -> str:
        found = re.search(pattern, self.shown)
        assert found is not None, self.shown
        return found[1]

    def code(self, login: str) -> str:
        """What `anfu staff code` prints."""
        told = wire({"ANFU_HOME": str(self.home), "ANFU_DEVELOPMENT": "1"})
        return asyncio.run(code_of(told, login)).digits


@pytest.fixture
def kept(home: Path) -> Iterator[Kept]:
    home.mkdir(mode=0o711, exist_ok=True)
    shown = home / "shown"
    options = ["--seconds", "1", "--seed", "3", "--keep"]
    with shown.open("w") as output:
        demo = subprocess.Popen(
            [*ANFU, "demo", *options], env=environment(home), stdout=output, stderr=output
        )
    try:
        until(lambda: "serving until" in shown.read_text(), demo, within_s=2 * WITHIN_S)
        text = shown.read_text()
        base, bearer = (
            str(found[1]) for found in (re.search(r"API: (\S+)", text),
                                        re.search(r"Bearer (\S+)", text)) if found
        )  # fmt: skip
        headers = {"Authorization": f"Bearer {bearer}"}
        with httpx.Client(base_url=base, headers=headers, timeout=30) as http:
            yield Kept(demo, text, home, http)
    finally:
        demo.kill()
        demo.wait()


@pytest.mark.timeout(240)  # many processes and days, on a machine that does other things too
def test_every_page_is_alive_and_a_person_comes_in(kept: Kept) -> None:
    few = {path: found for path, least in PAGES.items() if (found := rows(kept, path)) < least}
    assert few == {}
    assert sorted(case["state"] for case in listed(kept, "/v1/cases"))[:3] == [
        "CLAIMED", "CLAIMED", "CONFIRMING",
    ]  # fmt: skip
    classes = {item["class"] for item in listed(kept, "/v1/reconciliation-items")}
    assert classes <= {"SHORT", "LONG", "FEE_MISMATCH", "AMOUNT_MISMATCH"}
    until(lambda: rows(kept, "/v1/models") == 2, kept.demo, within_s=2 * WITHIN_S)
    until(lambda: rows(kept, "/v1/proposals?state=OPEN") > 3, kept.demo, within_s=WITHIN_S)
    assert come_in(kept, "wang.fang") == ["finance"]
    kept.demo.send_signal(signal.SIGINT)
    assert kept.demo.wait(WITHIN_S) == 0
    assert processes_of(kept.home) == []


def listed(kept: Kept, path: str) -> list[dict[str, Any]]:
    answer = kept.http.get(path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


def rows(kept: Kept, path: str) -> int:
    return len(listed(kept, path))


def come_in(kept: Kept, login: str) -> list[str]:
    """Signed in with what the terminal shows; the roles of the session."""
    origin = kept.told(r"(http://localhost:\d+)/console")
    site = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    begun = kept.http.post("/v1/sign_in/begin", headers=site).json()
    form = {
        "ticket": begun["ticket"], "login": login,
        "password": kept.told(r"本次统一密码: (\S+)"),
        "code": kept.code(login),
    }  # fmt: skip
    answer = kept.http.post("/v1/sign_in", json=form, headers=site)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["staff"]["roles"])
