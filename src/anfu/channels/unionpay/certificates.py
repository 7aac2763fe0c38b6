"""Whose signature is believed: the certificate that comes with a message (signPubKeyCert). Pure.

Anybody can make a certificate, so nothing is verified by one before `trusted_key` has checked, in
this order:

1. it is one PEM certificate with an RSA key of at least 2048 bits;
2. it is issued by a configured middle certificate, and that by a configured root, both of them
   certificates of an authority (basic constraints); RSA with SHA-256 or longer, or with SHA-1
   where that is configured, because older certificates of UnionPay's authority still have it;
3. all three are valid now;
4. it is no authority itself, and the owner, the third part of its one CN
   (`041@8310000000083040@中国银联股份有限公司@00016495`), is a configured name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from anfu.kernel.errors import Refused

OWNER = "中国银联股份有限公司"
_FIELD = "signPubKeyCert"
_PEM_MAX = 8 * 1024
_ISSUED = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    }
)


@dataclass(frozen=True, slots=True)
class Authorities:
    """The configured certificates, several of a kind while they are changed; the owners whose
    certificates sign messages; whether a certificate may be issued with SHA-1."""

    middles: Sequence[x509.Certificate]
    roots: Sequence[x509.Certificate]
    owners: Sequence[str] = (OWNER,)
    sha1: bool = False


def trusted_key(pem: str, authorities: Authorities, *, now: datetime) -> RSAPublicKey:
    """The key of the certificate. Raises Refused("message_forged", field="signPubKeyCert")."""
    certificate, key = _read(pem)  # 1
    chain = _chain(certificate, authorities)  # 2
    valid = all(c.not_valid_before_utc <= now <= c.not_valid_after_utc for c in chain)  # 3
    if not valid or _is_authority(certificate) or owner(certificate) not in authorities.owners:  # 4
        raise _forged()
    return key


def owner(certificate: x509.Certificate) -> str | None:
    """The third part of its CN; None unless it has exactly one CN of at least three parts."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    parts = str(names[0].value).split("@") if len(names) == 1 else []
    return parts[2] if len(parts) > 2 else None


def _read(pem: str) -> tuple[x509.Certificate, RSAPublicKey]:
    try:
        if len(pem) > _PEM_MAX:
            raise ValueError("size")
        [certificate] = x509.load_pem_x509_certificates(pem.encode())
        key = certificate.public_key()
    except (ValueError, x509.UnsupportedGeneralNameType):
        raise _forged() from None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise _forged()
    return certificate, key


def _chain(leaf: x509.Certificate, authorities: Authorities) -> list[x509.Certificate]:
    for middle in authorities.middles:
        for root in authorities.roots:
            links = ((leaf, middle), (middle, root))
            if all(_issued(*link, sha1=authorities.sha1) for link in links):
                return [leaf, middle, root]
    raise _forged()


def _issued(certificate: x509.Certificate, issuer: x509.Certificate, *, sha1: bool) -> bool:
    algorithm, key = certificate.signature_algorithm_oid, issuer.public_key()
    known = algorithm in _ISSUED or (sha1 and algorithm == SignatureAlgorithmOID.RSA_WITH_SHA1)
    hashed = certificate.signature_hash_algorithm if known else None
    if hashed is None or certificate.issuer != issuer.subject or not _is_authority(issuer):
        return False
    try:
        if isinstance(key, RSAPublicKey):
            body = certificate.tbs_certificate_bytes
            key.verify(certificate.signature, body, PKCS1v15(), hashed)
            return True
    except InvalidSignature:
        pass
    return False


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _forged() -> Refused:
    return Refused("message_forged", field=_FIELD)
