"""Which addresses a webhook may have."""

from __future__ import annotations

import pytest

from anfu.kernel.errors import Refused
from anfu.parties.endpoint import check_url
from anfu.parties.merchant import check_mcc

LOCAL = [
    "http://localhost/h",
    "http://localhost:8000/h?a=b",
    "http://127.0.0.1:1/",
    "http://[::1]:9/",
]
LONGEST = "https://a.example/" + "p" * (2000 - len("https://a.example/"))


@pytest.mark.parametrize(
    "url",
    ["https://a.example", "https://a.example:8443/hook?x=1&y=%20", "HTTPS://A.example/@x",
     "https://10.0.0.1/", "https://[2001:db8::1]:443/", "https://xn--fiq228c.example/", LONGEST],
)  # fmt: skip
def test_https_is_accepted(url: str) -> None:
    check_url(url, allow_loopback=False)
    check_url(url, allow_loopback=True)


@pytest.mark.parametrize("url", LOCAL)
def test_this_machine_is_accepted_when_allowed(url: str) -> None:
    check_url(url, allow_loopback=True)
    with pytest.raises(Refused, match="url_invalid"):
        check_url(url, allow_loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "//a.example/",
        "http://a.example/",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.1/",
        "http://2130706433/",
        "http://0/",
        "http://[::ffff:10.0.0.1]/",
        "http://user@localhost/",
        "http://localhost@evil.example/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user:pw@a.example/",
        "https://user@a.example/",
        "https://@a.example/",
        "https://a.example/#part",
        "https://a.example/#",
        "https://a.example\\@evil.example/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example:/",
        "https://a.example:٣/",
        "https://[::1/",
        "https://a..example]/",
        "https://a%2eexample/",
        "https://a example/",
        "https://a.example/\n",
        "ht\ttps://a.example/",
        " https://a.example/",
        "https://例え.example/",
        "https://ａ.example/",
        LONGEST + "p",
    ],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        check_url(url, allow_loopback=True)
    assert (refused.value.code, refused.value.field) == ("url_invalid", "url")


def test_a_category_has_four_digits() -> None:
    check_mcc(None)
    check_mcc("5411")
    for mcc in ("", "541", "54111", "541a", "٥٤١١", "5411\n"):
        with pytest.raises(Refused, match="mcc_invalid"):
            check_mcc(mcc)
