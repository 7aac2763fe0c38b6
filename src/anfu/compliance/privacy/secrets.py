"""Secrets and one-time codes in text: each has a word that must stand there before its pattern,
which is slower, is tried."""

from __future__ import annotations

import re
from collections.abc import Iterator

from anfu.compliance.privacy.finding import Kind
from anfu.parties.secret import FORM

Found = tuple[Kind, int, int, str]

_B64 = r"[A-Za-z0-9+/_-]"
# kind, word in lower case, pattern; the group `v` is the secret.
_SECRETS = tuple(
    (kind, word, re.compile(pattern))
    for kind, word, pattern in (
        (Kind.PRIVATE_KEY, "private key", r"(?P<v>-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----)"),
        (Kind.PRIVATE_KEY, "private+key+",
         rf"(?P<v>PRIVATE\+KEY\+[^+\s]+\+[0-9a-f]{{8}}\+{_B64}+)"),
        (Kind.PRIVATE_KEY, "age-secret-key", r"(?P<v>AGE-SECRET-KEY-1[A-Z0-9]{20,})"),
        (Kind.PRIVATE_KEY, "seal ", r"(?P<v>\bseal [1-9][0-9]{0,2} [0-9a-f]{64})"),
        (Kind.API_KEY, "sk_", rf"(?P<v>(?<![A-Za-z0-9])sk_{FORM})"),
        (Kind.API_KEY, "whsec_", r"(?P<v>(?<![A-Za-z0-9])whsec_[A-Za-z0-9+/=]{20,})"),
        (Kind.API_KEY, "_live_", r"(?P<v>(?<![A-Za-z0-9])[srp]k_live_[A-Za-z0-9]{16,})"),
        (Kind.API_KEY, "akia", r"(?P<v>(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}(?![A-Za-z0-9]))"),
        (Kind.API_KEY, "ltai", r"(?P<v>(?<![A-Za-z0-9])LTAI[A-Za-z0-9]{12,20}(?![A-Za-z0-9]))"),
        (Kind.API_KEY, "ghp_", r"(?P<v>(?<![A-Za-z0-9])ghp_[A-Za-z0-9]{36,})"),
        (Kind.API_KEY, "github_pat_", r"(?P<v>(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{36,})"),
        (Kind.API_KEY, "xox", r"(?P<v>(?<![A-Za-z0-9])xox[abprs]-[A-Za-z0-9-]{20,})"),
        (Kind.BEARER_TOKEN, "bearer ", r"(?i:bearer) +(?P<v>[A-Za-z0-9._~+/-]{20,}=*)"),
        (Kind.BEARER_TOKEN, "basic ", r"(?i:authorization)\W{1,4}(?i:basic) +"
         r"(?P<v>[A-Za-z0-9+/]{8,}={0,2})"),
        (Kind.BEARER_TOKEN, "eyj", rf"(?P<v>(?<![A-Za-z0-9])eyJ{_B64}{{8,}}\.eyJ{_B64}{{4,}}\."
         rf"{_B64}{{8,}})"),
        (Kind.PASSWORD, "://", r"[a-z][a-z0-9+.-]{1,20}://[^\s/@:'\"<>]{0,64}:"
         r"(?P<v>[^\s/@'\"<>*]{3,100})@"),
        (Kind.PASSWORD, "passw", r"(?i:passw(?:or)?d)[\"']?\s?(?:=|:\s?(?=[\"']))\s?[\"']?"
         r"(?P<v>[^\s\"'*<>{}\[\],;]{6,100})"),
        (Kind.PASSWORD, "密码", r"(?:登录|支付)?密码\s?(?:是|为|[:：=])\s?(?P<v>[!-~]{6,100})"),
    )
)  # fmt: skip
_CODE_WORDS = (
    "otp", "one_time_code", "one-time code", "one time code", "sms_code", "verification code",
    "verification_code", "passcode", "auth_code", "cvv", "cvc", "验证码", "校验码", "动态码",
    '"code"',
)  # fmt: skip
_CODE = re.compile(
    r"(?:(?P<plain>(?<=\")code(?=\"))|验证码|校验码|动态码"
    r"|(?<![A-Za-z])(?:otp|passcode|cvv2?|cvc2?|(?:one[-_ ]time|sms|verification|auth)[-_ ]code))"
    r"[\"'”]?\s{0,2}(?:is|was|是|为|[:：=,，])?\s{0,2}[\"'“]?"
    r"(?P<v>[0-9]{3,8})(?![0-9A-Za-z]|\.[0-9])",
    re.IGNORECASE,
)
_CODE_COLUMNS = frozenset(
    ("code", "otp", "sms_code", "passcode", "one_time_code", "verification_code", "cvv", "cvc")
)
_WHOLE = re.compile(r"[0-9]{3,8}")
# What is merely called `code` is a one-time code only if it is as long as ours.
_PLAIN, _LENGTH = "code", 6


def find_secrets(text: str, *, name: str) -> Iterator[Found]:
    """Secrets and codes in a text; `name` is that of its column."""
    low = text.lower()
    taken: list[tuple[int, int]] = []
    for kind, word, pattern in _SECRETS:
        if word not in low:
            continue
        for match in pattern.finditer(text):
            start, end = match.span("v")
            if not any(first < end and start < last for first, last in taken):
                taken.append((start, end))
                yield kind, start, end, f"{match['v'][:4]}… ({end - start})"
    if name in _CODE_COLUMNS and _WHOLE.fullmatch(text):
        if name != _PLAIN or len(text) == _LENGTH:
            yield Kind.ONE_TIME_CODE, 0, len(text), "*" * len(text)
    elif any(word in low for word in _CODE_WORDS):
        for match in _CODE.finditer(text):
            start, end = match.span("v")
            if match["plain"] is None or end - start == _LENGTH:
                yield Kind.ONE_TIME_CODE, start, end, "*" * (end - start)
