"""One admitted call: who calls, what it carries, and which market it speaks for."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.wrappers import Response

from ..api_call import ApiCall, RefusalError
from ..paging import page_of
from .account import BackMarketAccount
from .answers import answer, bad_request

T = TypeVar("T")
MOST_ROWS, USUAL_ROWS = 50, 10


@dataclass(frozen=True)
class Call(ApiCall[BackMarketAccount]):
    """A request that passed `access.admit`; handlers run with the shop's lock held."""

    @property
    def market(self) -> str:
        """The market prices are shown and taken for."""
        return self.request.headers["Accept-Language"]

    def body(self, refuse: Callable[[str], Response]) -> dict[str, Any]:
        """The JSON object sent; anything else ends the call."""
        try:
            body = json.loads(self.request.get_data())
        except ValueError:
            raise RefusalError(refuse("request body is not valid JSON")) from None
        if self.request.mimetype != "application/json" or not isinstance(body, dict):
            raise RefusalError(refuse("request body must be a JSON object, sent as application/json"))
        return body

    def integer(self, name: str) -> int | None:
        """A number from the query, None when absent; anything else ends the call."""
        text = self.request.args.get(name)
        try:
            return None if text is None else int(text)
        except ValueError:
            raise RefusalError(bad_request(f"{name} is not a number")) from None

    def page(self, rows: Sequence[T], show: Callable[[T], object]) -> Response:
        """One page of the rows; a page beyond the last is empty. More than 50 rows are never given."""
        number = self.integer("page")
        size = self.integer("page-size")
        number, size = 1 if number is None else number, USUAL_ROWS if size is None else size
        if number < 1 or size < 1:
            raise RefusalError(bad_request("page and page-size start at 1"))
        page = page_of(self.shop, self.account, self.via, rows, number, min(size, MOST_ROWS))
        return answer(
            {
                "count": page.count,
                "next": self._link(page.next),
                "previous": self._link(page.previous),
                "results": [show(row) for row in page.rows],
            }
        )

    def _link(self, number: int | None) -> str | None:
        if number is None:
            return None
        return f"{self.request.base_url}?{urlencode({**self.request.args, 'page': number})}"
