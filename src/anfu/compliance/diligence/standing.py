"""How an application stands, and what the evidence keeps of it: no personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anfu.kernel.canonical import digest
from anfu.parties.applications.application import Application
from anfu.parties.applications.inquiry import Inquiry

# By what law each act is done.
DILIGENCE = ("国令768", "22")
REAL_NAME = ("公告〔2013〕9号", "7")
INSPECTION = ("银发〔2019〕85号", "四(十六)")


@dataclass(frozen=True, slots=True)
class Standing:
    """An application and what the registries were asked about it."""

    application: Application
    inquiries: list[Inquiry]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants of an application, and why."""

    application: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Act:
    """What is done with an application, by whom (None: the system), under which law and article."""

    name: str
    by: str | None
    law: tuple[str, str] = DILIGENCE
    reason: str = ""


def leaf_of(application: Application, act: Act) -> dict[str, Any]:
    """What was done with an application that stands as given. A reason is kept by its digest."""
    return {
        "act": act.name,
        "by": act.by,
        "merchant": application.merchant,
        "state": application.state,
        "mcc": application.mcc,
        "refusal": application.refusal,
        "rating": application.rating,
        "due_on": application.due_on and application.due_on.isoformat(),
        "unverified": application.unverified_since is not None,
        "law": act.law[0],
        "article": act.law[1],
        "reason": digest([act.reason]).hex() if act.reason else None,
    }


def inquiry_leaf(inquiry: Inquiry) -> dict[str, Any]:
    """What was asked and answered."""
    reply = inquiry.reply
    return {
        "application": inquiry.application, "registry": inquiry.registry, "state": reply.state,
        "attempts": inquiry.attempts, "reason": reply.reason, "source": reply.source,
        "firm_state": inquiry.reply.firm_state,
    }  # fmt: skip
