"""What is signed, by whom it was signed, and what time it is in Beijing."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from tests.contract.alipay_rig import NOW, ORDER, make_rig

from anfu.channels.alipay.answers import Answer, Untrusted, read_answer
from anfu.channels.alipay.member import Mode
from anfu.channels.alipay.requests import signed_request
from anfu.channels.alipay.scenes import content_of, form_of
from anfu.channels.alipay.signing import (
    is_signed,
    notice_texts,
    read_time,
    request_text,
    sign,
    write_time,
)
from anfu.channels.alipay.simulator.keys import NetworkKeys
from anfu.kernel.errors import Refused

VALUES = {"b": "2", "a": "1", "empty": "", "sign_type": "RSA2", "sign": "x"}
METHOD = "alipay.trade.query"
RIG = make_rig()
NETWORK = NetworkKeys(RIG.folder)


def signers(number: str | None) -> list[RSAPublicKey]:
    assert number is None
    return list(RIG.member.keys.signers(None))


def body(node: str, *, first: bool = False, name: str = "alipay_trade_query_response") -> bytes:
    """An answer around the text of a node."""
    signature = f'"sign":"{sign(node.encode(), NETWORK.own())}"'
    parts = [f'"{name}":{node}', signature]
    return f"{{{','.join(reversed(parts) if first else parts)}}}".encode()


def test_a_request_is_signed_with_sign_type_and_a_notice_without_it() -> None:
    """The best known trap: swapping them breaks one direction only."""
    assert request_text(VALUES) == "a=1&b=2&sign_type=RSA2"
    assert notice_texts(VALUES) == ("a=1&b=2&empty=", "a=1&b=2")


def test_the_signature_is_over_every_parameter_that_is_sent() -> None:
    values = signed_request(RIG.member, METHOD, {"out_trade_no": "pay_1"}, now=NOW)
    signature = values.pop("sign")
    key = RIG.member.keys.own().public_key()
    text = "&".join(f"{name}={values[name]}" for name in sorted(values))
    assert is_signed(text.encode(), signature, [key])
    assert "sign_type=RSA2" in text
    for name in values:
        other = request_text({**values, name: values[name] + "1"}).encode()
        assert not is_signed(other, signature, [key]), name


@pytest.mark.parametrize(
    "node",
    [
        '{"code":"10000","a":{"b":{"c":"}"}}}',
        '{"code":"10000","say":"a \\"} quoted\\" {"}',
        '{ "code" : "10000" , "back":"\\\\" }',
        '{"code":"10000","zh":"支付宝","esc":"\\u652f"}',
        '{"code":"10000","alipay_trade_query_response":{"sign":"no"}}',
    ],
    ids=["nested", "quotes", "spaces", "chinese", "own name"],
)
@pytest.mark.parametrize("first", [False, True], ids=["sign after", "sign before"])
def test_an_answer_is_verified_over_its_raw_text(node: str, first: bool) -> None:
    answer = read_answer(METHOD, body(node, first=first), signers)
    assert answer == Answer("10000", "", json.loads(node))


@pytest.mark.parametrize(
    "changed",
    [
        lambda b: b.replace(b"10000", b"10003"),
        lambda b: b.replace(b'"code":', b'"code" :'),
        lambda b: b[:-1] + b',"alipay_trade_query_response":{"code":"40004"}}',
        lambda b: b.replace(b"query", b"close"),
        lambda b: b + b"x",
        lambda b: b[:-1],
        lambda b: b"[" + b + b"]",
        lambda b: b"",
        lambda b: b"\xff",
        lambda b: b"{" * 100_000,
        lambda b: b.replace(b'"sign":"', b'"sign":1,"x":"'),
    ],
    ids=[
        *("code", "space", "twice", "method", "tail", "cut"),
        *("list", "none", "bytes", "deep", "type"),
    ],
)
def test_an_answer_that_was_touched_is_not_believed(changed: object) -> None:
    assert callable(changed)
    whole = body('{"code":"10000","trade_no":"1"}')
    assert isinstance(read_answer(METHOD, whole, signers), Answer)
    assert isinstance(read_answer(METHOD, changed(whole), signers), Untrusted)


def test_the_gateways_own_error_is_an_answer_and_an_unsigned_one_only_shows_its_code() -> None:
    node = '{"code":"40002","sub_code":"isv.invalid-signature"}'
    answer = read_answer(METHOD, body(node, name="error_response"), signers)
    assert answer == Answer("40002", "isv.invalid-signature", json.loads(node))
    bare = f'{{"error_response":{node}}}'.encode()
    assert read_answer(METHOD, bare, signers) == Untrusted("isv.invalid-signature")
    strange = bare.replace(b"isv.", b"<b>")
    assert read_answer(METHOD, strange, signers) == Untrusted("40002")


@pytest.fixture
def new_york() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("new_york")
def test_times_are_beijings_on_a_machine_in_new_york() -> None:
    assert datetime.fromtimestamp(0).hour == 19  # noqa: DTZ006 - the machine's zone is meant
    values = signed_request(RIG.member, METHOD, {}, now=NOW)
    assert values["timestamp"] == "2026-11-23 12:00:00"
    form = form_of(ORDER)
    assert form is not None
    assert content_of(ORDER, form, RIG.member)["time_expire"] == "2026-11-23 12:15:00"
    assert read_time("2026-11-23 12:00:00.143", "at") == NOW
    assert read_time(write_time(datetime(2026, 1, 1, tzinfo=UTC)), "at").utctimetuple().tm_hour == 0


@pytest.mark.parametrize("text", ["", "2026-11-23", "2026-11-23T12:00:00", "2026-13-23 12:00:00"])
def test_what_is_no_time_is_malformed(text: str) -> None:
    with pytest.raises(Refused, match=r"message_malformed \(at\)"):
        read_time(text, "at")


@pytest.mark.parametrize("mode", list(Mode))
async def test_keys_rotate_without_downtime(mode: Mode, tmp_path: Path) -> None:
    rig = make_rig(mode, copy=tmp_path / "keys")
    assert (await rig.channel.query(ORDER)).reason == "not_found"
    rig.simulator.rotate(published=False)
    assert (await rig.channel.query(ORDER)).reason == "answer_untrusted"
    rig.simulator.rotate()
    assert (await rig.channel.query(ORDER)).reason == "not_found"
    held = sorted((rig.folder / "network").iterdir())
    assert len(held) == 2
    held[1].unlink()
    assert (await rig.channel.query(ORDER)).reason == "answer_untrusted"


async def test_a_key_that_cannot_be_read_ends_in_an_answer(tmp_path: Path) -> None:
    rig = make_rig(copy=tmp_path / "keys")
    (rig.folder / "app-private.pem").write_text("half a key")
    assert (await rig.channel.pay(ORDER)).reason == "merchant_misconfigured"
    assert (await rig.channel.query(ORDER)).outcome == "UNKNOWN"
    assert rig.simulator.book.trades == {}
