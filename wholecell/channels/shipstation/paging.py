"""Lists of ShipStation, page by page: over records it cannot read itself, and on from where a run had to wait.

Answers hold `total`, `page` and `pages`, and `pages` may be 0 although there are rows (the documented samples). A list
answers 500 for as long as one record in the page breaks it; single records are left out then, and said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from wholecell.channels.contract import TemporaryError
from wholecell.channels.http import Response, ServerFaultError
from wholecell.channels.shipstation.calls import Calls
from wholecell.channels.shipstation.values import whole

LARGEST_PAGE = 256  # rows; the most there may be is 500, and a power of two can be halved down to one
MOST_BROKEN = 3  # records one after the other; more of them, and it is not the records
KEPT = timedelta(hours=1)  # how long a reading that had to wait may be gone on with


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list; `broken` is where those stand that ShipStation could not give, from 1, just before them."""

    rows: Sequence[Any]
    number: int
    total: int | None
    began_at: datetime  # when the request for it began
    reading_began_at: datetime
    broken: Sequence[int] = ()
    offset: int = 0  # rows of the list before it


@dataclass(slots=True)
class _Place:
    """How far a reading is: rows before `offset` were given."""

    offset: int
    size: int
    began_at: datetime

    @property
    def number(self) -> int:
        return self.offset // self.size + 1

    def halve(self) -> None:
        self.size //= 2

    def step(self) -> None:
        """Go on behind this page, with larger ones again as soon as they fit."""
        self.offset += self.size
        while self.size < LARGEST_PAGE and self.offset % (self.size * 2) == 0:
            self.size *= 2


def pages(
    calls: Calls, path: str, rows_in: str, params: Mapping[str, str | int], *, resumes: bool = True
) -> Iterator[Page]:
    """Yield each page to the end. Raises what `Calls.get` raises.

    The next reading of the same, where it `resumes`, then goes on near there.
    """
    note = f"page {sha256(json.dumps([path, sorted(params.items())]).encode()).hexdigest()[:24]}"
    place = _recalled(calls.state.recall(note) if resumes else "")
    count, is_kept, before = 0, place.offset > 0, ""
    broken: list[int] = []
    while True:
        began_at = datetime.now(UTC)
        try:
            response = calls.get(path, {**params, "page": place.number, "pageSize": place.size})
        except ServerFaultError as error:
            if error.retry_after is not None or len(broken) == MOST_BROKEN:
                raise
            if place.size > 1:
                place.halve()
            else:
                broken.append(place.offset + 1)
                place.step()
            continue
        except TemporaryError:
            if place.offset and resumes:
                calls.state.remember(note, _noted(place))
            raise
        answer = _answer(calls, response, rows_in)
        rows, this = answer[rows_in], response.text
        if rows and this == before:
            raise calls.unreadable("its pages go in circles", response)
        count, before = count + 1, this
        yield Page(rows, count, whole(answer.get("total")), began_at, place.began_at, broken, place.offset)
        broken = []
        if _is_last(answer, place, len(rows)):
            break
        place.step()
    if is_kept:
        calls.state.remember(note, "")


def _answer(calls: Calls, response: Response, rows_in: str) -> dict[str, Any]:
    if not response.is_ok:
        calls.refuse(response)
    answer = response.json if isinstance(response.json, dict) else {}
    if not isinstance(answer.get(rows_in), list):
        raise calls.unreadable(f"it has no list of {rows_in}", response)
    return answer


def _is_last(answer: Mapping[str, Any], place: _Place, rows: int) -> bool:
    count = whole(answer.get("pages")) or 0
    return rows == 0 or (place.number >= count if count else rows < place.size)


def _noted(place: _Place) -> str:
    return json.dumps([place.offset, place.began_at.isoformat()])


def _recalled(note: str) -> _Place:
    """Where the reading before had to stop, and a page back: rows move when one before them leaves the list."""
    now = datetime.now(UTC)
    if note:
        offset, began = json.loads(note)
        began_at = datetime.fromisoformat(began)
        if now - KEPT < began_at <= now:
            back = max(offset - offset % LARGEST_PAGE - LARGEST_PAGE, 0)
            return _Place(back, LARGEST_PAGE, began_at)
    return _Place(0, LARGEST_PAGE, now)
