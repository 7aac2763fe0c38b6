"""Lines to firms outside, read from the settings; the key they know us by."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from anfu.app.keys import load_keys
from anfu.app.lines import Line
from anfu.app.settings import read_settings
from anfu.kernel.errors import Refused
from anfu.kernel.ids import SeededEntropy

KEY = Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32).public_key().public_bytes_raw()
TEXTS = f"https://texts.example#{KEY.hex()}"


def test_each_kind_has_its_registry() -> None:
    one, other = f"FACE=https://face.example/v2#{KEY.hex()}", f"BANK_CARD={TEXTS}"
    found = read_settings({"ANFU_REGISTRIES": f" {one}\n{other} ", "ANFU_TEXTS_URL": TEXTS})
    assert found.texts == Line("https://texts.example", KEY)
    face = Line("https://face.example/v2", KEY)
    assert found.registries == {"FACE": face, "BANK_CARD": Line("https://texts.example", KEY)}
    nothing = read_settings({})
    assert (nothing.texts, nothing.registries) == (None, {})


@pytest.mark.parametrize(
    "value",
    [
        "https://texts.example", f"https://texts.example#{KEY.hex()[2:]}", "https://texts.example#xx",
        f"http://texts.example#{KEY.hex()}", f"ftp://localhost#{KEY.hex()}", f"#{KEY.hex()}",
    ],
    ids=["no key", "short key", "no hex", "no TLS", "no HTTP", "no address"],
)  # fmt: skip
def test_a_line_nobody_can_trust_is_refused(value: str) -> None:
    for name, setting in (("ANFU_TEXTS_URL", value), ("ANFU_REGISTRIES", f"FACE={value}")):
        with pytest.raises(Refused) as refused:
            read_settings({name: setting})
        assert (refused.value.code, refused.value.field) == ("setting_invalid", name)


@pytest.mark.parametrize(
    "value",
    [f"FACES={TEXTS}", f"FACE={TEXTS} FACE={TEXTS}", "FACE=", TEXTS, f"REPRESENTATIVE={TEXTS}"],
)
def test_a_registry_of_no_kind_or_a_second_one_is_refused(value: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings({"ANFU_REGISTRIES": value})
    assert refused.value.code == "setting_invalid"


@pytest.mark.parametrize(
    "kind", ["FIRM_REGISTRY", "TAX_AUTHORITY", "CORPORATE_ACCOUNT", "FIRM_BUREAU"]
)
def test_firms_have_registries_of_their_own(kind: str) -> None:
    found = read_settings({"ANFU_REGISTRIES": f"{kind}={TEXTS}"})
    assert found.registries == {kind: Line("https://texts.example", KEY)}


def test_this_machine_needs_no_tls() -> None:
    value = f"http://127.0.0.1:8500#{KEY.hex()}"
    assert read_settings({"ANFU_TEXTS_URL": value}).texts == Line("http://127.0.0.1:8500", KEY)


def test_the_public_half_lies_beside_the_key(tmp_path: Path) -> None:
    keys = load_keys(tmp_path, origin="a/log", entropy=SeededEntropy(7))
    public = keys.outside.public_key().public_bytes_raw().hex()
    assert (tmp_path / "keys" / "outside.pub").read_text() == public + "\n"
    again = load_keys(tmp_path, origin="a/log", entropy=SeededEntropy(8))
    assert again.outside.public_key().public_bytes_raw().hex() == public
