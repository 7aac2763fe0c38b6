"""UnionPay's signatures against openssl: what we sign it verifies, what it signs we verify."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import SignatureAlgorithmOID
from tests.unit.channels.unionpay.conftest import NOW, NUMBER, ORDER, Ends, ends

from anfu.channels.unionpay.certificates import OWNER, Authorities, trusted_key
from anfu.channels.unionpay.messages import read_answer, read_form, write_answer, write_form
from anfu.channels.unionpay.scenes import pay_fields
from anfu.channels.unionpay.signing import sign, verify
from anfu.kernel.errors import Refused

__all__ = ["ends"]


def openssl(*words: str | Path, given: bytes = b"") -> bytes:
    command = ["openssl", *map(str, words)]
    run = subprocess.run(command, input=given, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


def plain_text(fields: dict[str, str]) -> str:
    """The text to sign, made here without the code under test."""
    names = sorted(name for name in fields if name != "signature" and fields[name])
    return "&".join(name + "=" + fields[name] for name in names)


def test_what_we_sign_openssl_verifies(ends: Ends, tmp_path: Path) -> None:
    key, certificate = ends.member.signer()
    signed = sign({**pay_fields(ends.member, ORDER), "certId": certificate}, key)
    hexed = openssl("dgst", "-sha256", "-r", given=plain_text(signed).encode()).split()[0]
    (tmp_path / "signature").write_bytes(base64.b64decode(signed["signature"]))
    (tmp_path / "public.pem").write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    check = ["dgst", "-sha256", "-verify", tmp_path / "public.pem", "-signature"]
    assert openssl(*check, tmp_path / "signature", given=hexed) == b"Verified OK\n"
    with pytest.raises(AssertionError):
        openssl(*check, tmp_path / "signature", given=hexed.upper())


def test_what_openssl_signs_we_verify(ends: Ends, tmp_path: Path) -> None:
    own = ends.network.own
    (tmp_path / "key.pem").write_bytes(
        own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    fields = {
        "orderId": NUMBER.replace("_", ""), "respMsg": "成功[0000000]", "signMethod": "01",
        "signPubKeyCert": own.pem, "reserved": "{a=1&b=2}",
    }  # fmt: skip
    hexed = hashlib.sha256(plain_text(fields).encode()).hexdigest().encode()
    signature = openssl("dgst", "-sha256", "-sign", tmp_path / "key.pem", given=hexed)
    signed = {**fields, "signature": base64.b64encode(signature).decode()}
    verify(read_form(write_form(signed)), ends.member.authorities, now=NOW)
    verify(read_answer(write_answer(signed)), ends.member.authorities, now=NOW)


def test_openssl_trusts_the_same_chain(ends: Ends, tmp_path: Path) -> None:
    authorities = ends.member.authorities
    for name, certificate in (
        ("root", authorities.roots[0]),
        ("middle", authorities.middles[0]),
        ("leaf", ends.network.own.certificate),
    ):
        (tmp_path / name).write_bytes(certificate.public_bytes(Encoding.PEM))
    at = ["-attime", str(int(NOW.timestamp()))]
    chain = ["-CAfile", tmp_path / "root", "-untrusted", tmp_path / "middle"]
    assert openssl("verify", *at, *chain, tmp_path / "leaf").endswith(b"leaf: OK\n")


def test_the_key_file_is_what_openssl_makes_of_a_pkcs12(ends: Ends, tmp_path: Path) -> None:
    pkcs12 = tmp_path / "acp_prod_sign.pfx"
    given = ends.folder / "sign.pem"
    password = ["-passout", "pass:000000"]
    openssl("pkcs12", "-export", "-in", given, "-inkey", given, "-out", pkcs12, *password)
    made = tmp_path / "sign.pem"
    openssl("pkcs12", "-in", pkcs12, "-nodes", "-passin", "pass:000000", "-out", made)
    made.chmod(0o600)
    keys = replace(ends.member, keys=type(ends.member.keys)(tmp_path))
    assert keys.signer()[1] == ends.member.signer()[1]


def test_certificates_issued_with_sha1_are_trusted_only_by_configuration(tmp_path: Path) -> None:
    """As those of UnionPay's authority were: sha1WithRSAEncryption."""
    days, names = ["-days", "3650"], ["root", "middle", f"041@Z1@{OWNER}@1"]
    authority = tmp_path / "authority.txt"
    authority.write_text("basicConstraints=critical,CA:TRUE\n")
    by: list[str | Path] = []
    for place, name in enumerate(names):
        key, request, made = (tmp_path / f"{place}.{end}" for end in ("key", "csr", "pem"))
        subject = ["-utf8", "-subj", f"/CN={name}"]
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request,
                *subject)  # fmt: skip
        extensions = ["-extfile", authority] if place < 2 else []
        signed_by = by or ["-signkey", key]
        openssl("x509", "-req", "-sha1", "-in", request, *signed_by, *extensions, *days, "-out",
                made, "-set_serial", "1")  # fmt: skip
        by = ["-CA", made, "-CAkey", key]
    root, middle, leaf = (
        x509.load_pem_x509_certificate((tmp_path / f"{n}.pem").read_bytes()) for n in range(3)
    )
    text, now = (tmp_path / "2.pem").read_text(), leaf.not_valid_before_utc + timedelta(days=1)
    assert leaf.signature_algorithm_oid == SignatureAlgorithmOID.RSA_WITH_SHA1
    with pytest.raises(Refused, match=r"message_forged \(signPubKeyCert\)"):
        trusted_key(text, Authorities([middle], [root]), now=now)
    allowed = Authorities([middle], [root], sha1=True)
    assert trusted_key(text, allowed, now=now) == leaf.public_key()
    with pytest.raises(Refused):
        trusted_key(text, Authorities([root], [middle], sha1=True), now=now)
