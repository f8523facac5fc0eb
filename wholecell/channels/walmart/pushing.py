"""Quantities to Walmart: one by one, answered at once, or a file of them, answered some half an hour later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from urllib.parse import quote

from wholecell.channels.contract import (
    Outcome,
    PushResult,
    QuantityChange,
    TemporaryError,
    WaitingError,
)
from wholecell.channels.http import Response
from wholecell.channels.walmart import feeds, limits, listing_mapping
from wholecell.channels.walmart.answers import said
from wholecell.channels.walmart.calls import Calls
from wholecell.channels.walmart.feeds import Feed, FeedState
from wholecell.channels.walmart.values import UnreadableError, moment, whole

# One by one 200 leave in a minute, so these are through before a file, good for half an hour, would be.
FEED_FROM = 500
FEED_LINES = 40_000  # 10 MB are allowed, 5 MB by older pages; this many lines are 2 to 5 MB
DETAILS = 50  # items in an answer about a file
# What is remembered of files: until when none is sent, and how many lines one had that was too large.
CLOSED_UNTIL = "no files until"
TOO_MANY = "lines too many"
CLOSED_AFTER_REFUSAL = timedelta(days=1)

LOOK_AT_ITEM = "Import the listings to see what became of it. A new item takes hours to appear; then press Try again."


class PushesNumbers(Calls):
    """The part of the connector that sends quantities."""

    def plan(self, changes: Sequence[QuantityChange]) -> Iterator[Sequence[QuantityChange]]:
        """Yield each fall alone and first; rises alone too, unless so many that a file is faster."""
        falls = [change for change in changes if change.is_fall]
        rises = [change for change in changes if not change.is_fall]
        is_by_file = len(rises) >= FEED_FROM and not self._is_closed()
        yield from ([change] for change in falls)
        size = self._lines() if is_by_file else 1
        yield from (rises[start : start + size] for start in range(0, len(rises), size))

    def push_quantities(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """Send one change, answered at once, or a file of them, answered by `push_outcomes`."""
        if len(changes) == 1:
            yield self._push_one(changes[0])
        elif changes:
            yield from self._push_file(changes)

    def push_outcomes(self, receipt: str, changes: Sequence[QuantityChange]) -> Iterator[PushResult] | None:
        """Answer a file, 50 lines a call. That it was processed does not mean that any line was taken.

        One that is worked on may have lines that are through: a single slow one does not hold them up.
        """
        first = self._feed(receipt, 0)
        if first is None or (first.state is FeedState.RUNNING and not first.is_any_through):
            return None
        if first.state is FeedState.FAILED:
            # Not the lines are wrong but the file, which another file would be, too.
            self._close(datetime.now(UTC) + CLOSED_AFTER_REFUSAL)
            words = self._hide(first.why) or "Walmart could not read the file."
            return iter(
                [PushResult(c.external_id, Outcome.UNKNOWN, answer=words, quantity=c.quantity) for c in changes]
            )
        return self._outcomes(receipt, first, changes)

    def _push_one(self, change: QuantityChange) -> PushResult:
        sku = change.external_id
        body = {"sku": sku, "quantity": feeds.quantity(change)}
        response = self._call("PUT", f"/v3/inventory?sku={quote(sku, safe='')}", limits.QUANTITIES, body=body)
        told = self._told(response)
        if told.is_theirs:
            self._refuse(response, is_write=True)
        if not response.is_ok or told.is_error:
            # Not `gone`: an item that is not published yet is answered so, too.
            advice = LOOK_AT_ITEM if told.is_not_found else feeds.FIX_AND_TRY_AGAIN
            words = self._words(response)
            return PushResult(sku, Outcome.REJECTED, answer=words, advice=advice, quantity=change.quantity)
        try:
            stored = listing_mapping.amount_of(response.json, sku)
        except UnreadableError as error:
            raise self._unreadable(str(error), response, maybe_applied=True) from None
        answer = f"Walmart shows {stored}."
        return PushResult(sku, Outcome.ACCEPTED, stored, answer=answer, quantity=change.quantity)

    def _push_file(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        try:
            self._state.take(limits.FEEDS)
        except WaitingError as error:
            self._go_without_files(error.retry_after or 0.0)
        try:
            response = self._call("POST", "/v3/feeds?feedType=inventory", None, content=feeds.file_of(changes))
        except WaitingError:
            raise  # for a token
        except TemporaryError as error:
            if error.maybe_applied or error.retry_after is None:
                raise
            self._go_without_files(error.retry_after)
        self._check_file(response, len(changes))
        try:
            receipt = feeds.feed_id(response.json)
        except UnreadableError as error:
            raise self._unreadable(str(error), response, maybe_applied=True) from None
        for change in changes:
            yield PushResult(change.external_id, Outcome.PENDING, receipt=receipt, quantity=change.quantity)

    def _check_file(self, response: Response, lines: int) -> None:
        if response.status == 413:
            self._state.remember(TOO_MANY, str(lines))
            raise WaitingError("Walmart found a file of quantities too large; smaller ones follow.", retry_after=1.0)
        told = said(response)
        if response.status == 403 and told.is_told:  # the keys may send single quantities, but no files
            self._go_without_files(CLOSED_AFTER_REFUSAL.total_seconds())
        if not response.is_ok or told.is_error:
            if not told.is_theirs and response.status in {400, 404, 415, 422}:
                self._go_without_files(CLOSED_AFTER_REFUSAL.total_seconds())
            self._refuse(response, is_write=True)

    def _go_without_files(self, seconds: float) -> NoReturn:
        """Send single quantities meanwhile: a fall must not wait until another file is allowed."""
        self._close(datetime.now(UTC) + timedelta(seconds=seconds))
        raise WaitingError("Walmart takes no more files of quantities for now; single ones follow.", retry_after=1.0)

    def _close(self, until: datetime) -> None:
        self._state.remember(CLOSED_UNTIL, until.isoformat())

    def _is_closed(self) -> bool:
        until = moment(self._state.recall(CLOSED_UNTIL))
        return until is not None and until > datetime.now(UTC)

    def _lines(self) -> int:
        too_many = whole(self._state.recall(TOO_MANY))
        return FEED_LINES if not too_many else max(min(FEED_LINES, too_many // 2), 2)

    def _feed(self, receipt: str, offset: int) -> Feed | None:
        """Ask about a file; None for one that Walmart does not know (yet): the receipt's deadline decides."""
        params: dict[str, str | int] = {"includeDetails": "true", "offset": offset, "limit": DETAILS}
        path = f"/v3/feeds/{quote(receipt, safe='')}"  # a receipt holds an @
        response = self._call("GET", path, limits.FEED_ANSWERS, params=params)
        told = self._told(response)
        if response.status == 404 or told.is_not_found:
            return None
        if not response.is_ok or told.is_error:
            self._refuse(response)
        try:
            return feeds.feed(response.json)
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None

    def _outcomes(self, receipt: str, first: Feed, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """What is not told of stays pending: what became of it is not known until the receipt's deadline."""
        waiting: dict[str, QuantityChange] = {change.external_id: change for change in changes}
        found: Feed | None = first
        seen = 0
        while found is not None and found.items:
            yield from self._results(found.items, waiting)
            seen += len(found.items)
            if not waiting or seen >= (found.received or 0):
                return
            found = self._feed(receipt, seen)

    def _results(
        self, items: Sequence[Mapping[str, object]], waiting: dict[str, QuantityChange]
    ) -> Iterator[PushResult]:
        for item in items:
            change = waiting.get(str(item.get("sku")))
            if change is not None and (result := feeds.result(item, change)) is not None:
                del waiting[change.external_id]
                yield result
