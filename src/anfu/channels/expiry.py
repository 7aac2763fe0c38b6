"""Until when the certificates in a folder of key files (`keyfiles`) are good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from anfu.channels.keyfiles import NETWORK

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_PRIVATE = b"PRIVATE KEY-----"


def valid_until(folder: Path) -> dict[Path, datetime]:
    """The moment by each file with certificates, and by the folder `network`. The file with our own
    key is as good as its first certificate; of certificates that lie side by side, old and new in
    one file or in the folder, the last to end counts. What cannot be read has no moment."""
    own = sorted(path for path in folder.glob("*") if path.is_file())
    ends = {path: list(_ends(path)) for path in own}
    found = {
        path: moments[0] if _PRIVATE in path.read_bytes() else max(moments)
        for path, moments in ends.items()
        if moments
    }
    network = folder / NETWORK
    if moments := [end for path in network.glob("*") for end in _ends(path)]:
        found[network] = max(moments)
    return found


def _ends(path: Path) -> Iterator[datetime]:
    for pem in _PEM.findall(path.read_bytes()):
        try:
            yield x509.load_pem_x509_certificate(pem).not_valid_after_utc.astimezone(UTC)
        except ValueError:
            continue  # some of Alipay's roots for SM2 are not strict DER
