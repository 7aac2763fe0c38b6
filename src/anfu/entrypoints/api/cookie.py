"""The session's cookie, and who may use it.

`__Host-`: the browser sends it to this host alone, over TLS, for every path, and takes it from no
subdomain (RFC 6265bis 4.1.3.2). A write with it is checked three times, each enough by itself:
1 `Sec-Fetch-Site`, 2 `Origin`, 3 a token that only our page knows.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from http.cookies import CookieError, SimpleCookie

from anfu.kernel.errors import Refused
from anfu.parties.access.session import TOKEN_PREFIX
from anfu.parties.secret import FORM

NAME = "__Host-anfu-session"
SIGN_ON = "__Host-anfu-sign-on"
CSRF = "Anfu-Csrf"
_READS = ("GET", "HEAD")
_TOKEN = re.compile(rf"{TOKEN_PREFIX}_{FORM}")
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


def token_in(headers: Mapping[bytes, bytes]) -> str | None:
    """The token a request brings; None for none, and for what is no token of ours."""
    found = value_in(headers, NAME)
    return found if found is not None and _TOKEN.fullmatch(found) else None


def value_in(headers: Mapping[bytes, bytes], name: str) -> str | None:
    """The value of the one cookie of that name."""
    sent = headers.get(b"cookie", b"").decode("latin-1")
    if name not in sent or sent.count(f"{name}=") > 1:
        return None
    try:
        found = SimpleCookie(sent).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


def setting(value: str, name: str = NAME) -> tuple[bytes, bytes]:
    """The header that gives the browser its token, until the browser is closed."""
    return b"set-cookie", f"{name}={value}; {_ATTRIBUTES}".encode()


def clearing(name: str = NAME) -> tuple[bytes, bytes]:
    """The header that takes it away."""
    return b"set-cookie", f"{name}=; Max-Age=0; {_ATTRIBUTES}".encode()


def check_site(method: str, headers: Mapping[bytes, bytes], origins: Sequence[str]) -> None:
    """Raises Refused `csrf_refused` for what a page of another site sent, or made somebody send."""
    site = headers.get(b"sec-fetch-site")
    if site is not None and site != b"same-origin" and not (site == b"none" and method in _READS):
        raise Refused("csrf_refused", field="Sec-Fetch-Site")  # 1
    if method in _READS:
        return
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin not in origins:
        raise Refused("csrf_refused", field="Origin")  # 2


def check_token(method: str, headers: Mapping[bytes, bytes], right: str) -> None:
    """Raises Refused `csrf_refused` for a write without the page's token."""
    given = headers.get(b"anfu-csrf", b"")
    if method not in _READS and not hmac.compare_digest(given, right.encode()):
        raise Refused("csrf_refused", field=CSRF)  # 3
