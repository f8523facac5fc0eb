"""Numbered pages of a list that changes while it is read."""

from __future__ import annotations

import structlog

PAGE_SIZE = 50  # the most there is
SPARE_PAGES = 10  # rows shift while paging, so a reading may need more pages than the count says
STALE_PAGES = 2  # pages in a row without a new row: the channel goes in circles

log = structlog.get_logger(__name__)


class Paging:
    """Which page comes next: the number is counted up, for links in the answer are not always ours to follow."""

    def __init__(self) -> None:
        self.page = 1
        self._known: set[str] = set()
        self._last = 1
        self._stale = 0

    def goes_on(self, ids: set[str], total: int | None, has_next: bool) -> bool:
        """Move to the next page, unless what was just read is the end, or the channel goes in circles."""
        self._stale = 0 if ids - self._known else self._stale + 1
        self._known |= ids
        self._last = max(self._last, -(-(total or 0) // PAGE_SIZE) + SPARE_PAGES)
        if not has_next:
            return False
        if self._stale >= STALE_PAGES or self.page >= self._last:
            log.warning("paging does not end", channel="Back Market", page=self.page, total=total)
            return False
        self.page += 1
        return True
