"""The first load of the console on a slow line and a slow machine: how much, and how soon.

`pytest -s` prints the figures. Bytes are held to their bound here, times are not.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.browser.console.staff import Office, office

__all__ = ["office"]  # the fixture
pytestmark = pytest.mark.slow
MOST_BYTES = 500_000
# Fast 3G as Chromium's developer tools have it, and four times less of a processor.
LINE = {"offline": False, "latency": 562.5, "downloadThroughput": 1.6e6 / 8 * 0.9,
        "uploadThroughput": 750e3 / 8 * 0.9}  # fmt: skip
SLOWER = 4
# Tasks over 50 ms keep a page from answering (W3C Long Tasks).
_WATCH = """window.busyUntil = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((task) => {
        window.busyUntil = Math.max(window.busyUntil, task.startTime + task.duration);
    })).observe({type: "longtask", buffered: true});"""
_QUIET_MS = 2_000


async def load(page: Any, url: str, there: str) -> dict[str, int]:
    """`there_ms`: until what was waited for stands there, for which `bytes` have come; `usable_ms`:
    until after that no task of over 50 ms begins for two seconds while the line is idle, when
    `bytes_in_all` have: charts, and pages fetched ahead."""
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await line.send("Network.emulateNetworkConditions", LINE)
    await line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    sizes: list[int] = []
    line.on("Network.loadingFinished", lambda e: sizes.append(int(e["encodedDataLength"])))
    await page.add_init_script(_WATCH)
    await page.goto(url, wait_until="commit")
    await page.wait_for_selector(there)
    there_ms, needed = await page.evaluate("performance.now()"), sum(sizes)
    await page.wait_for_load_state("networkidle")
    busy_ms, before = await page.evaluate("window.busyUntil"), -1.0
    while busy_ms != before:
        await page.wait_for_timeout(_QUIET_MS)
        before, busy_ms = busy_ms, await page.evaluate("window.busyUntil")
    usable_ms = max(there_ms, busy_ms)
    return {"there_ms": round(there_ms), "usable_ms": round(usable_ms), "bytes": needed,
            "bytes_in_all": sum(sizes)}  # fmt: skip


async def test_the_first_load_is_small_and_says_how_long_it_took(office: Office) -> None:
    reader, member = await office.person("zhou", "reviewer")
    await reader.close()
    there = {"overview": ("", ".targets .ant-card"), "payments": ("payments", "tbody")}
    figures = {"sign-in": await load(await office.page(), f"{office.origin}/console/", "#login")}
    for name, (path, shown) in there.items():
        page = await office.enter(member)
        figures[name] = await load(page, f"{office.origin}/console/{path}", shown)
    print(json.dumps(figures))
    large = {name: one for name, one in figures.items() if one["bytes_in_all"] >= MOST_BYTES}
    assert large == {}
