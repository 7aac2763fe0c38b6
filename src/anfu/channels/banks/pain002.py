"""The report on a payment file: customer payment status report, pain.002.001.03 and later ones with
the same elements.

Settled on the debtor's account (ACSC), or on the creditor's (ACCC), is PAID; rejected (RJCT) is
REJECTED; everything else a bank may say (RCVD, ACTC, ACCP, ACSP, ACWC, PDNG …) is PENDING. A
rejected group (GrpSts) rejects all its payments: `Report.whole`, for it need not list them.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from anfu.channels.banks.elements import malformed, read, text_of
from anfu.channels.banks.port import Report, Said, Status
from anfu.kernel.errors import Refused

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"
_NAME = "CstmrPmtStsRpt"
_PAID = frozenset({"ACSC", "ACCC"})
_REJECTED = "RJCT"


def read_report(message: bytes, file: str) -> Report:
    """What the bank says of the file of this id. Raises Refused: bank_message_malformed,
    bank_message_misplaced (of another file)."""
    report = read(message, NAMESPACE, _NAME)
    group = report.find("OrgnlGrpInfAndSts")
    if group is None:
        raise malformed("OrgnlGrpInfAndSts")
    if text_of(group, "OrgnlMsgId") != file:
        raise Refused("bank_message_misplaced", field="message")
    said = dict(_one(found) for found in report.iterfind("OrgnlPmtInfAndSts/TxInfAndSts"))
    rejected = group.findtext("GrpSts") == _REJECTED
    whole = Said(Status.REJECTED, group.findtext("StsRsnInf/Rsn/Cd")) if rejected else None
    return Report(True, said, whole)


def _one(found: Element) -> tuple[str, Said]:
    status = text_of(found, "TxSts")
    kind = (
        Status.PAID if status in _PAID
        else Status.REJECTED if status == _REJECTED else Status.PENDING
    )  # fmt: skip
    reason, reference = found.findtext("StsRsnInf/Rsn/Cd"), found.findtext("AcctSvcrRef")
    return text_of(found, "OrgnlEndToEndId"), Said(kind, reason, reference)
