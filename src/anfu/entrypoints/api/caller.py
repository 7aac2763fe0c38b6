"""Who is calling: the key behind a request, proven by a signature or, for reads, by its secret.

1. A request with `Anfu-Signature` is proven by it, over method, path, idempotency key and body.
2. Otherwise a read (GET) may carry the secret itself: `Authorization: Bearer key_….sk_…`.
3. A write without a signature is refused: a captured secret alone moves no money.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime

from anfu.kernel.errors import Refused
from anfu.parties import queries
from anfu.parties.apikey import ApiKey, Credential, parse_bearer, verify_bearer, verify_signed
from anfu.parties.keyring import KeyRing
from anfu.parties.signature import SignedRequest
from anfu.storage.database import Database

# A revoked key stops within this time. Keys are read from the database once in it.
FRESH_S = 1.0
# Beyond it the oldest are forgotten: names made up cost no memory.
_MOST = 4096


class Callers:
    """Looks keys up, remembering for `FRESH_S` what was found, and what was not: otherwise the time
    an answer takes would tell which keys there are."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._known: dict[str, tuple[float, Credential | None]] = {}
        self._reading: dict[str, asyncio.Future[Credential | None]] = {}

    async def identify(
        self, headers: Mapping[bytes, bytes], request: SignedRequest, *, now: datetime
    ) -> ApiKey:
        """The caller's key. Raises Refused: authorization_missing, authorization_malformed,
        key_unknown, key_revoked, key_expired, signature_required, signature_malformed,
        signature_expired, signature_invalid."""
        signature = headers.get(b"anfu-signature")
        if signature is not None:  # 1
            key = _ascii(headers.get(b"anfu-key", b""), "Anfu-Key")
            header = _ascii(signature, "Anfu-Signature")
            credential = await self._find(key)
            return verify_signed(credential, header=header, request=request, now=now)
        authorization = headers.get(b"authorization")
        if authorization is None:
            raise Refused("authorization_missing", field="Authorization")
        if request.method not in ("GET", "HEAD"):  # 3
            raise Refused("signature_required", field="Anfu-Signature")
        bearer = parse_bearer(_ascii(authorization, "Authorization"))  # 2
        credential = await self._find(bearer.key_id)
        return verify_bearer(credential, secret=bearer.secret, now=now)

    async def _find(self, key: str) -> Credential | None:
        known = self._known.get(key)
        if known is not None and time.monotonic() - known[0] < FRESH_S:
            return known[1]
        # However many requests find the key stale at once, it is read once.
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.ensure_future(self._read(key))
            reading.add_done_callback(lambda _: self._reading.pop(key, None))
        return await asyncio.shield(reading)

    async def _read(self, key: str) -> Credential | None:
        self._known.pop(key, None)
        since = time.monotonic()
        async with self._database.transaction(readonly=True) as tx:
            found = (await queries.find_credentials(tx, [key], ring=self._ring)).get(key)
        self._known[key] = (since, found)
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]
        return found


def _ascii(value: bytes, field: str) -> str:
    text = value.decode("latin-1")
    if not (text.isascii() and text.isprintable()):
        raise Refused("header_invalid", field=field)
    return text
