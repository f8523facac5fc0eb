"""Reading listings: GetMyeBaySelling, GetSellerList, GetItem."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from .listing import ACTIVE, AUCTION, EbayListing, Item
from .trading import Trade
from .trading_errors import TradingError
from .trading_xml import amount, node, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_ENTRIES = 200
WINDOW = timedelta(days=120)


def my_selling(trade: Trade) -> list[Element]:
    """GetMyeBaySelling: the ActiveList, the newest first; absent when nothing is active, and cut off at 25,000."""
    asked = trade.body.find("ActiveList")
    if asked is None or text(asked, "Include") == "false":
        return []
    size = trade.number("ActiveList/Pagination/EntriesPerPage", 25, MOST_ENTRIES)
    number = trade.number("ActiveList/Pagination/PageNumber", 1, 10**8)
    rows = [item for item in trade.account.items.values() if item.state == ACTIVE][::-1]
    if not rows:
        return []
    varied = text(trade.body, "HideVariations") != "true"
    rows = rows[: trade.setting("most_active")]
    return [node("ActiveList", _page(trade, rows, number, size, varied, in_full=False))]


def seller_list(trade: Trade) -> list[Element]:
    """GetSellerList: what ends, or was started, within 120 days; variations only where they are asked for."""
    if trade.body.find("Pagination") is None:
        raise TradingError("37", "Pagination is required.", (("0", "Pagination"),))
    size = trade.number("Pagination/EntriesPerPage", 25, MOST_ENTRIES)
    number = trade.number("Pagination/PageNumber", 1, 10**8)
    within = _window(trade)
    has_details = bool(text(trade.body, "GranularityLevel") or text(trade.body, "DetailLevel"))
    varied = has_details and text(trade.body, "IncludeVariations") == "true"
    rows = [item for item in trade.account.items.values() if within(item)][::-1]
    nodes = _page(trade, rows, number, size, varied, in_full=has_details)
    pages = int(text(nodes[-1], "TotalNumberOfPages"))
    return [*nodes, node("HasMoreItems", number < pages), node("ItemsPerPage", size), node("PageNumber", number)]


def one(trade: Trade) -> list[Element]:
    """GetItem, ended ones too."""
    item = trade.account.items.get(text(trade.body, "ItemID"))
    if item is None:
        raise TradingError("17", parameters=(("0", text(trade.body, "ItemID")),))
    shown = _item(trade, item, varied=True, in_full=True)
    shown.append(node("InventoryTrackingMethod", "ItemID"))
    return [shown]


def _window(trade: Trade) -> Callable[[Item], bool]:
    for name in ("EndTime", "StartTime"):
        texts = text(trade.body, f"{name}From"), text(trade.body, f"{name}To")
        if not any(texts):
            continue
        try:
            first, last = (datetime.fromisoformat(each).astimezone(UTC) for each in texts)
        except (ValueError, OverflowError):  # the latter for the year 1 somewhere in the east
            raise TradingError("37", f"{name} must be a pair of times.", (("0", name),)) from None
        if not timedelta() <= last - first <= WINDOW:
            raise TradingError("37", f"{name}From and {name}To must be at most 120 days apart.", (("0", name),))
        if name == "EndTime":
            return lambda item: first <= item.ends(trade.now) <= last
        return lambda item: first <= item.started <= last
    raise TradingError("37", "EndTimeFrom and EndTimeTo, or StartTimeFrom and StartTimeTo, are required.")


def _page(trade: Trade, rows: Sequence[Item], number: int, size: int, varied: bool, *, in_full: bool) -> list[Element]:
    page = trade.page(rows, number, size)
    pages = -(-page.count // size)
    if number > max(pages, 1):
        raise TradingError("340", parameters=(("0", str(number)),))
    items = [_item(trade, item, varied=varied, in_full=in_full) for item in page.rows]
    totals = [node("TotalNumberOfPages", pages), node("TotalNumberOfEntries", page.count)]
    return [node("ItemArray", items), node("PaginationResult", totals)]


def _item(trade: Trade, item: Item, *, varied: bool, in_full: bool) -> Element:
    """A listing; Quantity is everything ever offered, what was sold included (KB 1525)."""
    units = [unit.shown(trade.now) for unit in item.units]
    first, sold = units[0], sum(unit.sold for unit in units)
    available = sum(unit.quantity for unit in units)
    price = min((unit.price for unit in units), key=Decimal)
    selling = [amount("CurrentPrice", price, first.currency)]
    if sold or in_full:
        selling.append(node("QuantitySold", sold))
    if in_full:
        selling.append(node("ListingStatus", item.state))
    links = [
        node("StartTime", item.started),
        *([node("EndTime", item.ends(trade.now))] if in_full else []),
        node("ViewItemURL", f"https://www.ebay.com/itm/{item.id}"),
    ]
    is_auction = item.type == AUCTION
    return node(
        "Item",
        [
            amount("StartPrice" if is_auction else "BuyItNowPrice", price, first.currency),
            node("ItemID", item.id),
            node("ListingDetails", links),
            node("ListingDuration", "Days_7" if is_auction else "GTC"),
            node("ListingType", item.type),
            node("Quantity", available + sold),
            node("SellingStatus", selling),
            node("TimeLeft", _duration(item.ends(trade.now) - trade.now)),
            node("Title", first.title),
            node("QuantityAvailable", available),
            node("SKU", first.sku) if first.sku and not item.is_varied else None,
            node("Variations", [_variation(trade, unit, in_full=in_full) for unit in units])
            if item.is_varied and varied
            else None,
            *(_details(trade) if in_full else ()),
        ],
    )


def _details(trade: Trade) -> list[Element]:
    return [node("Site", "US"), node("OutOfStockControl", bool(trade.setting("out_of_stock_control")))]


def _variation(trade: Trade, unit: EbayListing, *, in_full: bool) -> Element:
    pairs = [
        node("NameValueList", [node("Name", name), node("Value", value)]) for name, value in unit.specifics.items()
    ]
    sold = [node("QuantitySold", unit.sold)] if in_full or trade.setting("variation_sold") else []
    return node(
        "Variation",
        [
            node("SKU", unit.sku) if unit.sku else None,
            amount("StartPrice", unit.price, unit.currency),
            node("Quantity", unit.quantity + unit.sold),
            node("VariationSpecifics", pairs),
            node("SellingStatus", sold),
            node("VariationTitle", f"{unit.title}[{','.join(unit.specifics.values())}]"),
        ],
    )


def _duration(left: timedelta) -> str:
    """ISO 8601, as eBay writes what is left: P18DT3H12M4S; nothing left is PT0S."""
    seconds = max(int(left.total_seconds()), 0)
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    return f"P{days}DT{hours}H{rest // 60}M{rest % 60}S" if seconds else "PT0S"
