"""A payer's code (付款码): which network it belongs to, by its form alone.

Who holds the code can take money within a minute, so it is handed on and never kept: its text is
in no repr, no str and no error, only `masked()` is.

| network | form |
|---|---|
| WeChat Pay | 18 digits, the first two 10 to 15 |
| Alipay | 16 to 24 digits, the first two 25 to 30 |
| UnionPay | 19 digits, the first two 62; or EMVCo's consumer-presented code with an application of
  UnionPay (`cpm`) |
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from anfu.channels.codes.cpm import CPM_START, applications
from anfu.channels.codes.network import Network
from anfu.kernel.errors import Refused

_STARTS = {Network.WECHAT: "1[0-5]", Network.ALIPAY: "(?:2[5-9]|30)", Network.UNIONPAY: "62"}
_RESTS = {Network.WECHAT: "[0-9]{16}", Network.ALIPAY: "[0-9]{14,22}",
          Network.UNIONPAY: "[0-9]{17}"}  # fmt: skip
_DIGITS = {n: re.compile(start + _RESTS[n], re.ASCII) for n, start in _STARTS.items()}
_UNIONPAY_RID = bytes.fromhex("a000000333")  # ISO/IEC 7816-5: the registered provider


@dataclass(frozen=True, slots=True)
class PayerCode:
    """A code of `network`. `text` is for the network alone."""

    network: Network
    text: str = field(repr=False)

    def masked(self) -> str:
        """What may be shown and logged: two characters at each end and how many are between."""
        return masked(self.text)

    def __str__(self) -> str:
        return self.masked()


def is_networks(prefix: str) -> bool:
    """Whether a network's codes begin with these two digits or more."""
    return any(re.match(start, prefix) for start in _STARTS.values())


def read_payer_code(text: str) -> PayerCode:
    """The code with its network. Raises Refused("payer_code_invalid"), which does not quote it."""
    text = text.strip()
    if text.startswith(CPM_START):
        if any(name.startswith(_UNIONPAY_RID) for name in applications(text)):
            return PayerCode(Network.UNIONPAY, text)
    else:
        for network, form in _DIGITS.items():
            if form.fullmatch(text):
                return PayerCode(network, text)
    raise Refused("payer_code_invalid", field="code")


def masked(text: str) -> str:
    """`13…(14)…55`: a code too short to hide behind two characters at each end is hidden whole."""
    if len(text) < 12:
        return f"…({len(text)})…"
    return f"{text[:2]}…({len(text) - 4})…{text[-2:]}"
