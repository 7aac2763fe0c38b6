"""What is signed, and whose signature is believed: each check of a certificate fails alone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.unit.channels.unionpay.conftest import NOW, Ends

from anfu.channels.keyfiles import KeyFiles
from anfu.channels.unionpay.certificates import OWNER, Authorities, trusted_key
from anfu.channels.unionpay.member import MIDDLE, ROOT
from anfu.channels.unionpay.signing import sign, signed_bytes, verify
from anfu.kernel.errors import Refused

DAY = timedelta(days=1)
CN = f"041@8310000000083040@{OWNER}@00016495"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
CURVE = ec.generate_private_key(ec.SECP256R1())


def certificate(
    names: list[str],
    by: tuple[RSAPrivateKey, x509.Certificate] | None,
    *,
    key: RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY,
    authority: bool | None = False,
    start: datetime = NOW - DAY,
    end: datetime = NOW + DAY,
) -> x509.Certificate:
    """One for KEY, or for `key`; issued by itself when by nobody."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by[1].subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if authority is not None:
        constraints = x509.BasicConstraints(ca=authority, path_length=None)
        builder = builder.add_extension(constraints, critical=True)
    return builder.sign(KEY if by is None else by[0], SHA256())


ROOTED = certificate(["root"], None, authority=True)
MID = certificate(["middle"], (KEY, ROOTED), authority=True)
LEAF = certificate([CN], (KEY, MID))
TRUST = Authorities([MID], [ROOTED])


def pem(*certificates: x509.Certificate) -> str:
    return "".join(c.public_bytes(Encoding.PEM).decode() for c in certificates)


def refused(text: str, trust: Authorities = TRUST, now: datetime = NOW) -> None:
    with pytest.raises(Refused) as refusal:
        trusted_key(text, trust, now=now)
    assert (refusal.value.code, refusal.value.field) == ("message_forged", "signPubKeyCert")


def test_the_text_is_the_sorted_fields_without_empty_ones_and_signature() -> None:
    fields = {"txnType": "01", "b": "2", "B": "1", "empty": "", "signature": "x", "respMsg": "成功"}
    text = "B=1&b=2&respMsg=成功&txnType=01"
    assert signed_bytes(fields) == hashlib.sha256(text.encode()).hexdigest().encode()
    assert signed_bytes(dict(reversed(fields.items()))) == signed_bytes(fields)


def test_a_certificate_of_the_network_is_trusted() -> None:
    assert trusted_key(pem(LEAF), TRUST, now=NOW) == KEY.public_key()
    assert trusted_key(pem(LEAF).replace("\n", "\r\n"), TRUST, now=NOW) == KEY.public_key()


def test_an_expired_certificate_is_refused_at_each_place_of_the_chain() -> None:
    refused(pem(LEAF), now=NOW + DAY + timedelta(seconds=1))
    refused(pem(LEAF), now=NOW - DAY - timedelta(seconds=1))
    refused(pem(certificate([CN], (KEY, MID), end=NOW - timedelta(seconds=1))))
    refused(pem(certificate([CN], (KEY, MID), start=NOW + timedelta(seconds=1))))
    old_middle = certificate(
        ["middle"], (KEY, ROOTED), authority=True, end=NOW - timedelta(seconds=1)
    )
    refused(pem(LEAF), Authorities([old_middle], [ROOTED]))
    old_root = certificate(["root"], None, authority=True, end=NOW - timedelta(seconds=1))
    refused(pem(LEAF), Authorities([MID], [old_root]))


def test_a_self_made_certificate_is_refused() -> None:
    refused(pem(certificate([CN], None)))
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    # The same names all the way up, another key.
    refused(pem(certificate([CN], (other, MID), key=other)))
    refused(pem(LEAF), Authorities([MID], [certificate(["other"], None, authority=True)]))
    refused(pem(LEAF), Authorities([], []))


def test_only_an_authority_issues_and_it_signs_no_messages() -> None:
    refused(pem(certificate([CN], (KEY, LEAF))), Authorities([LEAF], [MID]))
    unsaid = certificate(["middle"], (KEY, ROOTED), authority=None)
    refused(pem(certificate([CN], (KEY, unsaid))), Authorities([unsaid], [ROOTED]))
    refused(pem(certificate([CN], (KEY, MID), authority=True)))


@pytest.mark.parametrize(
    "names",
    [
        ["041@8310000000083040@别家有限公司@00016495"],
        [f"041@{OWNER}@8310000000083040@00016495"],
        [OWNER],
        [f"x@y@{OWNER}有限"],
        [CN, CN],
        ["041@8310000000083040"],
    ],
)
def test_the_cn_names_unionpay_in_its_third_part(names: list[str]) -> None:
    refused(pem(certificate(names, (KEY, MID))))


def test_other_owners_are_taken_only_by_configuration() -> None:
    test_system = pem(certificate(["049@G@00040000:SIGN@1"], (KEY, MID)))
    refused(test_system)
    named = replace(TRUST, owners=(OWNER, "00040000:SIGN"))
    assert trusted_key(test_system, named, now=NOW) == KEY.public_key()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        pem(LEAF, MID),
        pem(LEAF) + " " * 9000,
        pem(certificate([CN], (KEY, MID), key=SMALL)),
        pem(certificate([CN], (KEY, MID), key=CURVE)),
    ],
)
def test_what_is_not_one_certificate_with_a_fit_key_is_refused(text: str) -> None:
    refused(text)


def test_old_and_new_authorities_are_taken_while_both_are_in_the_files(
    ends: Ends, tmp_path: Path
) -> None:
    def write(name: str, text: str) -> None:
        (tmp_path / name).write_text(text)

    old = ends.member.authorities
    write(MIDDLE, pem(MID, *old.middles))
    write(ROOT, pem(*old.roots, ROOTED))
    keys = KeyFiles(tmp_path)
    both = replace(ends.member, keys=keys).authorities
    trusted_key(pem(LEAF), both, now=NOW)
    trusted_key(ends.network.own.pem, both, now=NOW)
    write(MIDDLE, pem(MID))
    write(ROOT, pem(ROOTED))
    new = replace(ends.member, keys=keys).authorities
    trusted_key(pem(LEAF), new, now=NOW)
    refused(ends.network.own.pem, new)


FIELDS = {"merId": "1", "txnAmt": "100", "signMethod": "01", "signPubKeyCert": pem(LEAF)}


def test_a_signature_holds_for_exactly_these_fields() -> None:
    signed = sign({**FIELDS, "empty": ""}, KEY)
    assert "empty" not in signed
    verify(signed, TRUST, now=NOW)
    verify({**signed, "empty": ""}, TRUST, now=NOW)
    for change in (
        {"txnAmt": "101"},
        {"more": "1"},
        {"merId": ""},
        {"signature": signed["signature"][:-4] + "AAA="},
        {"signature": ""},
        {"signature": "!"},
        {"signMethod": "11"},
        {"signMethod": ""},
    ):
        with pytest.raises(Refused) as refusal:
            verify({**signed, **change}, TRUST, now=NOW)
        assert refusal.value.code == "message_forged"
