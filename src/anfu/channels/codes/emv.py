"""EMVCo's merchant-presented code (EMV QRCPS, merchant mode 1.1): data objects, read and written.

An object is a tag of two digits, a length of two digits and the value. The length counts
characters, as EMVCo's own sample with Chinese names does. The last object is 63: the CRC-16/
CCITT-FALSE, in upper-case hex, of the UTF-8 bytes before its value.

Tags that are not known here are kept, in their place, so that what is read is written again as it
was. `read` checks, and names the tag at fault:

1. the text is at most 512 characters and divides into objects;
2. 00 is the first and says 01;
3. 63 is the last and its checksum is right;
4. no tag stands twice;
5. the templates (26 to 51, 62, 64, 80 to 99) divide into objects, no tag twice;
6. what must be there is: 52, 53, 58, 59, 60 and an account (02 to 51);
7. 01, 52, 53, 54 and 58 have their form.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from anfu.kernel.errors import Refused

_MAX = 512
_CRC = "63"
_ACCOUNTS = range(2, 52)
_REQUIRED = ("52", "53", "58", "59", "60")
_FORMS = {
    "01": re.compile(r"1[12]"),
    "52": re.compile(r"[0-9]{4}", re.ASCII),
    "53": re.compile(r"[0-9]{3}", re.ASCII),
    "54": re.compile(r"(?=.{1,13}\Z)[0-9]+(?:\.[0-9]*)?", re.ASCII),
    "58": re.compile(r"[A-Z]{2}"),
}


class DataObject(NamedTuple):
    """`tag` is two digits, `value` 1 to 99 characters."""

    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class EmvCode:
    """The objects in their order, without the checksum (63)."""

    objects: tuple[DataObject, ...]

    @property
    def values(self) -> Mapping[str, str]:
        return dict(self.objects)

    @property
    def dynamic(self) -> bool:
        """Whether it was made for one payment (01 = 12); a code without 01 may be used again."""
        return self.values.get("01") == "12"

    @property
    def amount(self) -> str | None:
        """In units of the currency 53, as written; None when the payer types it."""
        return self.values.get("54")


def read_emv(text: str) -> EmvCode:
    """The code in `text`. Raises Refused("code_malformed", field=tag), 1 to 7."""
    if len(text) > _MAX:  # 1
        raise _malformed("00")
    objects = read_objects(text)  # 1, 4
    if not objects or objects[0] != ("00", "01"):  # 2
        raise _malformed("00")
    if objects[-1].tag != _CRC or crc(text[:-4]) != objects[-1].value:  # 3
        raise _malformed(_CRC)
    return _checked(objects[:-1])


def write_emv(code: EmvCode) -> str:
    """The text of `code`. Raises Refused("code_malformed", field=tag) for what `read_emv` would
    refuse."""
    body = write_objects(code.objects) + _CRC + "04"
    text = body + crc(body)
    read_emv(text)
    return text


def read_objects(text: str, within: str = "") -> tuple[DataObject, ...]:
    """The objects of one level; `within` is the path to it (`62.`). Raises as `read_emv`."""
    objects: list[DataObject] = []
    place = 0
    while place < len(text):
        head = text[place : place + 4]
        tag = head[:2]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise _malformed(within + (tag if tag.isascii() and tag.isdigit() else "??"))
        value = text[place + 4 : place + 4 + int(head[2:])]
        if not value or len(value) != int(head[2:]) or any(o.tag == tag for o in objects):
            raise _malformed(within + tag)
        objects.append(DataObject(tag, value))
        place += 4 + len(value)
    return tuple(objects)


def write_objects(objects: Iterable[DataObject]) -> str:
    """Raises Refused("code_malformed", field=tag) for a value of no or over 99 characters."""
    parts = []
    for tag, value in objects:
        if not 0 < len(value) < 100:
            raise _malformed(tag)
        parts.append(f"{tag}{len(value):02d}{value}")
    return "".join(parts)


def crc(text: str) -> str:
    """The checksum of `text` in UTF-8, four upper-case hex digits."""
    return f"{binascii.crc_hqx(text.encode(), 0xFFFF):04X}"


def is_template(tag: str) -> bool:
    """Whether the object holds objects itself (EMV QRCPS, table 3.1)."""
    return 26 <= int(tag) <= 51 or tag in ("62", "64") or 80 <= int(tag) <= 99


def _checked(objects: tuple[DataObject, ...]) -> EmvCode:
    values = dict(objects)
    for tag, value in objects:
        if is_template(tag):  # 5
            read_objects(value, f"{tag}.")
        if tag in _FORMS and not _FORMS[tag].fullmatch(value):  # 7
            raise _malformed(tag)
    for tag in _REQUIRED:  # 6
        if tag not in values:
            raise _malformed(tag)
    if not any(int(tag) in _ACCOUNTS for tag in values):
        raise _malformed("26")
    return EmvCode(objects)


def _malformed(tag: str) -> Refused:
    return Refused("code_malformed", field=tag)
