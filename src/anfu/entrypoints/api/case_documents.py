"""The forms of requests and answers about cases."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import (
    PERSONAL,
    Currency,
    Id,
    Limit,
    Name,
    Personal,
    PersonalFacts,
    Request,
    Text,
)
from anfu.kernel.money import MAX_MINOR
from anfu.risk.cases.attachments.attachment import MediaType
from anfu.risk.cases.case import State, Verdict, VoiceState
from anfu.risk.rules import Grade, Outcome

Queue = Annotated[str, Meta(pattern="^[a-z][a-z0-9-]{0,31}$", max_length=32)]
NoteText = Annotated[str, Meta(min_length=1, max_length=2000, description="Sealed at rest; the"
                               " evidence keeps its digest.")]  # fmt: skip
Code = Annotated[str, Meta(pattern="^[A-Z][A-Z_]{1,63}$", max_length=64)]
Seconds = Annotated[int, Meta(ge=0, le=7 * 86_400)]
Minute = Annotated[int, Meta(ge=0, le=24 * 60, description="Of the civil day, Asia/Shanghai.")]


class CaseQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The queue in order of priority, the oldest first among equals; `after` is the last id of the
    page before. Without `state` all that are not closed. `holder` is the id of a key, `event` of a
    payment or of what another switch asked about."""

    limit: Limit = 20
    after: Id | None = None
    state: State | None = None
    queue: Queue | None = None
    holder: Id | None = None
    grade: Grade | None = None
    event: Id | None = None
    late: bool = False


class CaseDocument(Struct, frozen=True):
    """A case as it stands. Amounts in minor units: `amount` of all it is about, `at_stake` of what
    still waits for a verdict. `left_s`: until the first response is late."""

    id: str
    object: Literal["case"]
    state: State
    grade: Grade
    score: int
    amount: int
    at_stake: int
    currency: str
    count: int
    revision: int
    queue: str
    holder: str | None
    policy: str
    opened_at: datetime
    due_at: datetime
    responded_at: datetime | None
    late: bool
    left_s: int
    level: int
    waiting_at: datetime
    escalates_at: datetime | None
    closed_at: datetime | None
    reopened: int


class CaseList(Struct, frozen=True):
    """A page of the queue."""

    object: Literal["list"]
    data: list[CaseDocument]
    more: bool


class CaseReasonDocument(Struct, frozen=True):
    """A reason code in words."""

    code: str
    en: str
    zh: str


class CaseItemDocument(Struct, frozen=True):
    """A decision of the case, with all that was known when it was made. `payment` is how our
    payment stands now, None for a decision of another switch; `fate` how it ended waiting."""

    decision: str
    event: str
    created_at: datetime
    amount: int
    grade: Grade
    score: int
    outcome: Outcome
    held: bool
    waits_until: datetime | None
    fate: str | None
    verdict: Verdict | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    payment: str | None
    label: Literal["FRAUD", "HONEST"] | None
    reasons: list[CaseReasonDocument]
    list_hits: list[str]
    facts: PersonalFacts


class VoiceDocument(Struct, frozen=True):
    """What a person said; with `two_people` a `second` one confirmed or declined it."""

    id: str
    created_at: datetime
    by: str
    verdict: Verdict
    reason: str
    decisions: list[str]
    two_people: bool
    state: VoiceState
    second: str | None
    second_at: datetime | None


class NoteDocument(Struct, frozen=True):
    """A note."""

    id: str
    created_at: datetime
    by: str
    text: str


class AttachmentDocument(Struct, frozen=True):
    """A file of `size` bytes, by its SHA-256 in hex."""

    id: str
    object: Literal["attachment"]
    case: str
    created_at: datetime
    by: str
    media_type: MediaType
    size: int
    sha256: str


class NamedAttachment(AttachmentDocument, frozen=True):
    """What the file is called, and what it shows."""

    name: Personal
    shows: Personal


class WholeAttachment(NamedAttachment, frozen=True):
    """The file itself, in base64."""

    content: Annotated[bytes, PERSONAL]


class ActDocument(Struct, frozen=True):
    """Something done with the case; `by` null is Anfu itself."""

    created_at: datetime
    act: str
    by: str | None
    detail: dict[str, Any]


class LinkDocument(Struct, frozen=True):
    """What ties decisions together: an input and its value."""

    input: str
    value: Personal


class NeighbourDocument(Struct, frozen=True):
    """Another case that shares an input with this one."""

    case: str
    state: State
    input: str
    value: Personal


