"""The forms of requests and answers about lists."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from anfu.entrypoints.api.documents import Limit, Moment, Name, Request, Text
from anfu.kernel.money import MAX_MINOR
from anfu.payments.document import rfc3339
from anfu.risk.features import Purpose
from anfu.risk.lists.amend import Amended
from anfu.risk.lists.change import Change, Entry
from anfu.risk.lists.declaration import Declaration, Form, Kind
from anfu.risk.lists.queries import FeedState, Release
from anfu.risk.rules import Grade

Value = Annotated[str, Meta(min_length=1, max_length=128)]
Lines = Annotated[str, Meta(min_length=1, description="CSV with a heading: value, and any of"
                            " expires_at, reason, source.")]  # fmt: skip


class FeedForm(Request, frozen=True):
    """Where entries come from by themselves; see docs/lists.md."""

    url: Annotated[str, Meta(min_length=1, max_length=500)]
    key: Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
    every_s: Annotated[int, Meta(ge=10, le=86_400)] = 300
    fresh_s: Annotated[int, Meta(ge=60, le=31 * 86_400)] = 86_400
    most: Annotated[int, Meta(ge=1, le=10_000_000)] = 1_000_000
    share: Annotated[int, Meta(ge=0, le=100)] = 20


class ListForm(Request, frozen=True):
    """A list as it shall be declared; `why` is for whoever decides."""

    name: Name
    kind: Kind
    form: Form
    inputs: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=9)]
    en: Text
    zh: Text
    source: Text
    owner: Name
    why: Text
    reason: Name
    grade: Grade = Grade.LOW
    points: Annotated[int, Meta(ge=0, le=1_000)] = 0
    purpose: Purpose = Purpose.ANTI_FRAUD
    excuses: Annotated[tuple[Name, ...], Meta(max_length=32)] = ()
    feed: FeedForm | None = None


class WhyForm(Request, frozen=True):
    """Why."""

    why: Text


class EntryForm(Request, frozen=True):
    """One value; without an expiry it stays until it is taken off."""

    value: Value
    expires_at: Moment | None = None
    reason: Text | None = None
    source: Text | None = None


class EntriesForm(Request, frozen=True):
    """Values to be put onto a list. What an entry does not say for itself is `why` and `source`."""

    entries: Annotated[tuple[EntryForm, ...], Meta(min_length=1, max_length=500)]
    why: Text
    source: Text


class RemovalForm(Request, frozen=True):
    """Values to be taken off a list."""

    values: Annotated[tuple[Value, ...], Meta(min_length=1, max_length=500)]
    why: Text


class ImportForm(Request, frozen=True):
    """Values to be put onto a list; with `replace` it holds nothing else afterwards."""

    csv: Lines
    why: Text
    source: Text
    replace: bool = False


class DeltaForm(Request, frozen=True):
    """What the list would hold."""

    csv: Lines


class EntryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """In the order of the values as they are kept; `value` finds one, given as it is written."""

    limit: Limit = 20
    after: Value | None = None
    value: Value | None = None


class HistoryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest first; `after` is the last version of the page before."""

    limit: Limit = 20
    after: Annotated[int, Meta(ge=1, le=MAX_MINOR)] | None = None


class FedDocument(Struct, frozen=True):
    """What came of asking a feed: `problem` is null when all was well; what waits for a person is
    `proposal`."""

    asked_at: datetime
    serial: int | None
    issued_at: datetime | None
    problem: str | None
    proposal: str | None


class ListDocument(Struct, frozen=True):
    """A list; `entries` as this process has them in force, the expired ones too. `fed` only where
    one list is read."""

    name: str
    object: Literal["list_of_values"]
    kind: Kind
    form: Form
    inputs: list[str]
    grade: Grade
    points: int
    reason: str
    en: str
    zh: str
    source: str
    owner: str
    purpose: Purpose
    excuses: list[str]
    feed: FeedForm | None
    entries: int
    fed: FedDocument | None = None


class ListList(Struct, frozen=True):
    """Every list."""

    object: Literal["list"]
    data: list[ListDocument]
    more: bool


class EntryDocument(Struct, frozen=True):
    """What stands on a list: `value` as it is kept, hashed on a HASHED list."""

    value: str
    object: Literal["list_entry"]
    source: str
    reason: str
    expires_at: datetime | None
    expired: bool
    added_at: datetime
    added_by: str


class EntryList(Struct, frozen=True):
    """A page of entries."""

    object: Literal["list"]
    data: list[EntryDocument]
    more: bool


class ChangeDocument(Struct, frozen=True):
    """What came of a change: in force as `version`, waiting for another person as `proposal`, or
    nothing to be changed."""

    id: str | None
    object: Literal["list_change"]
    list: str
    state: Literal["RELEASED", "PROPOSED", "UNCHANGED"]
    tightens: int
    loosens: int
    version: int | None
    proposal: str | None


class HistoryDocument(Struct, frozen=True):
    """A change that came into force; by one person alone where `proposal` is null."""

    version: int
    object: Literal["list_release"]
    change: str
    action: Literal["DECLARE", "ENTRIES"]
    tightens: int
    loosens: int
    reason: str
    author: str
    created_at: datetime
    proposal: str | None


class HistoryList(Struct, frozen=True):
    """A page of changes."""

    object: Literal["list"]
    data: list[HistoryDocument]
    more: bool


class DeltaDocument(Struct, frozen=True):
    """What an import with `replace` would do: nothing has been changed."""

    object: Literal["list_delta"]
    list: str
    entries: int
    added: int
    moved: int
    removed: int


def list_document(
    declaration: Declaration, entries: int, fed: FeedState | None = None
) -> dict[str, Any]:
    """A list as JSON values."""
    values = asdict(declaration)
    del values["retired"]
    return {"object": "list_of_values", **values, "entries": entries, "fed": fed and _fed(fed)}


def _fed(state: FeedState) -> dict[str, Any]:
    return {
        "asked_at": rfc3339(state.asked_at),
        "serial": state.serial,
        "issued_at": state.issued_at and rfc3339(state.issued_at),
        "problem": state.problem,
        "proposal": state.proposal,
    }


def entry_document(entry: Entry, *, now: datetime) -> dict[str, Any]:
    """An entry as JSON values."""
    item = entry.item
    return {
        "value": item.value,
        "object": "list_entry",
        "source": item.source,
        "reason": item.reason,
        "expires_at": item.expires and rfc3339(item.expires),
        "expired": item.expires is not None and item.expires <= now,
        "added_at": rfc3339(entry.at),
        "added_by": entry.by,
    }


def change_answer(name: str, amended: Amended) -> dict[str, Any]:
    """What came of a change, as JSON values."""
    change, proposal = amended.change, amended.proposal
    state = "RELEASED" if proposal is None else "PROPOSED"
    return {
        "id": change and change.id,
        "object": "list_change",
        "list": name,
        "state": "UNCHANGED" if change is None else state,
        "tightens": change.weight.tightens if change else 0,
        "loosens": change.weight.loosens if change else 0,
        "version": amended.version,
        "proposal": proposal and proposal.id,
    }


def history_document(release: Release) -> dict[str, Any]:
    """A change that came into force, as JSON values."""
    change: Change = release.change
    return {
        "version": release.version,
        "object": "list_release",
        "change": change.id,
        "action": change.action,
        "tightens": change.weight.tightens,
        "loosens": change.weight.loosens,
        "reason": change.reason,
        "author": change.author,
        "created_at": rfc3339(change.created_at),
        "proposal": release.proposal,
    }
