"""How a page looks and reads: screenshots in both languages, themes and widths, and axe-core."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
_SERIOUS = ("serious", "critical")
_DRAWN = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


async def look(page: Any, name: str) -> None:
    """No width is too narrow, and axe finds nothing serious, in either language and theme.
    Screenshots are left in the folder `ANFU_SCREENSHOTS`, where whoever looks at them says so."""
    folder = os.environ.get("ANFU_SCREENSHOTS")
    await page.evaluate(AXE.read_text("utf-8"))
    await page.emulate_media(reduced_motion="reduce")
    async for as_shown, size in _ways(page):
        wide = await page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{name} is wider than {size['width']}: {wide}"
        found = await page.evaluate("axe.run().then((said) => said.violations)")
        bad = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in _SERIOUS]
        assert bad == [], f"{name}-{as_shown}: {bad}"
        if folder is not None:
            shot = Path(folder) / f"{name}-{as_shown}-{size['width']}.png"
            await page.screenshot(path=shot, full_page=True)


async def _ways(page: Any) -> AsyncIterator[tuple[str, dict[str, int]]]:
    for _ in range(2):
        language = await page.evaluate("document.documentElement.lang")
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme)
            for size in (DESK, PHONE):
                await page.set_viewport_size(size)
                await page.evaluate(_DRAWN)
                yield f"{language}-{theme}", size
        await page.click("header button")
    await page.emulate_media(color_scheme="light")
