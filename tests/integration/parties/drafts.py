"""A draft of an application to be a merchant, as the tests of what is sealed need one."""

from __future__ import annotations

from datetime import date, datetime

from anfu.parties.applications.application import Application, Particulars, Settlement, State
from anfu.parties.applications.scene import Scene
from anfu.parties.person import DocumentType, parse_document, parse_person

BEHIND = parse_person("钱五行", "13700137000", parse_document(DocumentType.PASSPORT, "Q0000002"))
HIDDEN = Particulars(BEHIND, "福州市一号", Settlement("钱五行商行", "35001234567890", "福州银行"))


def draft(now: datetime) -> Application:
    return Application(
        "app_1", "mer_2", State.DRAFT, "茶饮", "福州茶饮有限公司", "91350100M000100Y56", "5814",
        frozenset({Scene.H5}), HIDDEN, date(2036, 11, 23), "key_1", now,
    )  # fmt: skip
