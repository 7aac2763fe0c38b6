"""Keys in files: made on first use, readable by nobody else, never shown.

A file a key is read from must not be open to others; a key that is lost takes with it what it
sealed, so the folder belongs into the operator's backup.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.channels.sandbox.messages import NETWORK, Identity
from anfu.entrypoints.cli.wiring import KeyFile
from anfu.evidence.signer import Signer
from anfu.kernel.errors import Refused
from anfu.kernel.ids import Entropy
from anfu.parties.keyring import KeyRing

T = TypeVar("T")
_MEMBER = "anfu"
_RING = "ring"
_NAMES = (_RING, "evidence", "challenge", "outside", "sandbox-member", "sandbox-network")


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """Everything secret the process works with. `outside` signs what goes to firms outside, who
    know it by `keys/outside.pub` (hex)."""

    ring: KeyRing
    signer: Signer
    challenge: bytes
    outside: Ed25519PrivateKey
    sandbox: Identity
    network: Identity


def load_keys(home: Path, *, origin: str, entropy: Entropy) -> Keys:
    """The keys of this installation. Raises Refused(key_file_open) for a file others may read and
    key_file_invalid for one that is no key."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ring = _file(folder / _RING, lambda: KeyRing.generate(entropy).to_text())
    member, network = (_pair(folder / f"sandbox-{who}", entropy) for who in ("member", "network"))
    outside = _pair(folder / "outside", entropy)
    _publish(folder / "outside.pub", outside)
    return Keys(
        ring=_parsed(folder / _RING, lambda: KeyRing.parse(ring)),
        signer=Signer(origin, _pair(folder / "evidence", entropy)),
        challenge=_secret(folder / "challenge", entropy),
        outside=outside,
        sandbox=Identity(_MEMBER, member, NETWORK, network.public_key()),
        network=Identity(NETWORK, network, _MEMBER, member.public_key()),
    )


def change_ring(home: Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """The key ring that `change` makes of the present one, written in its place: a crash leaves the
    one or the other. Nobody else changes it meanwhile. Raises as `load_keys`."""
    path = home / "keys" / _RING
    lock = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = _read(path)
        changed = change(_parsed(path, lambda: KeyRing.parse(text)))
        staged = _staged(path, changed.to_text)
        staged.replace(path)
        os.fsync(lock)
    finally:
        os.close(lock)
    return changed


def inspect_keys(home: Path) -> list[KeyFile]:
    """What is wrong with each key file; nothing is made."""
    paths = [home / "keys" / name for name in _NAMES]
    return [KeyFile(path, _problem(path)) for path in paths]


def _problem(path: Path) -> str | None:
    try:
        if not path.exists():
            return "key_file_missing"
        text = _read(path)
        if path.name == _RING:
            _parsed(path, lambda: KeyRing.parse(text))
        else:
            _bytes(path, text)
    except Refused as refusal:
        return refusal.code
    except OSError:
        return "key_file_unreadable"
    return None


def _pair(path: Path, entropy: Entropy) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_secret(path, entropy))


def _publish(path: Path, key: Ed25519PrivateKey) -> None:
    public = key.public_key().public_bytes_raw().hex()
    if not path.exists() or path.read_text("utf-8").strip() != public:
        path.write_text(public + "\n", "utf-8")


def _secret(path: Path, entropy: Entropy) -> bytes:
    return _bytes(path, _file(path, lambda: entropy.bytes(32).hex()))


def _bytes(path: Path, text: str) -> bytes:
    secret = _parsed(path, lambda: bytes.fromhex(text))
    if len(secret) != 32:
        raise Refused("key_file_invalid", field=str(path))
    return secret


def _parsed(path: Path, parse: Callable[[], T]) -> T:
    try:
        return parse()
    except ValueError:
        raise Refused("key_file_invalid", field=str(path)) from None


def _file(path: Path, make: Callable[[], str]) -> str:
    """The text of a secret file. Written aside and linked in place: of two processes that start at
    once both read the same key."""
    if not path.exists():
        staged = _staged(path, make)
        try:
            os.link(staged, path)
        except FileExistsError:
            pass
        finally:
            staged.unlink()
    return _read(path)


def _staged(path: Path, make: Callable[[], str]) -> Path:
    """A file beside `path` with what shall stand there, safely on the disk."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(make().removesuffix("\n") + "\n")
        file.flush()
        os.fsync(file.fileno())
    return staged


def _read(path: Path) -> str:
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused("key_file_open", field=str(path))
    return path.read_text("utf-8").strip()
