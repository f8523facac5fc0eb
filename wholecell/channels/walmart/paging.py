"""The cursors of Walmart's item list, of which two kinds are known."""

from __future__ import annotations

from collections.abc import Collection

import structlog

PAGE_SIZE = 50  # the document's limit; other pages of Walmart say 200 and more
LAST_OFFSET = 10_000
STALE_PAGES = 2  # in a row without a new SKU: the list goes in circles
SPARE_PAGES = 10  # rows shift while paging, so a reading may need more pages than the count says

log = structlog.get_logger(__name__)


class ItemPaging:
    """Where the next page of items is.

    The document says that the cursor is the same for all later pages, other pages of Walmart say that it moves on.
    Where it stays the same, some saw each call give the next page, others the first page again unless an offset
    was counted up. So the cursor is followed as it comes, and when that brings nothing new, once with an offset.
    """

    def __init__(self) -> None:
        self.page = 1
        self.is_cut = False  # the offset's ceiling was reached before the end
        self._cursor = "*"
        self._known: set[str] = set()
        self._offset: int | None = None
        self._stale = 0

    @property
    def params(self) -> dict[str, str | int]:
        """What to ask for; requests encodes the `/` and `=` in a cursor."""
        asked: dict[str, str | int] = {"nextCursor": self._cursor, "limit": PAGE_SIZE}
        return asked if self._offset is None else asked | {"offset": self._offset}

    def goes_on(self, skus: Collection[str], cursor: str, total: int | None) -> bool:
        """Move to the next page, unless what was just read is the end, or the list goes in circles."""
        is_new = not self._known.issuperset(skus)
        self._stale = 0 if is_new else self._stale + 1
        self._known |= set(skus)
        if not cursor or (total is not None and len(self._known) >= total):
            return False
        is_same = cursor == self._cursor
        is_circle = self._stale >= STALE_PAGES or (not is_new and is_same and self._offset is not None)
        is_too_long = total is not None and self.page >= -(-total // PAGE_SIZE) + SPARE_PAGES
        if is_circle or is_too_long:
            log.warning("paging does not end", channel="Walmart", page=self.page, total=total)
            return False
        if self._offset is not None or (not is_new and is_same):
            self._offset = len(self._known)
            self.is_cut = self._offset >= LAST_OFFSET
            if self.is_cut:
                return False
        self._cursor = cursor
        self.page += 1
        return True
