"""One admitted call, and what it carries."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from ..api_call import ApiCall
from ..paging import Page, page_of
from .account import WalmartAccount
from .answers import invalid, invalid_content

T = TypeVar("T")


@dataclass(frozen=True)
class Call(ApiCall[WalmartAccount]):
    """A request that passed `access.admit`; handlers run with the shop's lock held."""

    def setting(self, name: str) -> Any:
        """How the account is set."""
        return self.account.settings[name]

    def text(self, name: str) -> str | None:
        """A parameter, blank ones as if absent."""
        return self.request.args.get(name) or None

    def literal(self, name: str) -> str | None:
        """A parameter in which a plus is a plus: only %20 is a blank (Inventory Management, parameter sku)."""
        for pair in self.request.query_string.decode("ascii", "replace").split("&"):
            key, _, value = pair.partition("=")
            if unquote(key) == name:
                return unquote(value)
        return None

    def number(self, name: str, usual: int, least: int, most: int, api: str) -> int:
        """A whole number between two others, or the usual one; anything else ends the call."""
        text = self.text(name)
        if text is None:
            return usual
        number = digits(text)
        if number is None or not least <= number <= most:
            raise invalid(api, f"{name} must be a number from {least} to {most}", name)
        return number

    def choice(self, name: str, values: Sequence[str], api: str, usual: str | None = None) -> str | None:
        """One of the words, or the usual one; anything else ends the call."""
        text = self.text(name)
        if text is not None and text not in values:
            raise invalid(api, f"{name} must be one of {', '.join(values)}", name)
        return usual if text is None else text

    def json(self, api: str) -> dict[str, Any]:
        """The JSON object sent; anything else ends the call."""
        try:
            body = json.loads(self.request.get_data())
        except ValueError:
            raise invalid_content(api, "The body is not valid JSON") from None
        if self.request.mimetype != "application/json" or not isinstance(body, dict):
            raise invalid_content(api, "The body must be a JSON object, sent as application/json")
        return body

    def page(self, rows: Sequence[T], number: int, size: int) -> Page[T]:
        """A numbered page of the rows, through the faults that strike lists."""
        return page_of(self.shop, self.account, self.via, rows, number, size)


def digits(text: str) -> int | None:
    """The number that a text of digits is, None for any other text and for numbers beyond all reason."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def cursor(**place: object) -> str:
    """An opaque text for a place in a list; like the documented ones it must be encoded in an address."""
    return "AoE/" + base64.b64encode(json.dumps(place).encode() + b" ").decode().rstrip("=") + "=="


def place(text: str, api: str) -> dict[str, Any]:
    """What `cursor` was made of. Raises RefusalError for any other text."""
    try:
        if not text.startswith("AoE/") or not text.endswith("=="):
            raise ValueError
        found = json.loads(base64.b64decode(text[4:].rstrip("=") + "==", validate=False))
        return {"page": int(found["page"]), "size": int(found["size"]), **found}
    except (ValueError, KeyError, TypeError):
        raise invalid(api, "nextCursor is not one that was answered", "nextCursor") from None
