"""The network's certificates (平台证书): fetched, decrypted, kept beside the keys we have.

They are told apart from a forger's by the APIv3 key, which only the network and we have; the answer
that brings them must also be signed by a key we knew before or by one of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from anfu.channels.keyfiles import NETWORK
from anfu.channels.wechat.line import Line
from anfu.channels.wechat.member import v3_key
from anfu.channels.wechat.sealing import open_sealed, read_object
from anfu.channels.wechat.signing import verify
from anfu.kernel.errors import Outcome, OutsideFailure, Refused

PATH = "/v3/certificates"


@dataclass(frozen=True, slots=True)
class PlatformCertificate:
    """`serial` in upper-case hex, as the network's headers write it."""

    serial: str
    text: bytes
    key: RSAPublicKey


async def renew_certificates(line: Line, *, now: datetime) -> list[str]:
    """Keep every certificate that is valid now and not kept yet; returns their serials. Older ones
    stay. Raises OutsideFailure, Refused("message_…") for an answer that is not the network's."""
    reply = await line.send("GET", PATH)
    if reply.status != 200:
        raise OutsideFailure(Outcome.UNKNOWN, f"http_{reply.status}")
    key = v3_key(line.member)
    found = list(read_certificates(key, read_object(reply.body), now=now))
    known = line.member.keys.publics()
    verify({**known, **{c.serial: c.key for c in found}}, reply.headers, reply.body, now=now)
    fresh = [certificate for certificate in found if certificate.serial not in known]
    for certificate in fresh:
        _keep(line.member.keys.path(NETWORK), certificate)
    return [certificate.serial for certificate in fresh]


def read_certificates(
    key: bytes, value: Mapping[str, Any], *, now: datetime
) -> Iterator[PlatformCertificate]:
    """Those in an answer that are valid at `now`. Raises Refused."""
    listed = value.get("data")
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise Refused("message_malformed", field="data")
    for item in listed:
        text = open_sealed(key, item.get("encrypt_certificate"))
        try:
            certificate = x509.load_pem_x509_certificate(text)
        except ValueError:
            raise Refused("message_malformed", field="encrypt_certificate") from None
        public = certificate.public_key()
        serial = f"{certificate.serial_number:X}"
        if item.get("serial_no") != serial or not isinstance(public, RSAPublicKey):
            raise Refused("message_malformed", field="serial_no")
        if certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
            yield PlatformCertificate(serial, text, public)


def _keep(folder: Path, certificate: PlatformCertificate) -> None:
    """Written aside and renamed: nobody reads half of it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    staged = folder / f".{certificate.serial}.{os.getpid()}"
    staged.write_bytes(certificate.text)
    staged.replace(folder / f"{certificate.serial}.pem")
