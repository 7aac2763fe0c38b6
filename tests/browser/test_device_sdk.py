"""The built SDK in a real Chromium: what it signs is accepted, known again, and no cookie is
enough. Needs Chromium, Playwright, and `npm ci && npm run build` in `web/device`."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright
from tests.journey.conftest import House, house, policy
from tests.journey.test_devices import codes, open_session, send

__all__ = ["house", "policy"]
BUNDLE = Path(__file__).parents[2] / "web/device/dist/device.js"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
PAGE = "http://localhost/"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BUNDLE.exists() or not Path(CHROMIUM).exists(), reason="nothing built"),
]


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[tuple[Any, list[str]]]:
    """A page with the SDK, in a browser whose storage is in `folder`; and what it asked for."""
    asked: list[str] = []

    async def serve(route: Any) -> None:
        url = route.request.url
        if url == PAGE:
            body = "<!doctype html><body><script src=/device.js></script>"
            await route.fulfill(body=body, content_type="text/html")
        elif url == PAGE + "device.js":
            await route.fulfill(body=BUNDLE.read_text("utf-8"), content_type="text/javascript")
        else:
            asked.append(url)
            await route.abort()

    async with async_playwright() as play:
        context = await play.chromium.launch_persistent_context(
            str(folder), executable_path=CHROMIUM, args=["--no-sandbox"], headless=True
        )
        await context.route("**/*", serve)
        page = await context.new_page()
        await page.goto(PAGE)
        yield page, asked
        await context.close()


async def visit(house: House, page: Any, payer: str = "alice") -> dict[str, Any]:
    session = await open_session(house.office, payer)
    signed = await page.evaluate("nonce => AnfuDevice.profile(nonce)", session["nonce"])
    return await send(house.office, session["id"], signed)


async def test_a_real_browser_is_known_again_by_its_key_and_seen_to_be_driven(
    house: House, tmp_path: Path
) -> None:
    async with browser(tmp_path / "one") as (page, asked):
        first = await visit(house, page)
        assert first["standing"] == "NEW", first
        assert {"AUTOMATION", "HEADLESS"} <= set(codes(first))
        await page.evaluate("device => AnfuDevice.remember(device)", first["device"])
        assert (await visit(house, page))["standing"] == "PROVEN"
        assert [url for url in asked if "favicon" not in url] == []
    async with browser(tmp_path / "one") as (page, _):  # started anew, with what it had stored
        again = await visit(house, page)
    assert (again["standing"], again["device"]) == ("PROVEN", first["device"])


async def test_the_cookie_of_one_browser_in_another_is_caught(house: House, tmp_path: Path) -> None:
    async with browser(tmp_path / "victim") as (page, _):
        victim = await visit(house, page)
    async with browser(tmp_path / "thief") as (page, _):
        await page.evaluate("device => AnfuDevice.remember(device)", victim["device"])
        stolen = await visit(house, page)
    assert (stolen["standing"], codes(stolen)) == ("REJECTED", ["COPIED_COOKIE"])


async def test_cleared_storage_leaves_a_real_browser_alike(house: House, tmp_path: Path) -> None:
    async with browser(tmp_path / "before") as (page, _):
        before = await visit(house, page)
    async with browser(tmp_path / "after") as (page, _):
        after = await visit(house, page)
    assert (after["standing"], after["device"]) == ("ALIKE", before["device"])


async def test_the_key_cannot_be_taken_out(house: House, tmp_path: Path) -> None:
    async with browser(tmp_path / "one") as (page, _):
        await visit(house, page)
        said = await page.evaluate("""async () => {
            const open = indexedDB.open("anfu-device", 1);
            await new Promise((done) => (open.onsuccess = done));
            const get = open.result.transaction("keys").objectStore("keys").get("device");
            await new Promise((done) => (get.onsuccess = done));
            const key = get.result.privateKey;
            const out = (form) => crypto.subtle.exportKey(form, key).then(
                () => "exported", (error) => error.name);
            return [key.extractable, await out("pkcs8"), await out("jwk")];
        }""")
    assert said == [False, "InvalidAccessError", "InvalidAccessError"]


async def test_its_passing_frame_is_not_read_out_and_the_pages_own_are_left_alone(
    house: House, tmp_path: Path
) -> None:
    async with browser(tmp_path / "one") as (page, _):
        session = await open_session(house.office, "alice")
        passed, own = await page.evaluate(
            """async (nonce) => {
            const passed = [], own = document.createElement("iframe");
            own.style.opacity = "0";  // to be faded in
            own.srcdoc = "pay here";
            const said = (frame) => [frame.getAttribute("aria-hidden"), frame.tabIndex];
            new MutationObserver((changes) => changes.forEach((change) => {
                if (!own.isConnected) document.body.append(own);  // beside the first of the SDK's
                change.removedNodes.forEach((node) => passed.push(said(node)));
            })).observe(document.body, { childList: true });
            await AnfuDevice.profile(nonce);
            return [passed, said(own)];
        }""",
            session["nonce"],
        )
    assert passed == [["true", -1]]
    assert own == [None, 0]
