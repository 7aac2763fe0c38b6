"""EMVCo's merchant-presented code: the official sample, its checksum, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anfu.channels.codes.emv import DataObject, EmvCode, crc, read_emv, read_objects, write_emv
from anfu.channels.codes.merchant_code import Shop, merchant_code, unionpay_account
from anfu.kernel.errors import Refused
from anfu.kernel.money import Money

# EMV QRCPS merchant-presented mode, the sample code of its annex.
SAMPLE = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
    "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.72530315655020162330304"
    "12340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
SHOP = Shop("123456780123456789829005311000A", "5812", "安付小店", "上海")


def with_crc(body: str) -> str:
    return body + "6304" + crc(body + "6304")


def refused(text: str) -> str | None:
    with pytest.raises(Refused) as refusal:
        read_emv(text)
    assert refusal.value.code == "code_malformed"
    return refusal.value.field


def test_the_official_sample_ends_in_a13a() -> None:
    assert crc(SAMPLE[:-4]) == "A13A"
    code = read_emv(SAMPLE)
    assert code.dynamic
    assert code.amount == "23.72"
    assert code.values["59"] == "BEST TRANSPORT"
    assert read_objects(code.values["64"]) == (("00", "ZH"), ("01", "最佳运输"), ("02", "北京"))
    assert [tag for tag, _ in code.objects][:5] == ["00", "01", "29", "31", "52"]
    assert write_emv(code) == SAMPLE


def test_the_checksum_of_the_catalogue_of_crcs() -> None:
    # CRC-16/CCITT-FALSE: check value of "123456789".
    assert crc("123456789") == "29B1"


def test_each_changed_character_of_the_sample_is_refused() -> None:
    for place in range(len(SAMPLE)):
        changed = "1" if SAMPLE[place] != "1" else "2"
        refused(SAMPLE[:place] + changed + SAMPLE[place + 1 :])


BODY = SAMPLE[:-8]
TOO_LONG = "".join(f"{tag}99" + "x" * 99 for tag in (70, 71, 72, 73))


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("", "00"),
        (SAMPLE[:-4] + "a13a", "63"),
        (SAMPLE[:-8], "63"),
        (SAMPLE + "6500", "65"),
        (with_crc(BODY.replace("000201", "000202", 1)), "00"),
        (with_crc(BODY[6:]), "00"),
        (with_crc(BODY.replace("010212", "010213", 1)), "01"),
        (with_crc(BODY.replace("52044111", "5204411x", 1)), "52"),
        (with_crc(BODY.replace("52044111", "", 1)), "52"),
        (with_crc(BODY.replace("5303156", "", 1)), "53"),
        (with_crc(BODY.replace("540523.72", "540523,72", 1)), "54"),
        (with_crc(BODY.replace("5802CN", "5802cn", 1)), "58"),
        (with_crc(BODY.replace("5914BEST TRANSPORT", "", 1)), "59"),
        (with_crc(BODY.replace("6007BEIJING", "", 1)), "60"),
        (with_crc(BODY.replace("62330304", "62330399", 1)), "62.03"),
        (with_crc(BODY + "8003abc"), "80.??"),
        (with_crc(BODY + "6501x6501y"), "65"),
        (with_crc(BODY + "65x1y"), "65"),
        (with_crc(BODY + "6500"), "65"),
        (with_crc(BODY + TOO_LONG), "00"),
    ],
)
def test_what_is_malformed_is_refused_with_its_tag(text: str, tag: str) -> None:
    assert refused(text) == tag


def test_a_code_without_an_account_is_refused() -> None:
    start = "000201" + "52045812" + "5303156" + "5802CN" + "5901x" + "6001y"
    assert refused(with_crc(start)) == "26"


def test_a_dynamic_code_has_the_amount_and_a_static_one_has_none() -> None:
    dynamic = merchant_code(SHOP, "CNY", Money(2372, "CNY"), order="pay01")
    assert (dynamic.dynamic, dynamic.amount) == (True, "23.72")
    assert dynamic.values["62"] == "0505pay01"
    static = merchant_code(SHOP, "CNY")
    assert (static.dynamic, static.amount) == (False, None)
    assert "54" not in static.values and "62" not in static.values
    for code in (dynamic, static):
        assert read_emv(write_emv(code)) == code
        assert unionpay_account(code) == SHOP.account
    assert merchant_code(SHOP, "JPY", Money(500, "JPY")).amount == "500"


def test_unionpay_is_found_in_its_tags_and_in_its_template() -> None:
    assert unionpay_account(read_emv(SAMPLE)) is None
    template = "0016A0000003330101020102ab"
    code = read_emv(with_crc(BODY.replace("3128", f"27{len(template)}{template}3128", 1)))
    assert unionpay_account(code) == template


@pytest.mark.parametrize(
    ("shop", "currency", "amount", "tag"),
    [
        (SHOP, "XAF", None, "53"),
        (SHOP, "CNY", Money(1, "USD"), "53"),
        (Shop("1" * 30, "5812", "a", "b"), "CNY", None, "15"),
        (Shop(SHOP.account, "5812", "a" * 26, "b"), "CNY", None, "59"),
        (Shop(SHOP.account, "5812", "a", "b" * 16), "CNY", None, "60"),
    ],
)
def test_a_shop_that_does_not_fit_is_refused(
    shop: Shop, currency: str, amount: Money | None, tag: str
) -> None:
    with pytest.raises(Refused) as refusal:
        merchant_code(shop, currency, amount)
    assert (refusal.value.code, refusal.value.field) == ("code_malformed", tag)


def test_a_shop_with_a_wrong_category_is_refused_when_it_is_written() -> None:
    with pytest.raises(Refused, match=r"code_malformed \(52\)"):
        write_emv(merchant_code(Shop(SHOP.account, "58", "a", "b"), "CNY"))


values = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20
)
unknown = st.dictionaries(st.integers(65, 79).map(str), values, max_size=4)


@given(name=values, minor=st.none() | st.integers(1, 10**9), others=unknown)
def test_what_is_written_is_read_again_unknown_tags_kept(
    name: str, minor: int | None, others: dict[str, str]
) -> None:
    amount = None if minor is None else Money(minor, "CNY")
    made = merchant_code(Shop(SHOP.account, "5812", name, "上海"), "CNY", amount)
    code = EmvCode((*made.objects, *(DataObject(*item) for item in others.items())))
    assert read_emv(write_emv(code)) == code
