"""One call: who is asked, what it carries, pages by cursor."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from werkzeug.wrappers import Response

from ..api_call import ApiCall
from ..paging import page_of
from .account import SwappaAccount
from .answers import answer, invalid

T = TypeVar("T")


@dataclass(frozen=True)
class Call(ApiCall[SwappaAccount]):
    """A request; handlers run with the shop's lock held."""

    def body(self) -> dict[str, Any]:
        """The JSON object sent; anything else ends the call."""
        try:
            body = json.loads(self.request.get_data())
        except ValueError:
            body = None
        if self.request.mimetype != "application/json" or not isinstance(body, dict):
            raise invalid("The body must be a JSON object, sent as application/json", "body")
        return body

    def page(self, key: str, rows: Sequence[T], most: int, show: Callable[[T], object]) -> Response:
        """One page of the rows, and the cursor of the next or null."""
        page = page_of(self.shop, self.account, self.via, rows, self._number(), self._size(most))
        cursor = base64.urlsafe_b64encode(f"page {page.next}".encode()).decode() if page.next else None
        return answer({key: [show(row) for row in page.rows], "next_cursor": cursor})

    def _size(self, most: int) -> int:
        text = self.request.args.get("limit", str(most))
        if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= most):
            raise invalid(f"limit must be a number from 1 to {most}", "limit")
        return int(text)

    def _number(self) -> int:
        text = self.request.args.get("cursor")
        if text is None:
            return 1
        try:
            word, _, number = base64.urlsafe_b64decode(text).decode().partition(" ")
            if word != "page":
                raise ValueError
            return int(number)
        except (ValueError, binascii.Error):
            raise invalid("cursor is none that was given out", "cursor") from None
