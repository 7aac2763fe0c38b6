"""The numbers Alipay calls certificates by (证书序列号, `…_cert_sn`). Pure.

A number is the MD5 of the issuer's name, its parts in reverse order as `CN=…,OU=…,O=…,C=…`, and
the serial in decimal. MD5 only names here, it protects nothing. The root file holds several roots,
some of them for SM2: only those signed with RSA count, joined by `_`.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from cryptography import x509

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_RSA = "1.2.840.113549.1.1."  # the arc of PKCS#1: every signature algorithm with RSA


def certificate_number(certificate: x509.Certificate) -> str:
    """The `app_cert_sn` or `alipay_cert_sn` of a certificate."""
    issuer = ",".join(
        f"{part.rfc4514_attribute_name}={part.value!s}"
        for name in reversed(certificate.issuer.rdns)
        for part in name
    )
    text = f"{issuer}{certificate.serial_number}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=8)
def root_number(content: bytes) -> str:
    """The `alipay_root_cert_sn` of a root file, "" when none of its roots was signed with RSA."""
    roots = [_read(pem) for pem in _PEM.findall(content)]
    return "_".join(
        certificate_number(root)
        for root in roots
        if root is not None and root.signature_algorithm_oid.dotted_string.startswith(_RSA)
    )


def _read(pem: bytes) -> x509.Certificate | None:
    """None for a root that cannot be read: Alipay's roots for elliptic curves are not strict DER,
    and they do not count."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        return None
