"""One REST call, and what it carries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from ..api_call import ApiCall, RefusalError
from ..paging import Page, page_of
from .account import Access, EbayAccount
from .answers import INVENTORY, refuse, usual

T = TypeVar("T")


@dataclass(frozen=True)
class Call(ApiCall[EbayAccount]):
    """A request that passed `access.admit`; handlers run with the shop's lock held."""

    access: Access

    def setting(self, name: str) -> Any:
        """How the account is set."""
        return self.account.settings[name]

    @property
    def here(self) -> str:
        """The address of the path asked for."""
        return self.request.base_url

    def text(self, name: str) -> str | None:
        """A parameter, blank ones as if absent."""
        return self.request.args.get(name) or None

    def number(self, name: str, usual: int, least: int, most: int, refusal: RefusalError) -> int:
        """A whole number between two others, or the usual one; anything else is this refusal."""
        text = self.text(name)
        if text is None:
            return usual
        if not (text.isascii() and text.isdecimal() and len(text) < 10) or not least <= int(text) <= most:
            raise refusal
        return int(text)

    def json(self, domain: str) -> dict[str, Any]:
        """The JSON object sent; anything else ends the call."""
        if self.request.mimetype != "application/json":
            raise RefusalError(usual(415))
        try:
            body = json.loads(self.request.get_data())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise refuse(25709 if domain == INVENTORY else 32600, domain, "Invalid input data")
        return body

    def page(self, rows: Sequence[T], number: int, size: int) -> Page[T]:
        """A numbered page of the rows, through the faults that strike lists."""
        return page_of(self.shop, self.account, self.via, rows, number, size)


def written(moment: datetime) -> str:
    """2015-08-04T19:09:02.768Z."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text_or(value: object) -> str:
    """The text a body holds there; blank for anything else."""
    return value if isinstance(value, str) else ""
