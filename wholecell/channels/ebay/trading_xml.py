"""Messages of eBay's Trading API, which is XML: written with everything escaped, read without trusting any of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from wholecell.channels.ebay.values import UnreadableError, text

NAMESPACE = "urn:ebay:apis:eBLBaseComponents"
MOST_TOLD = 3

# What is inside an element: a text, or more elements, of which a name may repeat.
Inside = str | list[tuple[str, "Inside"]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One of an answer's errors."""

    code: str
    words: str
    is_theirs: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A call's answer: `ack` is Success, Warning, PartialFailure or Failure; warnings are no faults."""

    ack: str
    root: Element
    faults: tuple[Fault, ...]

    @property
    def is_done(self) -> bool:
        """Whether everything that was asked for was done."""
        return self.ack in {"Success", "Warning"}

    @property
    def codes(self) -> frozenset[str]:
        """The numbers of what went wrong."""
        return frozenset(each.code for each in self.faults)

    @property
    def words(self) -> str:
        """What went wrong, for people."""
        told = dict.fromkeys(each.words for each in self.faults if each.words)
        return " ".join([*told][:MOST_TOLD]) or "eBay did not say why."


def message(call: str, inside: list[tuple[str, Inside]]) -> bytes:
    """Write a request. A character that XML cannot hold is left out."""
    root = Element(f"{call}Request", {"xmlns": NAMESPACE})
    _fill(root, [("ErrorLanguage", "en_US"), *inside])
    return cast(bytes, tostring(root, encoding="utf-8", xml_declaration=True))


def answer(document: str) -> Answer:
    """Read an answer. Raises UnreadableError for what is none, and for a DTD or an entity, which eBay sends none of."""
    try:
        root = fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise UnreadableError("it is no XML that can be read safely") from None
    ack = inner(root, "Ack")
    if not ack:
        raise UnreadableError("it does not say whether it was done")
    return Answer(ack, root, tuple(_faults(root)))


def every(element: Element | None, *names: str) -> list[Element]:
    """All elements at the end of this path; one alone is a list of one, and none is an empty list."""
    return [] if element is None else element.findall("/".join(f"{{*}}{name}" for name in names))


def first(element: Element | None, *names: str) -> Element | None:
    """The first element at the end of this path."""
    return next(iter(every(element, *names)), None)


def inner(element: Element | None, *names: str, longest: int = 300) -> str:
    """The text at the end of this path; empty where it is missing."""
    found = first(element, *names) if names else element
    return "" if found is None else text(found.text or "", longest)


def exact(element: Element, name: str) -> str:
    """The text of a child letter for letter, for names that have to match; blanks around it do not count."""
    found = first(element, name)
    return (found.text or "").strip() if found is not None else ""


def _faults(root: Element) -> Iterator[Fault]:
    for each in every(root, "Errors"):
        if inner(each, "SeverityCode") == "Warning":
            continue
        yield Fault(
            inner(each, "ErrorCode", longest=40),
            inner(each, "LongMessage") or inner(each, "ShortMessage"),
            inner(each, "ErrorClassification") == "SystemError",
        )


def _fill(element: Element, inside: list[tuple[str, Inside]]) -> None:
    for name, value in inside:
        child = SubElement(element, name)
        if isinstance(value, str):
            child.text = "".join(letter for letter in value if _is_xml(letter))
        else:
            _fill(child, value)


def _is_xml(letter: str) -> bool:
    return letter in "\t\n\r" or "\x20" <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter > "\uffff"
