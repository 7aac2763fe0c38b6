"""An inquiry: one question about an application to one registry, as a verification is about a
person: UNKNOWN is no answer, the same question is asked again under its id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from anfu.parties.applications.application import Application
from anfu.parties.identity.verification import Reply, State
from anfu.parties.person import DocumentType

PREFIX = "inq"


class Registry(StrEnum):
    """Who is asked: by the name of its line in the settings."""

    FIRM_REGISTRY = "FIRM_REGISTRY"  # 企业登记
    CITIZEN_REGISTRY = "CITIZEN_REGISTRY"  # 公民身份


# How a firm may stand in the registry and be a merchant; ABNORMAL raises its rating.
SOUND = frozenset({"IN_BUSINESS", "ABNORMAL"})


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question as it stands."""

    id: str
    application: str
    registry: Registry
    attempts: int
    asked_at: datetime
    answered_at: datetime | None
    reply: Reply

    @property
    def contradiction(self) -> str | None:
        """Why the registry's word stands against the firm, None where it does not: it contradicts,
        or the firm is no longer in business (公告〔2013〕9号 art. 7)."""
        if self.reply.state is State.CONTRADICTED:
            return self.reply.reason
        firm = self.registry is Registry.FIRM_REGISTRY
        if firm and self.reply.state is State.CONFIRMED and self.reply.firm_state not in SOUND:
            return f"firm_{(self.reply.firm_state or 'unknown').lower()}"
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the registries say together. `registry` and `reason` of the first that stands against
    the firm."""

    abnormal: bool
    registry: Registry | None = None
    reason: str | None = None


def verdict_of(inquiries: Sequence[Inquiry]) -> Verdict | None:
    """Of each registry its last question, in the order they were asked; None while one is open."""
    last = {inquiry.registry: inquiry for inquiry in inquiries}
    if any(inquiry.answered_at is None for inquiry in last.values()):
        return None
    abnormal = any(inquiry.reply.firm_state == "ABNORMAL" for inquiry in last.values())
    for inquiry in last.values():
        if inquiry.contradiction is not None:
            return Verdict(abnormal, inquiry.registry, inquiry.contradiction)
    return Verdict(abnormal)


def facts(application: Application) -> Mapping[Registry, Mapping[str, str]]:
    """What is asked of each registry: no more than it needs (个保法 art. 6). The citizen registry
    knows resident ids alone; another document a person looks at before approving."""
    representative = application.particulars.representative
    asked: dict[Registry, Mapping[str, str]] = {
        Registry.FIRM_REGISTRY: {
            "credit_code": application.credit_code,
            "name": application.legal_name,
            "representative": representative.name,
        }
    }
    if representative.document.type is DocumentType.CITIZEN_ID:
        asked[Registry.CITIZEN_REGISTRY] = {
            "name": representative.name,
            "document_number": representative.document.number,
            "document_until": application.document_until.isoformat(),
        }
    return asked
