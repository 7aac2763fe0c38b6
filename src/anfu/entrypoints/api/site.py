"""The built pages of a front end (`web/…`), as `make web` has written them to `pages/`.

A page is never kept by a cache and carries a nonce of its own for the styles it makes; files under
`assets` bear the digest of their content in their name and are kept for ever. Everything is read
once, when the process starts, and nothing else is served, whatever a path says.
"""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from anfu.kernel.ids import Entropy

PLACE = b"__NONCE__"
_BROTLI = ".br"
_PAGES = resources.files("anfu.entrypoints.api") / "pages"
_KINDS = {
    ".js": b"text/javascript; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".png": b"image/png",
    ".json": b"application/json",
    ".woff2": b"font/woff2",
}
_NO_PAGE = "There is no such page.\n页面不存在。\n"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"accept-encoding"),
)
_MISSING = "The pages have not been built: run `make web`.\n页面尚未构建：请运行 `make web`。\n"


@dataclass(frozen=True)
class File:
    """A file as it is sent: its bytes, and the same in Brotli where the build has left it."""

    kind: bytes
    plain: bytes
    brotli: bytes | None

    @cached_property
    def packed(self) -> bytes:
        """gzip."""
        return gzip.compress(self.plain, 9, mtime=0)

    def sent(self, accepted: bytes) -> tuple[bytes | None, bytes]:
        """The encoding, None for none, and the bytes, by an Accept-Encoding (RFC 9110)."""
        names = {part.partition(b";")[0].strip() for part in accepted.split(b",")}
        if b"br" in names and self.brotli is not None:
            return b"br", self.brotli
        return (b"gzip", self.packed) if b"gzip" in names else (None, self.plain)


class Site:
    """What is served below `/name`, the folder of that name in `pages`. `policy` is the
    Content-Security-Policy, in which `__NONCE__` stands for the nonce of a page, `more` the headers
    pages have besides. One page (`index.html`) at every address, or `many`: one at each."""

    def __init__(
        self,
        name: str,
        policy: bytes,
        entropy: Entropy,
        more: tuple[tuple[bytes, bytes], ...] = (),
        *,
        many: bool = False,
    ) -> None:
        self._policy, self._entropy, self._more = policy, entropy, more
        self._prefix, self._many = f"/{name}", many
        self._pages, self._assets = _read(name)

    @property
    def routes(self) -> list[Route]:
        """Every address below the prefix."""
        return [Route(self._prefix, self), Route(f"{self._prefix}/{{page:path}}", self)]

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
        if scope["method"] not in ("GET", "HEAD"):
            await _send(send, 405, b"text/plain", b"", [(b"allow", b"GET, HEAD")])
        elif "/assets/" in path:
            await self._asset(send, path.rpartition("/assets/")[2], accepted)
        elif not self._pages:
            await _send(send, 503, b"text/plain; charset=utf-8", _MISSING.encode(), [_ONCE])
        else:
            await self._fresh(send, path.removeprefix(self._prefix).strip("/"))

    async def _asset(self, send: Send, name: str, accepted: bytes) -> None:
        file = self._assets.get(name)
        if file is None:
            await _send(send, 404, b"text/plain", b"", [_ONCE])
            return
        headers = [(b"cache-control", b"public, max-age=31536000, immutable")]
        encoding, content = file.sent(accepted)
        if encoding is not None:
            headers.append((b"content-encoding", encoding))
        await _send(send, 200, file.kind, content, headers)

    async def _fresh(self, send: Send, name: str) -> None:
        page = self._pages.get(name or "index") if self._many else self._pages["index"]
        if page is None:
            await _send(send, 404, b"text/plain; charset=utf-8", _NO_PAGE.encode(), [_ONCE])
            return
        nonce = urlsafe_b64encode(self._entropy.bytes(18))
        policy = self._policy.replace(PLACE, nonce)
        headers = [(b"content-security-policy", policy), *self._more, _ONCE]
        kind = b"text/html; charset=utf-8"
        await _send(send, 200, kind, page.replace(PLACE, nonce), headers)


_ONCE = (b"cache-control", b"no-store")


@cache
def _read(name: str) -> tuple[Mapping[str, bytes], Mapping[str, File]]:
    """The pages by their place below the prefix, and the assets by name."""
    folder = Path(str(_PAGES / name))
    pages = {
        str(page.relative_to(folder).with_suffix("")): page.read_bytes()
        for page in folder.rglob("*.html")
    }
    assets = {
        file.name: File(_KINDS[file.suffix], file.read_bytes(), _brotli(file))
        for file in folder.glob("assets/*")
        if file.suffix != _BROTLI
    }
    return pages, assets


def _brotli(file: Path) -> bytes | None:
    packed = file.with_name(file.name + _BROTLI)
    return packed.read_bytes() if packed.exists() else None


async def _send(
    send: Send, status: int, kind: bytes, body: bytes, more: list[tuple[bytes, bytes]]
) -> None:
    headers = [
        *_HEADERS, *more, (b"content-type", kind), (b"content-length", b"%d" % len(body)),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
