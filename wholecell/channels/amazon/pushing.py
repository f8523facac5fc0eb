"""Sending quantities: one by one, or many rises as a feed that Amazon answers later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import structlog

from wholecell.channels.amazon import feed_answer, mapping
from wholecell.channels.amazon.access import Access
from wholecell.channels.amazon.feed_answer import TRY_AGAIN
from wholecell.channels.amazon.limits import (
    CREATE_FEED,
    CREATE_FEED_DOCUMENT,
    FEED_DOCUMENT,
    FIND_FEEDS,
    GET_FEED,
    LISTING_FEEDS,
    PATCH_LISTING,
)
from wholecell.channels.contract import Outcome, PushResult, QuantityChange, TemporaryError
from wholecell.channels.http import Content, Response, parse_json
from wholecell.channels.values import moment

FEEDS = "/feeds/2021-06-30/feeds"
FEED_FILES = "/feeds/2021-06-30/documents"
FEED_TYPE = "JSON_LISTINGS_FEED"
FEED_CONTENT = "application/json; charset=UTF-8"
# A feed is answered after half an hour or more. Single calls, 5 a second and each some tenths of a second long,
# change about as many listings in that time, and what became of each is known at once.
FEED_FROM = 5_000
FEED_MESSAGES = 25_000  # "Listings Feed": the most there may be
FEED_BYTES = 9 * 1024 * 1024  # "Feeds API best practices": below 10 MiB
LARGEST_ANSWER = 50 * 1_000_000  # characters of a processing report
NOTE = "feeds"
SALTED = "~"  # parts the id of a feed, in its receipt, from the salt of its messages' numbers
NO_FEEDS_FOR = timedelta(days=1)  # after one that failed as a whole
CLOCKS_DIFFER = timedelta(minutes=2)
KNOWN_FEEDS = 20  # of ours, remembered

GONE = "The listing is no longer on Amazon. Import the listings to see which are."

log = structlog.get_logger(__name__)


class SendsQuantities:
    """The part of the connector that sends quantities."""

    _access: Access

    def plan(self, changes: Sequence[QuantityChange]) -> Iterator[Sequence[QuantityChange]]:
        """Yield each fall alone and first; rises alone too, unless so many that the slow feed is faster."""
        rises = [change for change in changes if not change.is_fall]
        feeds: list[list[QuantityChange]] = []
        if len(rises) >= FEED_FROM and self._may_send_feeds():
            feeds, rises = _feeds(rises), []
        yield from ((change,) for change in changes if change.is_fall)
        yield from ((change,) for change in rises)
        yield from feeds

    def push_quantities(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """Send one change, answered at once, or a feed of them, answered by `push_outcomes`."""
        if len(changes) == 1:
            yield self._push_one(changes[0])
        elif changes:
            yield from self._push_feed(changes)

    def push_outcomes(self, receipt: str, changes: Sequence[QuantityChange]) -> Iterator[PushResult] | None:
        """Answer a feed by its processing report; None while Amazon works on it, or cannot tell.

        What Amazon cannot tell now is asked again later: falls, which are sent after this, must not wait for it.
        """
        feed_id, _, salt = receipt.partition(SALTED)
        try:
            feed = self._access.call("GET", f"{FEEDS}/{quote(feed_id, safe='')}", GET_FEED)
            status = feed.json.get("processingStatus") if feed.is_ok and isinstance(feed.json, dict) else None
            if status == "DONE":
                return iter(self._done(feed, feed_id, changes, int(salt or 0)))
        except TemporaryError as error:
            log.warning("feed not answered", channel="Amazon", feed=feed_id, problem=error.message)
            return None
        if status in feed_answer.FAILED:
            self._send_no_feeds()
            return iter(feed_answer.unknown(changes, feed_answer.FAILED[status]))
        return None

    def _push_one(self, change: QuantityChange) -> PushResult:
        response = self._access.call(
            "PATCH",
            self._access.item_path(change.external_id),
            PATCH_LISTING,
            params={"marketplaceIds": self._access.marketplace_id},
            body=mapping.patch(change.quantity),
        )
        if not response.is_ok:
            return self._refused(change, response)
        answer = mapping.block(response.json)
        status = answer.get("status")
        if status == "ACCEPTED":
            words = "Amazon accepted it and shows it within minutes."
            return PushResult(change.external_id, Outcome.ACCEPTED, answer=words, quantity=change.quantity)
        if status == "INVALID":
            words = (
                self._access.hide(mapping.errors_of(answer.get("issues"))) or "Amazon did not say why it refuses it."
            )
            return rejected(change, words)
        raise self._access.unreadable("it does not say whether it was accepted", response, maybe_applied=True)

    def _refused(self, change: QuantityChange, response: Response) -> PushResult:
        if response.status == 404:
            return rejected(change, self._access.words(response), gone=True)
        return rejected(change, self._access.words(response))

    def _push_feed(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        salt = mapping.salt_of(changes)
        file_id = self._put_file(changes, salt)
        receipt = self._create_feed(file_id) + (f"{SALTED}{salt}" if salt else "")
        for change in changes:
            yield PushResult(change.external_id, Outcome.PENDING, receipt=receipt, quantity=change.quantity)

    def _put_file(self, changes: Sequence[QuantityChange], salt: int) -> str:
        """Lay down the file of the feed, which takes no effect by itself."""
        try:
            response = self._access.call("POST", FEED_FILES, CREATE_FEED_DOCUMENT, body={"contentType": FEED_CONTENT})
            self._give_up_feeds_if_refused(response)
            file_id, url = self._access.found(response, "feedDocumentId"), self._access.found(response, "url")
            self._access.documents.put(str(url), Content(FEED_CONTENT, self._file(changes, salt)))
        except TemporaryError as error:
            error.maybe_applied = False
            raise
        return str(file_id)

    def _file(self, changes: Iterable[QuantityChange], salt: int) -> bytes:
        header = {"sellerId": self._access.seller_id, "version": "2.0", "issueLocale": "en_US"}
        return _compact({"header": header, "messages": [mapping.message(change, salt) for change in changes]}).encode()

    def _create_feed(self, file_id: str) -> str:
        began = datetime.now(UTC)
        body = {
            "feedType": FEED_TYPE,
            "marketplaceIds": [self._access.marketplace_id],
            "inputFeedDocumentId": file_id,
        }
        try:
            response = self._access.call("POST", FEEDS, CREATE_FEED, LISTING_FEEDS, body=body)
            self._give_up_feeds_if_refused(response)
            receipt = str(self._access.found(response, "feedId", maybe_applied=True))
        except TemporaryError as error:
            found = self._find_feed(began) if error.maybe_applied else ""
            if not found:
                raise
            receipt = found
        self._remember(receipt)
        return receipt

    def _find_feed(self, began: datetime) -> str:
        """The feed that was created by a call whose answer was lost: the one new since then; empty when unsure.

        There are no idempotency keys, and a feed that nobody waits for may overwrite newer numbers.
        """
        params: dict[str, str | int] = {
            "feedTypes": FEED_TYPE,
            "createdSince": mapping.stamp(began - CLOCKS_DIFFER),
            "pageSize": 100,
        }
        try:
            found = mapping.rows(self._access.get(FEEDS, FIND_FEEDS, "feeds", **params))
        except TemporaryError:
            return ""
        known = self._note().get("known") or []
        new = [str(each["feedId"]) for each in found if each.get("feedId") and each["feedId"] not in known]
        return new[0] if len(new) == 1 else ""

    def _done(self, feed: Response, feed_id: str, changes: Sequence[QuantityChange], salt: int) -> list[PushResult]:
        document_id = feed.json.get("resultFeedDocumentId")
        if not document_id:
            return feed_answer.unknown(changes, "Amazon ended the file and did not say what became of it.")
        path = f"{FEED_FILES}/{quote(str(document_id), safe='')}"
        url = self._access.get(path, FEED_DOCUMENT, "url")
        with self._access.documents.fetch_now(str(url)) as document:
            report = parse_json(document.text().read(LARGEST_ANSWER))
        if not isinstance(report, dict) or not isinstance(report.get("summary"), dict):
            return feed_answer.unknown(changes, "Amazon's answer to the file could not be understood.")
        results = feed_answer.results(report, feed_id, changes, salt)
        return [replace(result, answer=self._access.hide(result.answer)) for result in results]

    def _give_up_feeds_if_refused(self, response: Response) -> None:
        if 400 <= response.status < 500:
            self._send_no_feeds()

    def _may_send_feeds(self) -> bool:
        until = moment(self._note().get("off_until"))
        return until is None or until <= datetime.now(UTC)

    def _send_no_feeds(self) -> None:
        """After a feed that failed as a whole, quantities go one by one for a day."""
        until = datetime.now(UTC) + NO_FEEDS_FOR
        self._access.state.remember(NOTE, json.dumps({**self._note(), "off_until": until.isoformat()}))

    def _remember(self, receipt: str) -> None:
        note = self._note()
        known = [*(note.get("known") or []), receipt][-KNOWN_FEEDS:]
        self._access.state.remember(NOTE, json.dumps({**note, "known": known}))

    def _note(self) -> Mapping[str, Any]:
        found = parse_json(self._access.state.recall(NOTE))
        return found if isinstance(found, dict) else {}


def rejected(change: QuantityChange, answer: str, *, gone: bool = False) -> PushResult:
    """The answer to a change that Amazon refuses."""
    return PushResult(
        change.external_id,
        Outcome.REJECTED,
        answer=answer,
        advice=GONE if gone else TRY_AGAIN,
        gone=gone,
        quantity=change.quantity,
    )


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _feeds(rises: Sequence[QuantityChange]) -> list[list[QuantityChange]]:
    """Share rises among feeds within their limits."""
    feeds: list[list[QuantityChange]] = []
    size = 0
    for change in rises:
        length = len(_compact(mapping.message(change))) + 1
        if not feeds or len(feeds[-1]) >= FEED_MESSAGES or size + length > FEED_BYTES:
            feeds.append([])
            size = 0
        size += length
        feeds[-1].append(change)
    return feeds
