"""The payers' pages as they are handed out: what they load bears its digest, and is not much."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re

from tests.journey.conftest import House

PAGES = ("/pay/chk_1", "/pay/chk_1/code", "/code/1.x", "/code/1.x/show", "/checkout/confirm")
LOADED = re.compile(r'<(?:script|link)[^>]*(?:src|href)="(/checkout/assets/[^"]+)"[^>]*>')
MOST_BYTES = 120_000


async def test_every_page_loads_its_own_files_by_their_digests(house: House) -> None:
    pages = [await house.http.get(path) for path in PAGES]
    assert len({page.content for page in pages}) == 1
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy and "nonce" not in policy
        for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
            assert part in policy
        assert page.headers["cache-control"] == "no-store"
    total = len(pages[0].content)
    loaded = {tag[1]: tag[0] for tag in LOADED.finditer(pages[0].text)}
    assert {address.rpartition(".")[2] for address in loaded} == {"js", "css", "svg"}
    for address, tag in loaded.items():
        file = await house.http.get(address)
        total += len(gzip.compress(file.content, 9))
        if not address.endswith(".svg"):
            digest = base64.b64encode(hashlib.sha384(file.content).digest()).decode()
            assert f'integrity="sha384-{digest}"' in tag
        sdk = re.search(r"/checkout/assets/device-[\w-]+\.js", file.text)
        if sdk is not None:
            found = await house.http.get(sdk[0])
            total += len(gzip.compress(found.content, 9))
            digest = base64.b64encode(hashlib.sha384(found.content).digest()).decode()
            assert f"sha384-{digest}" in file.text
    assert 60_000 < total < MOST_BYTES


async def test_there_is_nothing_in_the_page_itself_that_runs(house: House) -> None:
    text = (await house.http.get("/pay/chk_1")).text
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style|\bstyle=|\bon[a-z]+=", text) == []
    assert re.findall(r"https?://", text) == []
