"""Keys and checkpoints in the forms of C2SP signed-note and tlog-checkpoint."""

from __future__ import annotations

import base64

import pytest

from anfu.evidence.checkpoint import Head, read_head, sign_head, signed_by, signed_by_any
from anfu.evidence.signer import VerifierKey, generate_secret, load_signer, parse_key
from anfu.kernel.ids import SeededEntropy

NAME = "pay.example/anfu"
SECRET = bytes(range(32))
ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
HEAD = Head(NAME, 8, bytes.fromhex(ROOT))
GOLDEN_KEY = "pay.example/anfu+3cbbb08f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
GOLDEN_NOTE = (
    "pay.example/anfu\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n\n"
    "\u2014 pay.example/anfu PLuwj6rfgEnhJRO///tuOiuTV8XiE7ov/BNlZ9m8tZ5G9XvdMtVgpLRSdZjoGw4w"
    "uCfTeQ+6W0yUdC/jpZuzQhPEgAE=\n"
)


def test_golden_bytes() -> None:
    signer = load_signer(NAME, SECRET)
    assert str(signer.key) == GOLDEN_KEY
    assert sign_head(HEAD, signer) == GOLDEN_NOTE
    assert read_head(GOLDEN_NOTE) == HEAD
    assert signed_by(GOLDEN_NOTE, parse_key(GOLDEN_KEY))


def test_a_note_signed_by_others() -> None:
    """The example of the documentation of Go's `golang.org/x/mod/sumdb/note`."""
    key = parse_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signature = base64.b64decode(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ryy"
        "BwJnAM="
    )
    assert signature[:4] == key.id
    assert key.verify(signature[4:], text.encode())
    assert not key.verify(signature[4:], text.encode()[:-1])


def test_a_key_published_by_others() -> None:
    """The public key of the Go checksum database."""
    text = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    key = parse_key(text)
    assert key.name == "sum.golang.org"
    assert key.id.hex() == "033de0ae"
    assert str(key) == text


def test_the_secret_is_not_shown() -> None:
    signer = load_signer(NAME, generate_secret(SeededEntropy(1)))
    assert "private" not in repr(signer)
    assert repr(signer) == f"Signer(name='{NAME}', former=())"


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "a\x00"])
def test_a_name_that_would_break_the_note_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        load_signer(name, SECRET)


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        load_signer(NAME, SECRET[:31])
    with pytest.raises(ValueError, match="32 bytes"):
        VerifierKey(NAME, b"x")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("pay", "pax", 1),
        lambda text: text[:-2] + "A=",
        lambda text: text.rpartition("+")[0],
        lambda text: "x" + text,
        lambda _: "",
        lambda _: "a+b+c",
    ],
)
def test_a_vkey_whose_parts_do_not_fit_is_refused(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"vkey|name|32 bytes"):
        parse_key(change(str(load_signer(NAME, SECRET).key)))


def test_a_log_signs_only_under_its_own_name() -> None:
    with pytest.raises(ValueError, match="own name"):
        sign_head(Head("another.example", 8, HEAD.root), load_signer(NAME, SECRET))


def test_other_signatures_are_ignored_and_a_bad_one_of_ours_spoils_the_note() -> None:
    ours, other = load_signer(NAME, SECRET), load_signer("witness.example", SECRET[::-1])
    note = sign_head(HEAD, ours)
    text, _, line = note.rpartition("\n\n")
    witness = sign_head(Head(other.name, 8, HEAD.root), other).rpartition("\n\n")[2]
    assert signed_by(f"{text}\n\n{witness}{line}", ours.key)
    assert not signed_by(f"{text}\n\n{witness}", ours.key)
    wrong = sign_head(Head(NAME, 9, HEAD.root), ours).rpartition("\n\n")[2]
    assert not signed_by(f"{text}\n\n{line}{wrong}", ours.key)
    assert not signed_by(note, load_signer(NAME, SECRET[::-1]).key)


def test_a_note_under_another_origin_is_not_of_this_log() -> None:
    ours, other = load_signer(NAME, SECRET), load_signer("other.example", SECRET)
    note = sign_head(Head(other.name, 8, HEAD.root), other)
    assert signed_by_any(note, [ours.key, other.key])
    assert not signed_by_any(note, [ours.key])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n8\n", "\n08\n"),
        ("\n8\n", "\n-8\n"),
        ("\n8\n", "\n\u0668\n"),
        ("\n8\n", "\n8\n\n"),
        ("Xcna", "Xcn"),
        ("Xcna", "Xc a"),
        ("Xcna", "Xcn\u4e00"),
        ("pay", "\x01pay"),
        ("pay.example/anfu\n8", "\n8"),
        ("\n\n\u2014", "\n\u2014"),
        ("\u2014 ", "- "),
        ("\u2014 pay.example/anfu ", "\u2014 pay.example/anfu"),
    ],
)
def test_a_malformed_note_is_refused(old: str, new: str) -> None:
    note = sign_head(HEAD, load_signer(NAME, SECRET))
    changed = note.replace(old, new, 1)
    assert changed != note
    with pytest.raises(ValueError):
        read_head(changed)
