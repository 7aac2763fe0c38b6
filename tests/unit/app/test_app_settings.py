"""Settings of access: what can be, and the name of what cannot."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from anfu.app.settings import read_settings
from anfu.kernel.errors import Refused

OIDC = {"ANFU_OIDC_ISSUER": "https://id.bank.example/realm", "ANFU_OIDC_CLIENT": "anfu"}


def test_nothing_set_is_no_sign_on_and_no_proxy() -> None:
    settings = read_settings({})
    assert (settings.sign_on, settings.proxies) == (None, ())
    assert settings.console_origin == "http://localhost:8080"


def test_what_is_set_is_read_and_the_secret_is_not_shown() -> None:
    more = {"ANFU_OIDC_SECRET": "s3cret", "ANFU_OIDC_ACR": "urn:strong",
            "ANFU_OIDC_ROLES": "risk=analyst, audit=auditor"}  # fmt: skip
    settings = read_settings({"ANFU_PROXIES": "10.0.0.0/8, 192.0.2.7"})
    assert settings.proxies == (ip_network("10.0.0.0/8"), ip_network("192.0.2.7/32"))
    with pytest.raises(Refused, match="ANFU_OIDC_ROLES"):
        read_settings({**OIDC, **more, "ANFU_OIDC_ROLES": "risk=king"})
    whole = read_settings({**OIDC, **more})
    sign_on = whole.sign_on
    assert sign_on is not None
    assert (sign_on.client, sign_on.secret, sign_on.acr) == ("anfu", "s3cret", "urn:strong")
    assert sign_on.roles == {"risk": "analyst", "audit": "auditor"}
    assert "s3cret" not in repr(sign_on) + repr(whole)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANFU_OIDC_ISSUER", "http://id.bank.example"), ("ANFU_OIDC_ISSUER", "id.bank.example"),
        ("ANFU_OIDC_ISSUER", "https://id.bank.example/?x=1"), ("ANFU_OIDC_CLIENT", ""),
        ("ANFU_OIDC_ROLES", "=viewer"), ("ANFU_PROXIES", "10.0.0.1/8"), ("ANFU_PROXIES", "x"),
        ("ANFU_CONSOLE_ORIGIN", "http://console.example"),
        ("ANFU_CONSOLE_ORIGIN", "https://console.example/"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named(name: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        read_settings({**OIDC, name: value})
    assert (refused.value.code, refused.value.field) == ("setting_invalid", name)


def test_the_reserve_account_is_a_bank_and_an_account() -> None:
    key = "11" * 32
    line = f"https://bank.example#{key}"
    bank = read_settings(
        {"ANFU_BANK_URL": line, "ANFU_RESERVE_ACCOUNT": "安付,1101,309391000011"}
    ).bank
    assert bank is not None
    assert (bank[0].url, bank[1].account) == ("https://bank.example", "1101")
    assert read_settings({}).bank is None
    with pytest.raises(Refused) as refused:
        read_settings({"ANFU_BANK_URL": line, "ANFU_RESERVE_ACCOUNT": "安付,1101"})
    assert refused.value.field == "ANFU_RESERVE_ACCOUNT"
