"""XML of banks: elements written in order, and read with every DTD and entity refused."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from anfu.kernel.currencies import EXPONENTS
from anfu.kernel.errors import Refused
from anfu.kernel.money import Money, parse_money


def document(namespace: str, name: str) -> tuple[Element, Element]:
    """A `Document` of a namespace, and the message `name` in it."""
    root = Element("Document", {"xmlns": namespace})
    return root, SubElement(root, name)


def put(parent: Element, path: str, text: str | None = None) -> Element:
    """The element at `path`, e.g. `Dbtr/Nm`, new below `parent`, with its text."""
    for name in path.split("/"):
        parent = SubElement(parent, name)
    parent.text = text
    return parent


def put_amount(parent: Element, path: str, amount: int, currency: str) -> None:
    """Minor units as a decimal, with the currency beside it."""
    put(parent, path, decimal(amount, currency)).set("Ccy", currency)


def decimal(amount: int, currency: str) -> str:
    """Minor units in major ones, with all decimals of the currency."""
    return f"{Money(amount, currency).decimal():.{EXPONENTS[currency]}f}"


def written(root: Element) -> bytes:
    """The bytes of a document, in UTF-8."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + bytes(tostring(root, "utf-8"))


def read(text: bytes, namespace: str, name: str) -> Element:
    """The message `name` of a document of `namespace`. Raises Refused `bank_message_malformed`,
    also for one with a DTD or an entity."""
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise malformed(type(error).__name__) from None
    found = root.find(f"{{{namespace}}}{name}")
    if root.tag != f"{{{namespace}}}Document" or found is None:
        raise malformed(name)
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{namespace}}}")
    return found


def text_of(element: Element, path: str) -> str:
    """The text at `path`. Raises Refused `bank_message_malformed` without one."""
    text = (element.findtext(path) or "").strip()
    if not text:
        raise malformed(path)
    return text


def amount_of(element: Element, path: str) -> tuple[int, str]:
    """Minor units and currency. Raises Refused `bank_message_malformed`."""
    text, found = text_of(element, path), element.find(path)
    currency = "" if found is None else found.get("Ccy", "")
    try:
        # Banks write more decimals than a currency has: 12.3400 is 12.34.
        plain = Decimal(text)
        return parse_money(f"{plain:f}".rstrip("0").rstrip(".") if plain % 1 else f"{plain:.0f}",
                           currency).minor, currency  # fmt: skip
    except (InvalidOperation, Refused):
        raise malformed(path) from None


def malformed(where: str) -> Refused:
    return Refused("bank_message_malformed", field="message", where=where)
