"""Who is calling: a key, proven by a signature or, for reads, by its secret; or a member of the
staff, by a session.

1. A request with `Anfu-Signature` is proven by it, over method, path, idempotency key and body.
2. Otherwise a read (GET) may carry the secret itself: `Authorization: Bearer key_….sk_…`.
3. A write without a signature is refused: a captured secret alone moves no money.
4. With `v2` the signature has a nonce, which is spent: the same request is not good again.
5. Whoever has proven a key must be where the key may be used.
6. Without any of these a cookie is looked at (`cookie.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from anfu.entrypoints.api.gate import Gate
from anfu.kernel.clock import Clock
from anfu.kernel.errors import BrokenInvariant, Refused
from anfu.parties.apikey import (
    Credential,
    check_origin,
    parse_bearer,
    verify_bearer,
    verify_once,
    verify_signed,
)
from anfu.parties.caller import Caller
from anfu.parties.keyring import KeyRing
from anfu.parties.keys import queries
from anfu.parties.keys.operations import spend_nonces
from anfu.parties.nonce import is_nonced
from anfu.parties.signature import SignedRequest
from anfu.storage.database import Database
from anfu.storage.transaction import Tx

# A revoked key stops within this time. Keys are read from the database once in it.
FRESH_S = 1.0
# Beyond it the oldest are forgotten: names made up cost no memory.
_MOST = 4096


class Callers:
    """Looks keys up, remembering for `FRESH_S` what was found, and what was not: otherwise the time
    an answer takes would tell which keys there are."""

    def __init__(self, database: Database, ring: KeyRing, clock: Clock) -> None:
        self._database = database
        self._ring = ring
        self._clock = clock
        self._spending: Gate[tuple[str, str], bool] = Gate(self._spend, lanes=2, most=128)
        self._known: dict[str, tuple[float, Credential | None]] = {}
        self._reading: dict[str, asyncio.Future[Credential | None]] = {}

    async def identify(
        self, headers: Mapping[bytes, bytes], request: SignedRequest, address: str, *, now: datetime
    ) -> Caller | None:
        """Whose key it is; None when the request brings nothing to prove one with but, perhaps, a
        cookie. Raises Refused: authorization_missing, authorization_malformed,
        key_unknown, key_revoked, key_expired, signature_required, signature_malformed,
        signature_expired, signature_invalid, signature_replayed, nonce_required,
        address_not_allowed."""
        signature = headers.get(b"anfu-signature")
        if signature is not None:  # 1
            key = _ascii(headers.get(b"anfu-key", b""), "Anfu-Key")
            header = _ascii(signature, "Anfu-Signature")
            credential = await self._find(key)
            if not is_nonced(header):
                verify_signed(credential, header=header, request=request, now=now)
                return _caller(credential, address)
            nonce = verify_once(credential, header=header, request=request, now=now)
            caller = _caller(credential, address)
            if not await self._spending.submit((key, nonce)):
                raise Refused("signature_replayed", field="Anfu-Signature")
            return caller
        authorization = headers.get(b"authorization")
        if authorization is None and b"cookie" in headers:
            return None  # 6
        if authorization is None:
            raise Refused("authorization_missing", field="Authorization")
        if request.method not in ("GET", "HEAD"):  # 3
            raise Refused("signature_required", field="Anfu-Signature")
        bearer = parse_bearer(_ascii(authorization, "Authorization"))  # 2
        credential = await self._find(bearer.key_id)
        verify_bearer(credential, secret=bearer.secret, now=now)
        return _caller(credential, address)

    async def _spend(self, nonces: Sequence[tuple[str, str]]) -> Sequence[bool]:
        async def work(tx: Tx) -> list[bool]:
            return await spend_nonces(tx, nonces=nonces, now=self._clock.wall())

        return await self._database.run(work)

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


def _caller(credential: Credential | None, address: str) -> Caller:
    """Whose key it is, once that it is one has been verified."""
    if credential is None:
        raise BrokenInvariant("no key was verified")
    check_origin(credential, address)
    return credential.caller


def _ascii(value: bytes, field: str) -> str:
    text = value.decode("latin-1")
    if not (text.isascii() and text.isprintable()):
        raise Refused("header_invalid", field=field)
    return text
