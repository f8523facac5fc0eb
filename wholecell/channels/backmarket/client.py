"""Back Market over HTTP: what is called, and what each status means. Translation is in mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import quote

import structlog

from wholecell.channels.backmarket import mapping
from wholecell.channels.backmarket.fulfilment import TellsOfOrders
from wholecell.channels.backmarket.mapping import TaskState, UnreadableError
from wholecell.channels.backmarket.order_reading import ReadsOrders
from wholecell.channels.backmarket.paging import PAGE_SIZE, Paging
from wholecell.channels.backmarket.settings import user_agent
from wholecell.channels.contract import (
    ChannelError,
    CredentialsError,
    Limiter,
    ListingPage,
    ListingState,
    Outcome,
    PushResult,
    QuantityChange,
    RateLimit,
    RemoteQuantity,
    TemporaryError,
)
from wholecell.channels.http import HttpClient, Response
from wholecell.channels.values import hidden, whole

BULK_FROM = 500  # fewer rises are faster one by one
BULK_LINES = 1000  # a file may have 15,000 lines, but 2,000 an hour is all the lines that are taken

REQUESTS = RateLimit("requests", count=5, seconds=1, burst=5)
UPDATES = RateLimit("listing updates", count=2000, seconds=3600, burst=BULK_LINES)

NEW_TOKEN = "Make a new token in Back Market's back office under Options, Integrations, and enter it here."
TRY_AGAIN = "Put the listing right in Back Market's back office, then press Try again."
NO_BULK = "Ask Back Market to allow catalog updates by API for your account, then press Try again."

log = structlog.get_logger(__name__)


class BackMarket(ReadsOrders, TellsOfOrders):
    """One seller account on one platform, read as one market shows it."""

    def __init__(self, settings: Mapping[str, str], base_url: str, limiter: Limiter) -> None:
        """`settings` are the values of the login form."""
        self._token = settings["token"]
        headers = {
            # The token goes in as it is; "Basic" here does not mean base64 of a user and a password.
            "Authorization": f"Basic {self._token}",
            "Accept": "application/json",
            "Accept-Language": settings["market"],
            "Content-Type": "application/json",
            "User-Agent": user_agent(settings),
        }
        self._http = HttpClient(
            base_url,
            headers,
            limiter,
            label="Back Market",
            limits=(REQUESTS,),
            retry_after=10.0,
            refused="Back Market refused the token.",
            advice=NEW_TOKEN,
            reference_headers=("cf-ray",),
        )

    def check(self) -> Sequence[str]:
        """Prove that the login works. Raises CredentialsError or TemporaryError."""
        response = self._http.request("GET", "/ws/listings", params={"page": 1, "page-size": 1})
        if not response.is_ok:
            self._refuse(response)
        if not isinstance(response.json, dict) or whole(response.json.get("count")) is None:
            raise self._unreadable("the answer has no count", response)
        return ()

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield the listings, 50 a page. Raises TemporaryError and CredentialsError."""
        paging = Paging()
        while True:
            found = self._page(paging.page, online_only)
            if found is None:
                return
            records, has_next = found
            yield records
            if not paging.goes_on({listing.external_id for listing in records.listings}, records.total, has_next):
                return

    def quantities(self, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        """Yield a reading for each id; NEEDS_ATTENTION without a number when this one could not be read."""
        for external_id in ids:
            began_at = datetime.now(UTC)
            response = self._http.request("GET", _listing_path(external_id))
            yield self._reading(response, external_id, began_at)

    def plan(self, changes: Sequence[QuantityChange]) -> Iterator[Sequence[QuantityChange]]:
        """Yield each fall alone and first; rises alone too, unless so many that the slow file is faster."""
        rises = [change for change in changes if not change.is_fall]
        in_file = [change for change in rises if change.sku] if len(rises) >= BULK_FROM else []
        by_file = {id(change) for change in in_file}
        alone = [change for change in changes if change.is_fall]
        alone += [change for change in rises if id(change) not in by_file]
        yield from ((change,) for change in alone)
        yield from (in_file[start : start + BULK_LINES] for start in range(0, len(in_file), BULK_LINES))

    def push_quantities(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """Send one change, answered at once, or a file of them, answered by `push_outcomes`."""
        if len(changes) == 1:
            yield self._push_one(changes[0])
        elif changes:
            yield from self._push_file(changes)

    def push_outcomes(self, receipt: str, changes: Sequence[QuantityChange]) -> Iterator[PushResult] | None:
        """Answer a file by reading its listings again, for the shape of the task's result is not documented."""
        response = self._http.request("GET", f"/ws/tasks/{quote(receipt, safe='')}")
        if response.status == 404:
            return None  # whether it was carried out is not known: the receipt's deadline decides
        if not response.is_ok:
            self._refuse(response)
        try:
            state, why = mapping.task(response.json)
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None
        if state is TaskState.RUNNING:
            return None
        if state is TaskState.FAILED:
            answer = self._hide(why) or "Back Market could not carry out the update and did not say why."
            return iter([_rejected(change, answer) for change in changes])
        return self._confirmed(changes)

    def _page(self, page: int, online_only: bool) -> tuple[ListingPage, bool] | None:
        params = {"page": page, "page-size": PAGE_SIZE} | ({"publication_state": 2} if online_only else {})
        response = self._http.request("GET", "/ws/listings", params=params)
        if response.status == 404 and page > 1:
            return None  # listings ended while we were paging, and with them the last page
        if not response.is_ok:
            self._refuse(response)
        try:
            return mapping.listing_page(response.json, page)
        except UnreadableError as error:
            raise self._unreadable(str(error), response) from None

    def _reading(self, response: Response, external_id: str, began_at: datetime) -> RemoteQuantity:
        if response.status == 404:
            return RemoteQuantity(external_id, None, began_at, ListingState.ENDED)
        if response.status == 403:
            self._refuse(response)
        try:
            if not response.is_ok:
                raise UnreadableError(self._words(response))
            return mapping.reading(response.json, external_id, began_at)
        except UnreadableError as error:
            reason = f"Back Market could not be asked for the quantity: {error}"
            return RemoteQuantity(external_id, None, began_at, ListingState.NEEDS_ATTENTION, reason)

    def _push_one(self, change: QuantityChange) -> PushResult:
        # Never a price beside it: that would demand the currency of the market.
        response = self._http.request(
            "POST", _listing_path(change.external_id), body={"quantity": change.quantity}, costs=[(UPDATES, 1)]
        )
        if response.status == 403:
            self._refuse(response)
        if not response.is_ok:
            return _rejected(change, self._words(response), gone=response.status == 404)
        try:
            stored = mapping.stored_quantity(response.json, change.external_id)
        except UnreadableError as error:
            raise self._unreadable(str(error), response, maybe_applied=True) from None
        return _accepted(change, stored)

    def _push_file(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        response = self._http.request(
            "POST", "/ws/listings", body=mapping.catalog(changes), costs=[(UPDATES, len(changes))]
        )
        is_forbidden = response.status == 403 and mapping.said(response.json).is_error
        if response.status == 403 and not is_forbidden:
            self._refuse(response)
        if not response.is_ok:
            advice = NO_BULK if is_forbidden else TRY_AGAIN
            yield from (_rejected(change, self._words(response), advice=advice) for change in changes)
            return
        try:
            receipt = mapping.task_id(response.json)
        except UnreadableError as error:
            raise self._unreadable(str(error), response, maybe_applied=True) from None
        for change in changes:
            yield PushResult(change.external_id, Outcome.PENDING, receipt=receipt, quantity=change.quantity)

    def _confirmed(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        by_id = {change.external_id: change for change in changes}
        for reading in self.quantities(list(by_id)):
            change = by_id[reading.external_id]
            if reading.state is ListingState.ENDED:
                yield _rejected(change, "Back Market no longer has this listing.", gone=True)
            elif reading.quantity is not None:
                yield _accepted(change, reading.quantity)
            # Otherwise it stays pending: what became of it is not known until the receipt's deadline.

    def _refuse(self, response: Response) -> NoReturn:
        """Raise what a status without an own meaning here comes to: 403 is a login or the edge network."""
        told, words, reference = mapping.said(response.json), self._words(response), response.reference
        if response.status != 403:
            raise TemporaryError(f"Back Market did not do what was asked: {words}", reference=reference)
        if not told.is_error and (not told.code or told.code.startswith("bot-")):
            raise _edge_refusal(reference)
        raise CredentialsError(
            f"Back Market says that this token belongs to no seller account: {words}",
            advice="Check the platform, and that the token is of a seller account. " + NEW_TOKEN,
            reference=reference,
        )

    def _words(self, response: Response) -> str:
        told = mapping.said(response.json)
        return self._hide(told.message or told.code) or f"HTTP {response.status} without an explanation"

    def _hide(self, text: str) -> str:
        return hidden(text, self._token)

    def _unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> ChannelError:
        return TemporaryError(
            f"Back Market's answer could not be understood: {what}.",
            maybe_applied=maybe_applied,
            reference=response.reference,
        )


def _edge_refusal(reference: str) -> TemporaryError:
    shown = f" ({reference})" if reference else ""
    return TemporaryError(
        f"Back Market's edge network refused our call{shown}. The token is not the cause.",
        advice="It is tried again by itself. If it goes on, give the cf-ray value to your contact at Back Market.",
        reference=reference,
    )


def _listing_path(external_id: str) -> str:
    return f"/ws/listings/{quote(external_id, safe='')}"


def _accepted(change: QuantityChange, stored: int) -> PushResult:
    answer = f"Back Market shows {stored}."
    return PushResult(change.external_id, Outcome.ACCEPTED, stored, answer=answer, quantity=change.quantity)


def _rejected(change: QuantityChange, answer: str, *, gone: bool = False, advice: str = TRY_AGAIN) -> PushResult:
    return PushResult(
        change.external_id,
        Outcome.REJECTED,
        answer=answer,
        advice="The listing is no longer on Back Market. Import the listings to see which are." if gone else advice,
        gone=gone,
        quantity=change.quantity,
    )
