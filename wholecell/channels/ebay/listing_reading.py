"""Reading listings over HTTP: all that are active page by page, or single ones by their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element

from wholecell.channels.contract import ListingPage, ListingState, RemoteListing, RemoteQuantity
from wholecell.channels.ebay import listings
from wholecell.channels.ebay.limits import SELLING_LISTS, SINGLE_LISTINGS
from wholecell.channels.ebay.trading import Access
from wholecell.channels.ebay.trading_xml import Answer, Inside, every, first, inner
from wholecell.channels.ebay.values import UnreadableError, stamp
from wholecell.channels.values import sentence, whole

PAGE_SIZE = 200
STUCK_AT = 125  # pages: above 25,000 listings GetMyeBaySelling goes no further
MOST_PAGES = 2000
AHEAD = timedelta(days=119)  # what is active ends before: good till cancelled is renewed monthly; 120 days at most
NO_PAGE = "340"
NOT_THERE = frozenset({"17", "231"})
FEW = 8  # listings that are read one by one; of more, whole pages cost fewer of the day's calls
# What GetSellerList and GetItem are to tell; with every detail an answer has megabytes.
TOLD = (
    "ItemID",
    "Title",
    "SKU",
    "ListingType",
    "Quantity",
    "StartPrice",
    "SellingStatus",
    "ListingDetails.ViewItemURL",
    "Variations.Variation",
    "OutOfStockControl",
)
PAGED = ("HasMoreItems", "PaginationResult")


@dataclass(frozen=True, slots=True)
class _Page:
    items: Sequence[Element]
    number: int
    pages: int
    entries: int
    began_at: datetime


class ReadsListings:
    """The part of the connector that reads listings."""

    _access: Access

    def listings(self, *, online_only: bool) -> Iterator[ListingPage]:
        """Yield all active listings, whatever tool made them, 200 a page; only active ones can be read anyway."""
        seen: set[str] = set()
        has_variations = False
        for page in self._pages():
            found: list[RemoteListing] = []
            unreadable: list[str] = []
            for item in page.items:
                item_id = inner(item, "ItemID")
                if item_id in seen:
                    continue  # the list moves while it is read
                seen.add(item_id)
                try:
                    found += list(listings.listings(self._sure(item)))  # all of its variations, or none
                except UnreadableError as error:
                    unreadable.append(str(error))
            has_variations = has_variations or any(each.group_id for each in found)
            total = None if has_variations else page.entries
            yield ListingPage(found, page.number, total, tuple(unreadable), page.began_at)

    def quantities(self, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        """Yield a reading for each id; of many, those on the pages of active listings first, others one by one.

        NEEDS_ATTENTION without a number where one could not be read.
        """
        wanted: dict[str, list[str]] = {}
        for each in ids:
            wanted.setdefault(listings.target(each).item_id, []).append(each)
        if len(wanted) > FEW:
            yield from self._on_pages(wanted)
        for item_id, its_ids in wanted.items():
            yield from self._alone(item_id, its_ids)

    def _on_pages(self, wanted: dict[str, list[str]]) -> Iterator[RemoteQuantity]:
        """What is found on pages is wanted no more; they are read only while that is cheaper."""
        for page in self._pages():
            for item in page.items:
                its_ids = wanted.get(inner(item, "ItemID"))
                if its_ids is None:
                    continue
                try:
                    found = listings.readings(self._sure(item), page.began_at)
                except UnreadableError:
                    continue
                if set(its_ids) <= found.keys():
                    del wanted[inner(item, "ItemID")]
                    yield from (found[each] for each in its_ids)
            if page.pages - page.number >= len(wanted):
                return

    def _sure(self, item: Element) -> Element:
        """The listing as a page tells it, or in full where that contradicts itself."""
        if listings.is_sure(item):
            return item
        answer = self._item(inner(item, "ItemID"))
        full = first(answer.root, "Item")
        return item if full is None or not answer.is_done else full

    def _item(self, item_id: str) -> Answer:
        inside: list[tuple[str, Inside]] = [("DetailLevel", "ReturnAll"), ("ItemID", item_id)]
        inside += [("OutputSelector", f"Item.{name}") for name in TOLD]
        return self._access.trading("GetItem", inside, SINGLE_LISTINGS)

    def _alone(self, item_id: str, ids: Sequence[str]) -> Iterator[RemoteQuantity]:
        began_at = datetime.now(UTC)
        answer = self._item(item_id)
        item = first(answer.root, "Item")
        if answer.codes & NOT_THERE:
            yield from (RemoteQuantity(each, None, began_at, ListingState.ENDED) for each in ids)
            return
        try:
            if not answer.is_done or item is None:
                raise UnreadableError(self._access.hide(answer.words))
            found = listings.readings(item, began_at)
        except UnreadableError as error:
            reason = sentence(f"eBay could not be asked for the quantity: {error}")
            yield from (RemoteQuantity(each, None, began_at, ListingState.NEEDS_ATTENTION, reason) for each in ids)
            return
        for each in ids:  # a variation that is not there was removed
            yield found.get(each) or RemoteQuantity(each, None, began_at, ListingState.ENDED)

    def _pages(self) -> Iterator[_Page]:
        first_page = self._active_page(1)
        if first_page.pages >= STUCK_AT:
            yield from self._seller_pages()
            return
        page = first_page
        while True:
            yield page
            if page.number >= min(page.pages, STUCK_AT):
                return
            page = self._active_page(page.number + 1)

    def _active_page(self, number: int) -> _Page:
        began_at = datetime.now(UTC)
        pagination: list[tuple[str, Inside]] = [("EntriesPerPage", str(PAGE_SIZE)), ("PageNumber", str(number))]
        # Sorted by what does not change while it is read.
        active: list[tuple[str, Inside]] = [("Include", "true"), ("Sort", "ItemID"), ("Pagination", pagination)]
        answer = self._access.trading("GetMyeBaySelling", [("ActiveList", active)], SELLING_LISTS)
        if number > 1 and NO_PAGE in answer.codes:
            return _Page((), number, number, 0, began_at)  # the list became shorter while it was read
        found = first(self._good(answer).root, "ActiveList")  # missing: there are no active listings
        return self._page(found, every(found, "ItemArray", "Item"), number, began_at)

    def _seller_pages(self) -> Iterator[_Page]:
        """The same of GetSellerList, which has no end at 25,000."""
        began = datetime.now(UTC)
        until = began + AHEAD
        for number in range(1, MOST_PAGES + 1):
            began_at = datetime.now(UTC)
            pagination: list[tuple[str, Inside]] = [("EntriesPerPage", str(PAGE_SIZE)), ("PageNumber", str(number))]
            inside: list[tuple[str, Inside]] = [("DetailLevel", "ReturnAll")]
            inside += [("EndTimeFrom", stamp(began)), ("EndTimeTo", stamp(until)), ("IncludeVariations", "true")]
            inside += [("Pagination", pagination)]
            inside += [("OutputSelector", f"ItemArray.Item.{name}") for name in TOLD]
            inside += [("OutputSelector", name) for name in PAGED]
            answer = self._good(self._access.trading("GetSellerList", inside, SELLING_LISTS))
            items = every(answer.root, "ItemArray", "Item")
            active = [item for item in items if inner(item, "SellingStatus", "ListingStatus") in {"", "Active"}]
            yield self._page(answer.root, active, number, began_at)
            if inner(answer.root, "HasMoreItems") != "true":
                return

    def _page(self, holder: Element | None, items: Sequence[Element], number: int, began_at: datetime) -> _Page:
        pages = whole(inner(holder, "PaginationResult", "TotalNumberOfPages"))
        entries = whole(inner(holder, "PaginationResult", "TotalNumberOfEntries"))
        return _Page(items, number, pages or 0, entries or 0, began_at)

    def _good(self, answer: Answer) -> Answer:
        if not answer.is_done:
            raise self._access.unreadable(self._access.hide(answer.words).rstrip("."))
        return answer
