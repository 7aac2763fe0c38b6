"""Sends notices through apprise, which is synchronous: in threads of its own, within a time.

apprise writes what it does into a log of its own; a URL with its token could get there, so that
log is closed. It is asked to keep nothing on disk and to follow no redirect.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import apprise

from anfu.channels.notices.target import Target
from anfu.kernel.errors import Refused
from anfu.storage.transaction import forbid_open_transaction

TIMEOUT_S = 10.0
_THREADS = 4
# Of one connection; both together end a thread before the next attempt at the same notice.
_CONNECT_S, _READ_S = 4.0, 5.0
_ASSET = apprise.AppriseAsset(app_id="Anfu", app_desc="Anfu 安付", async_mode=False)
_ASSET.http_redirects = False


class NoticeSender:
    """Sends to `targets`, which `check_targets` has passed; `aclose` when done."""

    def __init__(self, targets: Sequence[Target], *, timeout_s: float = TIMEOUT_S) -> None:
        if targets:
            _prepare()
        self._targets = {target.id: target for target in targets}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="notice")
        self._timeout_s = timeout_s

    def __contains__(self, target: str) -> bool:
        return target in self._targets

    async def send(self, target: str, title: str, text: str) -> str | None:
        """None when the other end has taken it, else why it was not, in a few words of ours."""
        forbid_open_transaction()
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._threads, self._send, self._targets[target], title, text)
        try:
            async with asyncio.timeout(self._timeout_s):
                return None if await work else "not taken"
        except TimeoutError:
            return f"no answer within {self._timeout_s:g} s"

    async def aclose(self) -> None:
        """Let go of the threads; one that still waits for an answer ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _send(self, target: Target, title: str, text: str) -> bool:
        line = _line(target)
        assert line is not None
        line.socket_connect_timeout, line.socket_read_timeout = _CONNECT_S, _READ_S
        return bool(line.notify(body=text, title=title))


def check_targets(targets: Sequence[Target]) -> None:
    """Raises Refused("setting_invalid") with the place of a URL that apprise does not know, never
    its text."""
    if targets:
        _prepare()
    for place, target in enumerate(targets, start=1):
        if _line(target) is None:
            raise Refused("setting_invalid", field="ANFU_NOTICE_URLS", place=place)


def _prepare() -> None:
    """apprise reads its plugins when the first URL is looked at; one of them makes the standard
    library warn of a module that Python 3.13 drops and that it can do without."""
    logging.getLogger("apprise").disabled = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apprise.Apprise.instantiate("json://127.0.0.1", asset=_ASSET)


def _line(target: Target) -> apprise.NotifyBase | None:
    found = apprise.Apprise.instantiate(target.url, asset=_ASSET, suppress_exceptions=True)
    return found if isinstance(found, apprise.NotifyBase) else None
