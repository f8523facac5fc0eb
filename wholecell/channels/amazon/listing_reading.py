"""Reading listings: all of them by a report that Amazon takes minutes to prepare, else a few by search or by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from wholecell.channels.amazon import mapping, report_rows
from wholecell.channels.amazon.access import Access
from wholecell.channels.amazon.limits import CREATE_REPORT, GET_LISTING, GET_REPORT, REPORT_DOCUMENT, SEARCH_LISTINGS
from wholecell.channels.amazon.mapping import UnreadableError
from wholecell.channels.contract import (
    ListingPage,
    ListingState,
    RemoteListing,
    RemoteQuantity,
    TemporaryError,
    WaitingError,
)
from wholecell.channels.documents import Document
from wholecell.channels.http import Response
from wholecell.channels.values import moment, whole

REPORTS = "/reports/2021-06-30/reports"
REPORT_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
NOTE = "listings report"
LOOK_AGAIN = 30.0  # seconds until it is asked whether the report is ready
LOOK_AGAIN_LATER = 60.0  # once it takes long
TAKES_LONG = timedelta(minutes=5)
LONGEST_REPORT = timedelta(hours=4)  # a report asked for earlier is not worth waiting for, or too old to be read
AT_ONCE = 20  # listings in one answer, at most
MOST_FOUND = 1000  # listings that can be paged through, however many were found (searchListingsItems)
DATA = "summaries,offers,fulfillmentAvailability,relationships,issues"
ASK_THERE = "It is asked for again by itself. If it goes on, see whether Seller Central makes the report All Listings."
READING_DATA = "summaries,fulfillmentAvailability,issues"


class ReadsListings:
    """The part of the connector that reads listings."""

    _access: Access

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield the report of all listings. Raises WaitingError while Amazon prepares it: the next call goes on."""
        report_id, asked_at = self._report()
        report = self._access.call("GET", f"{REPORTS}/{quote(report_id, safe='')}", GET_REPORT)
        if report.status in {400, 404}:
            self._forget()
            self._access.refuse(report)
        status = self._access.found(report, "processingStatus")
        if status == "DONE":
            yield from self._read_report(report, asked_at, online_only=online_only)
            self._forget()
        elif status == "CANCELLED":
            self._forget()
            yield self._nothing_to_report(asked_at)
        elif status == "FATAL":
            self._forget()
            raise TemporaryError(
                "Amazon could not prepare the report of your listings.",
                advice=ASK_THERE,
            )
        else:
            self._wait(asked_at)

    def changed_listings(self, since: datetime) -> Iterator[ListingPage] | None:
        """Yield what changed since then, 20 listings a page; None when Amazon found more than it lets be read.

        None also when it refuses the question: the report answers it too.
        """
        params = self._query(DATA, lastUpdatedAfter=mapping.stamp(since))
        first = self._access.call("GET", self._access.items_path, SEARCH_LISTINGS, params=params)
        if first.status in {400, 404}:
            return None
        self._access.found(first, "items")
        found = whole(first.json.get("numberOfResults"))
        return None if found is None or found > MOST_FOUND else self._pages(first, params, found)

    def quantities(self, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        """Yield a reading for each SKU, 20 in a call; NEEDS_ATTENTION without a number when one could not be read."""
        for start in range(0, len(ids), AT_ONCE):
            skus = ids[start : start + AT_ONCE]
            together = [sku for sku in skus if "," not in sku]  # a comma parts the names
            found: Mapping[str, RemoteQuantity] = self._together(together) if len(together) > 1 else {}
            for sku in skus:
                yield found.get(sku) or self._alone(sku)

    def _report(self) -> tuple[str, datetime]:
        """The report that an earlier run asked for, else a new one; with the time it was asked for."""
        note = _note(self._access.state.recall(NOTE))
        asked_at = moment(note.get("asked"))
        if note.get("id") and asked_at and datetime.now(UTC) - asked_at < LONGEST_REPORT:
            return str(note["id"]), asked_at
        body = {"reportType": REPORT_TYPE, "marketplaceIds": [self._access.marketplace_id]}
        asked_at = datetime.now(UTC)
        try:
            report_id = self._access.found(self._access.call("POST", REPORTS, CREATE_REPORT, body=body), "reportId")
        except TemporaryError as error:
            error.maybe_applied = False  # a report too many changes nothing
            raise
        self._access.state.remember(NOTE, json.dumps({"id": report_id, "asked": asked_at.isoformat()}))
        return str(report_id), asked_at

    def _forget(self) -> None:
        self._access.state.remember(NOTE, "")

    def _wait(self, asked_at: datetime) -> None:
        waited = datetime.now(UTC) - asked_at
        raise WaitingError(
            "Amazon prepares the report of your listings, which mostly takes some minutes.",
            retry_after=LOOK_AGAIN if waited < TAKES_LONG else LOOK_AGAIN_LATER,
        )

    def _nothing_to_report(self, asked_at: datetime) -> ListingPage:
        """Amazon also cancels a report that would be empty (Reports 2021-06-30): a search tells."""
        found = self._access.get(
            self._access.items_path, SEARCH_LISTINGS, "numberOfResults", **self._query("", pageSize=1)
        )
        if found == 0:
            return ListingPage([], 1, 0, (), asked_at)
        raise TemporaryError(
            "Amazon cancelled the report of your listings, although there are listings.",
            advice=ASK_THERE,
        )

    def _read_report(self, report: Response, asked_at: datetime, *, online_only: bool) -> Iterator[ListingPage]:
        document_id = self._access.found(report, "reportDocumentId")
        path = f"/reports/2021-06-30/documents/{quote(str(document_id), safe='')}"
        url = self._access.get(path, REPORT_DOCUMENT, "url")
        for document in self._access.documents.fetch(str(url)):
            if document is None:
                yield ListingPage([], 1, None, (), asked_at)  # a sign of life: it takes long to arrive
            else:
                yield from self._read_file(document, asked_at, online_only=online_only)

    def _read_file(self, document: Document, asked_at: datetime, *, online_only: bool) -> Iterator[ListingPage]:
        with document:
            total = None if online_only else max(sum(1 for line in document.text() if line.strip()) - 1, 0)
            try:
                yield from report_rows.pages(
                    document.text(), self._access.marketplace, asked_at, online_only=online_only, total=total
                )
            except UnreadableError as error:
                self._forget()
                raise TemporaryError(f"Amazon's report of your listings could not be understood: {error}.") from None

    def _pages(self, first: Response, params: dict[str, str | int], total: int) -> Iterator[ListingPage]:
        response, seen = first, 0
        for number in range(1, MOST_FOUND // AT_ONCE + 2):
            items = mapping.rows(self._access.found(response, "items"))
            yield self._page(items, number, total)
            seen += len(items)
            token = mapping.block(response.json.get("pagination")).get("nextToken")
            if not token or not items:
                return
            response = self._access.call(
                "GET", self._access.items_path, SEARCH_LISTINGS, params=params | {"pageToken": token}
            )

    def _page(self, items: Sequence[Mapping[str, Any]], number: int, total: int) -> ListingPage:
        listings: list[RemoteListing] = []
        unreadable = []
        for item in items:
            try:
                found = mapping.listing(item, self._access.marketplace_id, self._access.marketplace)
            except UnreadableError as error:
                unreadable.append(str(error))
                continue
            if found is not None:
                listings.append(found)
        return ListingPage(listings, number, total, tuple(unreadable))

    def _together(self, skus: Sequence[str]) -> Mapping[str, RemoteQuantity]:
        """The readings of those that a search finds; nothing where it does not take one of their names."""
        began_at = datetime.now(UTC)
        params = self._query(READING_DATA, identifiers=",".join(skus), identifiersType="SKU")
        response = self._access.call("GET", self._access.items_path, SEARCH_LISTINGS, params=params)
        if response.status in {400, 404}:
            return {}
        found = {}
        for item in mapping.rows(self._access.found(response, "items")):
            sku = item.get("sku")
            if isinstance(sku, str) and sku in skus:
                found[sku] = mapping.reading(item, sku, self._access.marketplace_id, began_at)
        return found

    def _alone(self, sku: str) -> RemoteQuantity:
        began_at = datetime.now(UTC)
        params: dict[str, str | int] = {"marketplaceIds": self._access.marketplace_id, "includedData": READING_DATA}
        response = self._access.call("GET", self._access.item_path(sku), GET_LISTING, params=params)
        if response.status == 404:
            return RemoteQuantity(sku, None, began_at, ListingState.ENDED)
        try:
            if not response.is_ok:
                raise UnreadableError(self._access.words(response))
            return mapping.reading(response.json, sku, self._access.marketplace_id, began_at)
        except UnreadableError as error:
            reason = f"Amazon could not be asked for the quantity: {error}"
            return RemoteQuantity(sku, None, began_at, ListingState.NEEDS_ATTENTION, reason)

    def _query(self, data: str, **more: str | int) -> dict[str, str | int]:
        params: dict[str, str | int] = {"marketplaceIds": self._access.marketplace_id, "pageSize": AT_ONCE, **more}
        return params | ({"includedData": data} if data else {})


def _note(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
