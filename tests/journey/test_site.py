"""The built pages as they are handed out."""

from __future__ import annotations

import gzip
import re

import httpx
import pytest
from tests.journey.conftest import House

CONSOLE = "/console/payments/pay_1"


@pytest.fixture
async def page(house: House) -> httpx.Response:
    return await house.office.http.get(CONSOLE)


async def test_every_page_has_a_nonce_of_its_own(house: House, page: httpx.Response) -> None:
    again = await house.office.http.get(CONSOLE)
    first, second = (_nonce(answer) for answer in (page, again))
    assert first != second
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count(f'nonce="{first}"') >= 2
    assert "__NONCE__" not in page.text


async def test_no_script_but_the_console_s_own_may_run(page: httpx.Response) -> None:
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert re.findall(r"https?:", policy) == []


async def test_a_file_is_kept_for_ever_and_sent_compressed(
    house: House, page: httpx.Response
) -> None:
    (script,) = re.findall(r'<script[^>]* src="([^"]+)"', page.text)
    packed = await house.office.http.get(script, headers={"accept-encoding": "gzip"})
    plain = await house.office.http.get(script, headers={"accept-encoding": "identity"})
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    length = len(gzip.compress(plain.content, 9, mtime=0))
    assert int(packed.headers["content-length"]) == length
    for accepted, encoding in (("gzip, deflate, br", "br"), ("br;q=1.0", "br"), ("bro", None)):
        sent = await house.office.http.get(script, headers={"accept-encoding": accepted})
        assert sent.headers.get("content-encoding") == encoding
        shorter = int(sent.headers["content-length"]) < length
        assert shorter is (encoding == "br")
        assert "accept-encoding" in sent.headers["vary"]


@pytest.mark.parametrize("name", ["nothing.js", "../index.html", "%2e%2e/index.html", ""])
async def test_nothing_else_is_served(house: House, name: str) -> None:
    answer = await house.office.http.get(f"/console/assets/{name}")
    assert answer.status_code == 404 or answer.headers["cache-control"] == "no-store"
    assert b"import " not in answer.content


async def test_a_page_is_only_read(house: House) -> None:
    answer = await house.office.http.post(CONSOLE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def _nonce(answer: httpx.Response) -> str:
    found = re.search(r"'nonce-([\w-]{24})'", answer.headers["content-security-policy"])
    assert found is not None
    return found[1]