class WholeCase(CaseDocument, frozen=True):
    """Everything a person must see. `two_people`: a verdict on what is at stake takes a second
    person. `choices` are the reasons a verdict may have."""

    two_people: bool = False
    items: list[CaseItemDocument] = []
    links: list[LinkDocument] = []
    neighbours: list[NeighbourDocument] = []
    voices: list[VoiceDocument] = []
    notes: list[NoteDocument] = []
    attachments: list[NamedAttachment] = []
    acts: list[ActDocument] = []
    choices: dict[Verdict, list[CaseReasonDocument]] = {}


class AssignForm(Request, frozen=True):
    """`to` is the id of an account, or of a key, that may work on cases."""

    to: Id


class GiveBackForm(Request, frozen=True):
    """Into which queue; the one it came from when left out."""

    queue: Queue | None = None


class CaseNoteForm(Request, frozen=True):
    """What the next one should know."""

    text: NoteText


class AttachmentForm(Request, frozen=True):
    """`content` in base64, 1 MiB of bytes at the most, of the declared media type; text is UTF-8.
    `shows`: what it is evidence of. All of it is sealed at rest; the evidence keeps the SHA-256 of
    the bytes."""

    media_type: MediaType
    name: Name
    shows: Text
    content: bytes


class HandOverForm(Request, frozen=True):
    """To a person or into a queue, one of the two. `holder` is whose cases; the caller's when left
    out."""

    note: NoteText
    to: Id | None = None
    queue: Queue | None = None
    holder: Id | None = None


class VerdictForm(Request, frozen=True):
    """What becomes of `decisions` (all without a verdict when left out). `revision` is that of the
    case as it was read: a case that has changed since is not concluded unseen."""

    verdict: Verdict
    reason: Code
    revision: int
    decisions: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=100)] | None = None


class FiguresQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Cases opened within so many days up to now."""

    days: Annotated[int, Meta(ge=1, le=366)] = 30


class OpenCountDocument(Struct, frozen=True):
    """Open cases of a grade, older than the age before and up to `age_s` seconds (null: older than
    all)."""

    grade: Grade
    age_s: int | None
    count: int


class CaseFigures(Struct, frozen=True):
    """How the work on cases goes. `in_time`: answered within the policy's working time; `in_target`
    within 30 minutes by the wall clock (the institution's target); shares are of `due`: those
    answered and those that should have been. Quantiles of the first response in seconds."""

    object: Literal["case_figures"]
    days: int
    open: list[OpenCountDocument]
    late: int
    oldest_s: float
    opened: int
    answered: int
    due: int
    in_time: int
    in_time_share: float | None
    in_target: int
    in_target_share: float | None
    p50_s: float | None
    p95_s: float | None


class LevelForm(Request, frozen=True):
    """Whom a case nobody works on is taken to, after how much working time."""

    after_s: Annotated[int, Meta(ge=1, le=7 * 86_400)]
    to: Queue


class CalendarForm(Request, frozen=True):
    """Working hours: minutes of the day, weekdays 1 Monday to 7 Sunday, public holidays and the
    working weekends that make up for them."""

    weekdays: Annotated[tuple[int, ...], Meta(min_length=1, max_length=7)]
    opens: Minute
    closes: Minute
    holidays: Annotated[tuple[date, ...], Meta(max_length=400)] = ()
    workdays: Annotated[tuple[date, ...], Meta(max_length=400)] = ()


class CasePolicyForm(Request, frozen=True):
    """The policy cases are worked by. `two_people`: from which amount in minor units a verdict
    takes two, by currency; one that is not named always does."""

    first_response_s: Seconds
    hold_most_s: Seconds
    two_people: dict[Currency, Annotated[int, Meta(ge=0, le=MAX_MINOR)]]
    group_by: Annotated[tuple[Literal["payer", "device", "card", "payee"], ...], Meta(max_length=4)]
    group_window_s: Seconds
    group_most: Annotated[int, Meta(ge=1, le=100)]
    sample_blocked: Annotated[int, Meta(ge=0, le=100, description="Percent.")]
    queue: Queue
    escalation: Annotated[tuple[LevelForm, ...], Meta(max_length=8)]
    calendar: CalendarForm | None = None


class CasePolicyDocument(Struct, frozen=True):
    """The policy in force."""

    object: Literal["case_policy"]
    version: str
    policy: dict[str, Any]
    reasons: list[CaseReasonDocument]
