"""One call of V1, and what it carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from werkzeug.wrappers import Response

from ..api_call import ApiCall
from ..paging import page_of
from . import times
from .account import ShipStationAccount
from .answers import answer, broken, invalid

T = TypeVar("T")
MOST_ROWS = 500
USUAL_ROWS = 100


@dataclass(frozen=True)
class Call(ApiCall[ShipStationAccount]):
    """A request that passed `access.admit`; handlers run with the shop's lock held."""

    def json(self) -> Any:
        """The JSON sent, of any kind; anything else ends the call."""
        try:
            return json.loads(self.request.get_data(), parse_constant=_no_number)
        except (ValueError, RecursionError) as problem:
            raise invalid({"body": [str(problem)]}) from None

    def text(self, name: str) -> str:
        """A parameter; blank when absent."""
        return self.request.args.get(name, "")

    def number(self, name: str, usual: int | None = None, most: int | None = None) -> int | None:
        """A whole number from 1, at most `most`; anything else ends the call."""
        text = self.text(name)
        if not text:
            return usual
        if not (text.isascii() and text.isdecimal() and len(text) < 16 and int(text) >= 1):
            raise invalid({name: [f"The value '{text}' is not valid for {name}."]})
        return min(int(text), most) if most else int(text)

    def is_set(self, name: str) -> bool:
        """A parameter that is true or false, in any case."""
        text = self.text(name).casefold()
        if text not in ("", "true", "false"):
            raise invalid({name: [f"The value '{text}' is not valid for {name}."]})
        return text == "true"

    def choice(self, name: str, choices: Sequence[str], usual: str) -> str:
        """One of the words, in any case."""
        text = self.text(name) or usual
        found = [each for each in choices if each.casefold() == text.casefold()]
        if not found:
            raise invalid({name: [f"The value '{text}' is not valid for {name}."]})
        return found[0]

    def is_between(self, name: str, moment: datetime | None) -> bool:
        """Whether the moment lies between <name>Start and <name>End, both included, on Pacific clocks."""
        start, end = self._time(f"{name}Start"), self._time(f"{name}End")
        if start is None and end is None:
            return True
        if moment is None:
            return False
        clock = times.local(moment)
        return (start is None or clock >= start) and (end is None or clock <= end)

    def is_on_days(self, name: str, day: datetime) -> bool:
        """The same for a day."""
        start, end = self._time(f"{name}Start"), self._time(f"{name}End")
        return (start is None or day >= start) and (end is None or day <= end)

    def page(
        self, key: str, rows: Sequence[T], show: Callable[[T], object], is_poison: Callable[[T], bool]
    ) -> Response:
        """A page of the rows. One poisonous row, or more rows asked for than it can bear, breaks the whole page."""
        number, size = self.number("page", 1) or 1, self.number("pageSize", USUAL_ROWS, MOST_ROWS) or 1
        settings = self.account.settings
        if settings["most_rows"] and size > settings["most_rows"]:
            raise broken()
        page = page_of(self.shop, self.account, self.via, rows, number, size)
        if any(is_poison(row) for row in page.rows):
            raise broken()
        pages = 0 if settings["pages_zero"] else -(-page.count // size)
        shown = [show(row) for row in page.rows]
        return answer({key: shown, "total": page.count, "page": number, "pages": pages})

    def _time(self, name: str) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return times.read(text)
        except ValueError:
            raise invalid({name: [f"The value '{text}' is not valid for {name}."]}) from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON.")
