"""The messages of banks: the order of elements, amounts, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from xml.etree.ElementTree import Element

import pytest

from anfu.channels.banks import camt053, pain002
from anfu.channels.banks.camt053 import read_statement
from anfu.channels.banks.elements import read
from anfu.channels.banks.messages import Line, Row, report_message, statement_message
from anfu.channels.banks.pain001 import Version, payment_file
from anfu.channels.banks.pain002 import read_report
from anfu.channels.banks.port import Booking, Party, PaymentFile, Said, Status, Transfer
from anfu.kernel.errors import Refused

NOW = datetime(2026, 2, 24, 1, 30, tzinfo=UTC)
DAY = date(2026, 2, 24)
US = Party("安付支付有限公司", "1101014", "309391000011")
SHOP = Party("福州街角茶饮 <&> 有限公司", "35001234567890123456", "313391080007")
FILE = PaymentFile(
    "pyb_1", "CNY", DAY, NOW, US,
    [Transfer("pyo_1", 123_405, SHOP, "stl_1"), Transfer("pyo_2", 7, SHOP, "stl_2")],
)  # fmt: skip
HEAD = ["GrpHdr", "GrpHdr/MsgId", "GrpHdr/CreDtTm", "GrpHdr/NbOfTxs", "GrpHdr/CtrlSum",
        "GrpHdr/InitgPty", "GrpHdr/InitgPty/Nm"]  # fmt: skip
PAYMENT = ["PmtInfId", "PmtMtd", "NbOfTxs", "CtrlSum", "ReqdExctnDt", "Dbtr", "DbtrAcct",
           "DbtrAgt", "CdtTrfTxInf", "CdtTrfTxInf"]  # fmt: skip
TRANSFER = ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]


def paths(element: Element, above: str = "") -> list[str]:
    found = []
    for child in element:
        found += [f"{above}{child.tag}", *paths(child, f"{above}{child.tag}/")]
    return found


@pytest.mark.parametrize("version", Version)
def test_a_payment_file_has_its_elements_in_the_order_of_the_schema(version: Version) -> None:
    message = read(payment_file(FILE, version), version, "CstmrCdtTrfInitn")
    assert [child.tag for child in message] == ["GrpHdr", "PmtInf"]
    assert paths(message)[:7] == HEAD
    payment = message[1]
    assert [child.tag for child in payment] == PAYMENT
    transfer = payment[8]
    assert [child.tag for child in transfer] == TRANSFER
    dated = "ReqdExctnDt" if version is Version.V03 else "ReqdExctnDt/Dt"
    assert payment.findtext(dated) == "2026-02-24"
    assert (message.findtext("GrpHdr/CtrlSum"), message.findtext("GrpHdr/NbOfTxs")) == (
        "1234.12", "2",
    )  # fmt: skip
    amount = transfer.find("Amt/InstdAmt")
    assert amount is not None
    assert (amount.text, amount.attrib) == ("1234.05", {"Ccy": "CNY"})
    assert transfer.findtext("Cdtr/Nm") == SHOP.name
    assert transfer.findtext("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId") == SHOP.bank_code
    assert payment_file(FILE, version) == payment_file(FILE, version)


def test_a_report_says_what_became_of_each_transfer() -> None:
    lines = {"pyo_1": Line("ACSC", 5), "pyo_2": Line("RJCT", 5, "AC04"), "pyo_3": Line("ACSP", 5)}
    report = read_report(report_message("pyb_1", lines, NOW).encode(), "pyb_1")
    assert report.known
    assert report.of("pyo_1") == Said(Status.PAID, None, "bk-pyo_1")
    assert report.of("pyo_2") == Said(Status.REJECTED, "AC04", "bk-pyo_2")
    assert report.of("pyo_3").status is report.of("pyo_9").status is Status.PENDING


def test_a_rejected_group_rejects_what_it_does_not_list() -> None:
    text = (
        f'<Document xmlns="{pain002.NAMESPACE}"><CstmrPmtStsRpt><OrgnlGrpInfAndSts>'
        "<OrgnlMsgId>pyb_1</OrgnlMsgId><GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>AM05</Cd></Rsn>"
        "</StsRsnInf></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    )
    assert read_report(text.encode(), "pyb_1").of("pyo_1") == Said(Status.REJECTED, "AM05")


def test_a_statement_is_read_with_its_returns() -> None:
    rows = [Row(DAY, -5, "bk-1", "pyo_1"), Row(DAY, 5, "rtn-1", "pyo_1", returned=True),
            Row(DAY, 900, "in")]  # fmt: skip
    message = statement_message(DAY, -42, rows, NOW).encode()
    found = read_statement(message, DAY, "CNY")
    assert (found.closing, found.bookings) == (
        -42,
        [Booking(-5, "bk-1", "pyo_1", False), Booking(5, "rtn-1", "pyo_1", True),
         Booking(900, "in", None, False)],
    )  # fmt: skip


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document>&b;</Document>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Document>&a;</Document>'


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, "<Document/>", "<", "", "<a xmlns='x'/>"])
def test_what_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="bank_message_malformed"):
        read_report(text.encode(), "pyb_1")


@pytest.mark.parametrize("amount", ["1.005", "-1", "NaN", "1e3x", "", "9" * 30])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    message = statement_message(DAY, 100, [], NOW).replace(">1.00<", f">{amount}<")
    with pytest.raises(Refused, match="bank_message_malformed"):
        read_statement(message.encode(), DAY, "CNY")


def test_a_message_about_something_else_is_refused() -> None:
    report = report_message("pyb_1", {}, NOW).encode()
    statement = statement_message(DAY, 1, [], NOW).encode()
    with pytest.raises(Refused, match="bank_message_misplaced"):
        read_report(report, "pyb_2")
    with pytest.raises(Refused, match="bank_message_misplaced"):
        read_statement(statement, date(2026, 2, 25), "CNY")
    assert camt053.NAMESPACE.encode() in statement
