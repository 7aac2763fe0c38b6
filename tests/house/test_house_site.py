"""The documentation site: every paper is in it, and every link in it leads somewhere."""

from __future__ import annotations

import hashlib
import hmac
import re
import sys
import time
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from anfu.channels.webhooks import sign_webhook

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built elsewhere than where it is served from."""
    sys.path.insert(0, str(DOCS))
    try:
        import build_site  # noqa: PLC0415
    finally:
        sys.path.remove(str(DOCS))
    target: Path = tmp_path_factory.mktemp("site")
    build_site.TARGET = target
    build_site.main()
    return target


def test_every_paper_is_in_one_chapter() -> None:
    chapters = tomllib.loads((DOCS / "contents.toml").read_text("utf-8"))["chapter"]
    listed = [paper for chapter in chapters for paper in chapter["papers"]]
    written = {
        str(path.relative_to(DOCS).with_suffix(""))
        for path in DOCS.rglob("*.md")
        if path.parent.name != "decisions"
    }
    assert sorted(listed) == sorted(written)


def test_every_link_leads_to_a_page(site: Path) -> None:
    pages = {str(path.relative_to(site).with_suffix("")): path for path in site.rglob("*.html")}
    dead = [
        (name, target)
        for name, path in pages.items()
        for target in re.findall(
            r'(?:href|src|data-words)="/docs/?([^"#]*)', path.read_text("utf-8")
        )
        if target and target not in pages and not (site / target).is_file()
    ]
    assert dead == []
    assert len(pages) > 60


def test_no_page_speaks_to_anybody_else(site: Path) -> None:
    for path in site.rglob("*.html"):
        loaded = re.findall(
            r'(?:src|data-words)="([^"]*)"|<link[^>]*href="([^"]*)"', path.read_text()
        )
        assert all((a or b).startswith("/docs/assets/") for a, b in loaded)


def test_the_paper_s_check_of_a_webhook_is_right() -> None:
    (code,) = re.findall(
        r"```python\n(import hashlib.*?)```", (DOCS / "integrate.md").read_text(), re.S
    )
    taught: dict[str, Any] = {"hashlib": hashlib, "hmac": hmac, "time": time}
    exec(code, taught)
    secret, body = b"whsec_1", b'{"id": "evt_1"}'
    header = sign_webhook([b"another", secret], body, now=datetime.now(UTC))
    old = sign_webhook([secret], body, now=datetime.fromtimestamp(time.time() - 400, UTC))
    assert taught["good"](secret, header, body) is True
    assert taught["good"](secret, header, body + b" ") is False
    assert taught["good"](b"wrong", header, body) is False
    assert taught["good"](secret, old, body) is False
