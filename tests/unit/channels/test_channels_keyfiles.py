"""Key files: read anew when they change, never when others may read them."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from anfu.channels.keyfiles import KeyFiles
from anfu.kernel.errors import Refused

ONE, TWO = (rsa.generate_private_key(65537, 1024) for _ in range(2))
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def pem(key: rsa.RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public(key: rsa.RSAPrivateKey, encoding: Encoding = Encoding.PEM) -> bytes:
    return key.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "network")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW, NOW + timedelta(1))
    return built.sign(key, SHA256()).public_bytes(Encoding.PEM)


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.parent.mkdir(exist_ok=True)
    staged = path.with_name("staged")
    staged.write_bytes(content)
    staged.chmod(mode)
    staged.replace(path)


def refusal(call: object, *given: str) -> tuple[str, str | None]:
    assert callable(call)
    with pytest.raises(Refused) as refused:
        call(*given)
    return refused.value.code, refused.value.field


def test_a_private_key_is_read_from_pem_or_bare_base64(tmp_path: Path) -> None:
    write(tmp_path / "pem", pem(ONE))
    der = ONE.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    write(tmp_path / "bare", base64.encodebytes(der))
    files = KeyFiles(tmp_path)
    for name in ("pem", "bare"):
        assert files.private(name).private_numbers() == ONE.private_numbers()


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    write(tmp_path / "key", pem(ONE))
    first = files.private("key")
    assert files.private("key") is first
    write(tmp_path / "key", pem(TWO))
    assert files.private("key").private_numbers() == TWO.private_numbers()
    (tmp_path / "key").unlink()
    assert refusal(files.private, "key") == ("key_file_invalid", str(tmp_path / "key"))


def test_what_others_may_read_is_refused_even_when_it_was_read_before(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    write(tmp_path / "key", pem(ONE))
    write(tmp_path / "secret", b" s3cret\n")
    assert files.secret("secret") == b"s3cret"
    files.private("key")
    for name, call in (("key", files.private), ("secret", files.secret)):
        (tmp_path / name).chmod(0o640)
        assert refusal(call, name) == ("key_file_open", str(tmp_path / name))


def test_old_and_new_keys_of_the_network_stand_side_by_side(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    assert files.publics() == {}
    write(tmp_path / "network/PUB_KEY_ID_1.pem", public(ONE), 0o644)
    write(tmp_path / "network/7A.crt", certificate(TWO), 0o644)
    write(tmp_path / "network/README", b"no key", 0o644)
    numbers = {name: key.public_numbers() for name, key in files.publics().items()}
    assert numbers == {
        "PUB_KEY_ID_1": ONE.public_key().public_numbers(),
        "7A": TWO.public_key().public_numbers(),
    }
    (tmp_path / "network/7A.crt").unlink()
    assert list(files.publics()) == ["PUB_KEY_ID_1"]


def test_a_certificate_is_read_with_all_that_stand_in_its_file(tmp_path: Path) -> None:
    files = KeyFiles(tmp_path)
    write(tmp_path / "chain", certificate(ONE) + certificate(TWO), 0o644)
    write(tmp_path / "bare", base64.b64encode(public(ONE, Encoding.DER)), 0o644)
    assert files.certificate("chain").serial_number == 7
    assert len(files.chain("chain")) == 2
    for name in ("chain", "bare"):
        assert files.public(name).public_numbers() == ONE.public_key().public_numbers()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"text", b"-----BEGIN PRIVATE KEY-----\n", pem(ONE)[:200], b"a" * 70_000),
        pem(Ed25519PrivateKey.generate()),
    ],
)
def test_what_is_no_key_is_refused_by_its_path(tmp_path: Path, content: bytes) -> None:
    files = KeyFiles(tmp_path)
    write(tmp_path / "file", content)
    expected = ("key_file_invalid", str(tmp_path / "file"))
    for call in (files.private, files.public, files.certificate):
        assert refusal(call, "file") == expected
    if not content.strip():
        assert refusal(files.secret, "file") == expected
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
