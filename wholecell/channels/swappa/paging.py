"""Pages of a list by cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from wholecell.channels.http import Response
from wholecell.channels.swappa.access import Access
from wholecell.channels.swappa.mapping import UnreadableError

P = TypeVar("P")
Reader = Callable[[object, int, datetime], tuple[P, str]]  # answer, page, when it was asked for -> records, next cursor


def pages(access: Access, path: str, limit: int, params: Mapping[str, str], read: Reader[P]) -> Iterator[P]:
    """Yield each page to the end. Raises TemporaryError when a cursor comes back, and what `Access.call` raises."""
    cursor, seen, number = "", set(), 1
    while True:
        began_at = datetime.now(UTC)
        asked: dict[str, str | int] = {**params, "limit": limit, **({"cursor": cursor} if cursor else {})}
        response = access.call("GET", path, params=asked)
        page, cursor = read_page(access, response, read, number, began_at)
        yield page
        if not cursor:
            return
        if cursor in seen:  # what was read so far is no whole list, from which absence could be told
            raise access.unreadable("its pages go in circles", response)
        seen.add(cursor)
        number += 1


def read_page(access: Access, response: Response, read: Reader[P], number: int, began_at: datetime) -> tuple[P, str]:
    """Read one page. Raises TemporaryError for a refusal, and for what is no page."""
    if not response.is_ok:
        access.refuse(response)
    try:
        return read(response.json, number, began_at)
    except UnreadableError as error:
        raise access.unreadable(str(error), response) from None
