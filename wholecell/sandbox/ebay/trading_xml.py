"""The XML of the Trading API: reading what was sent, building what is answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring

from .call import written

NAMESPACE = "urn:ebay:apis:eBLBaseComponents"


def read(data: bytes) -> Element:
    """The root, its names without their namespace. Raises ValueError for anything that is not plain XML of eBay's."""
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (SyntaxError, ValueError) as problem:  # ParseError is a SyntaxError, what is forbidden a ValueError
        raise ValueError(str(problem)) from None
    for each in root.iter():
        space, _, name = str(each.tag).rpartition("}")
        if space != f"{{{NAMESPACE}":
            raise ValueError(f"{name} is not of the namespace {NAMESPACE}")
        each.tag = name
    return root


def text(node: Element | None, path: str) -> str:
    """The text found there, without blanks around it; empty when there is none."""
    return ((node.findtext(path) if node is not None else None) or "").strip()


def node(name: str, content: object = None, **attributes: str) -> Element:
    """An element with text, or with the elements of a list; None in the list is left out."""
    made = Element(name, attributes)
    if isinstance(content, list):
        made.extend(each for each in content if each is not None)
    elif isinstance(content, datetime):
        made.text = written(content)
    elif isinstance(content, bool):
        made.text = "true" if content else "false"
    elif content is not None:
        made.text = str(content)
    return made


def amount(name: str, value: object, currency: str) -> Element:
    """Money."""
    return node(name, value, currencyID=currency)


def document(name: str, nodes: Iterable[Element]) -> bytes:
    """The whole answer."""
    root = node(name, list(nodes), xmlns=NAMESPACE)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="utf-8")
