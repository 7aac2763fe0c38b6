"""A line to staff. Its URL holds a token: it is known to the sender alone and never shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from anfu.kernel.errors import Refused

PREFIX = "ntc_"
_NAMED = re.compile(r"([a-z][a-z0-9-]{0,31})=(.+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+")
_ID_LENGTH = 26


@dataclass(frozen=True, slots=True)
class Target:
    """`name` is whom it reaches, a queue or a level of escalation; None is everybody."""

    id: str
    name: str | None
    url: str = field(repr=False)


def read_targets(text: str, index: Callable[[str], bytes]) -> tuple[Target, ...]:
    """Targets from URLs separated by white space, each `url` or `name=url`. `index` is a keyed
    hash: it gives the id, which is the same in every process and tells nothing of the URL.

    Raises Refused("setting_invalid") with the place of the one at fault, never its text.
    """
    parts: Sequence[str] = text.split()
    targets = []
    for place, part in enumerate(parts, start=1):
        named = _NAMED.fullmatch(part)
        name, url = (named[1], named[2]) if named else (None, part)
        if _URL.fullmatch(url) is None:
            raise Refused("setting_invalid", field="ANFU_NOTICE_URLS", place=place)
        targets.append(Target(f"{PREFIX}{index(part).hex()[:_ID_LENGTH]}", name, url))
    return tuple({target.id: target for target in targets}.values())
