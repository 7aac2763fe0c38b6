"""Messages of version 2: the official example, and XML that is not taken."""

from __future__ import annotations

import pytest

from anfu.channels.wechat.sheets import read_sheet, signature, verify_sheet, write_sheet
from anfu.kernel.errors import Refused

# The example of the network's page on signatures.
KEY = b"192006250b4c09247ec02edce69f6a2d"
VALUES = {
    "appid": "wxd930ea5d5a258f4f",
    "mch_id": "10000100",
    "device_info": "1000",
    "body": "test",
    "nonce_str": "ibuaiVcKdpRxkhJA",
}
SIGN = "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"


def test_the_official_example() -> None:
    assert signature(KEY, VALUES) == SIGN
    assert signature(KEY, {**VALUES, "attach": "", "sign": "x"}) == SIGN


def test_a_sheet_comes_back_as_it_was() -> None:
    values = {**VALUES, "body": "茶 <&> \"'"}
    said = read_sheet(write_sheet(KEY, values))
    assert {name: said[name] for name in values} == values
    verify_sheet(KEY, said)
    for other in ({**said, "body": "x"}, {**said, "sign": ""}, VALUES, {**said, "sign": "é"}):
        with pytest.raises(Refused, match="message_forged"):
            verify_sheet(KEY, other)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<xml><a>1</a>",
        b"<xml><a>1</a><a>2</a></xml>",
        b"<xml><a><b>1</b></a></xml>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><a>&b;</a></xml>',
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><xml><a>&f;</a></xml>',
        b'<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><xml><a>1</a></xml>',
    ],
)
def test_xml_that_is_no_flat_message_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(content)
    assert str(refused.value) == "message_malformed (body)"
