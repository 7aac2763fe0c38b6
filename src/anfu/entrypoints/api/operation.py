"""An operation of the API as it is declared: the door serves it, OpenAPI describes it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from anfu.kernel.errors import BrokenInvariant
from anfu.parties.caller import Caller
from anfu.storage.idempotency import Answer, Claim

if TYPE_CHECKING:
    from anfu.entrypoints.api.desk import Desk


MAX_BODY = 64 * 1024


@dataclass(slots=True)
class Call:
    """One request, parsed and authenticated. `caller` is None only where no key is asked for;
    `arrived_s` is when it came to the door, on `time.perf_counter`; `address` where it came from;
    `more` are headers the answer gets besides the usual ones; `media` its media type where it is
    not the operation's; `why` is the reason that was given
    for reading personal data, `seen` the people whose data the answer holds."""

    desk: Desk
    now: datetime
    path: Mapping[str, str]
    query: Any
    body: Any
    headers: Mapping[bytes, bytes]
    raw: bytes
    caller: Caller | None
    claim: Claim | None
    arrived_s: float
    address: str
    more: list[tuple[bytes, bytes]] = field(default_factory=list)
    why: str | None = None
    seen: list[str] = field(default_factory=list)
    media: str | None = None

    @property
    def by(self) -> Caller:
        """Who asks, where the operation wants to know."""
        if self.caller is None:
            raise BrokenInvariant("an open operation asked for its caller")
        return self.caller

    @property
    def person(self) -> str:
        """The person behind the call: the same by key and by session. What two people are needed
        for compares these."""
        return self.by.person

    @property
    def merchant(self) -> str | None:
        """The scope of the caller: a merchant, or None for the institution."""
        return self.by.merchant_id

    def saw(self, *people: str | None) -> None:
        """Note whose personal data the answer holds, each once; None is nobody."""
        for person in people:
            if person is not None and person not in self.seen:
                self.seen.append(person)

    def saw_in(self, answer: Answer, field: str = "customer") -> Answer:
        """The answer, with the person noted whom its `field` names."""
        self.saw(msgspec.json.decode(answer.body)[field])
        return answer

    @property
    def once(self) -> Claim:
        """The idempotency claim, where the operation asks for one."""
        if self.claim is None:
            raise BrokenInvariant("an operation without idempotency asked for its claim")
        return self.claim


@dataclass(frozen=True, slots=True)
class Streamed:
    """An answer that goes on: pieces as they come; an empty one is none."""

    pieces: AsyncGenerator[bytes, None]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """`scope` None: open to everybody, or with `session` to whoever of the staff is signed in.
    `once`: needs an Idempotency-Key. `refusals` are the codes the handler itself may answer with;
    those of the door are added by the description. `institution`: closed to keys of merchants.
    `standing`: closed to an emergency, which is no second person and makes nothing that lasts.
    `personal`: its answer holds personal data, and the handler says whose (`Call.saw`).
    `most`: bytes a body may have. `headers`: of a right answer, besides the usual ones."""

    name: str
    method: str
    path: str
    summary: str
    handler: Callable[[Call], Awaitable[Answer | Streamed]]
    scope: str | None = None
    answer: Any = None
    status: int = 200
    body: Any = None
    query: Any = None
    once: bool = False
    refusals: tuple[str, ...] = ()
    media: str = "application/json"
    institution: bool = False
    most: int = MAX_BODY
    example: Mapping[str, Any] | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    session: bool = False
    personal: bool = False
    standing: bool = False
