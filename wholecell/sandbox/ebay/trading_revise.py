"""Writing quantities: ReviseInventoryStatus, and ReviseFixedPriceItem for one whole listing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .limits import REVISIONS, day_of
from .listing import ACTIVE, AUCTION, EbayListing, Item
from .trading import Trade
from .trading_errors import TradingError
from .trading_xml import amount, node, text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST = 4
_DIGITS = 8


@dataclass(frozen=True)
class Entry:
    """One InventoryStatus as it was sent."""

    item: str
    sku: str
    quantity: str

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """Which entry an error means."""
        return (("0", self.item), *((("SKU", self.sku),) if self.sku else ()))

    def error(self, code: str, details: str = "", *, is_warning: bool = False) -> TradingError:
        """An error about this entry."""
        return TradingError(code, details, self.parameters, is_warning)


def inventory_status(trade: Trade) -> list[Element]:
    """ReviseInventoryStatus: up to four; InventoryStatus comes back for those that were done."""
    rows = trade.body.findall("InventoryStatus")
    entries = [Entry(text(row, "ItemID"), text(row, "SKU"), text(row, "Quantity")) for row in rows]
    _check_together(entries)
    struck = trade.shop.faults.take("partial_bulk", via=trade.via)
    refused = (struck.number or 1) if struck else 0
    good: list[tuple[Entry, EbayListing]] = []
    for position, entry in enumerate(entries):
        try:
            good.append((entry, _unit(trade, entry, is_struck=position < refused)))
        except TradingError as error:
            trade.errors.append(error)
    if trade.errors and not trade.setting("partial"):
        return []
    nodes: list[Element] = []
    for entry, unit in good:
        try:
            nodes.append(_revise(trade, entry, unit))
        except TradingError as error:
            trade.errors.append(error)
    trade.is_partial = bool(nodes)
    items = dict.fromkeys(entry.item for entry, _ in good)
    return [*nodes, *(_fees(item) for item in items)] if nodes else []


def fixed_price_item(trade: Trade) -> list[Element]:
    """ReviseFixedPriceItem: the quantities of one listing, all of them or none; other fields are not taken here."""
    asked = trade.body.find("Item")
    number = text(asked, "ItemID")
    entries = [
        Entry(number, text(row, "SKU"), text(row, "Quantity"))
        for row in trade.body.findall("Item/Variations/Variation")
    ] or [Entry(number, "", text(asked, "Quantity"))]
    item = trade.account.items.get(number)
    if item is not None and not item.is_varied and any(entry.sku for entry in entries):
        raise TradingError("21916635", parameters=(("0", number),))
    units = [(entry, _unit(trade, entry)) for entry in entries]
    for entry, unit in units:
        _revise(trade, entry, unit)
    item = units[0][1].item
    ends = [node("StartTime", item.started), node("EndTime", item.ends(trade.now))]
    return [node("ItemID", number), *ends, _fees("")]


def _check_together(entries: list[Entry]) -> None:
    if not entries:
        raise TradingError("37", "InventoryStatus is required.", (("0", "InventoryStatus"),))
    if len(entries) > MOST:
        raise TradingError("21916254", f"At most {MOST} entries may be revised in one call.")
    named = [(entry.item, entry.sku) for entry in entries]
    if len(set(named)) < len(named):
        raise TradingError("37", "The same listing or variation must not be given twice.")


def _unit(trade: Trade, entry: Entry, *, is_struck: bool = False) -> EbayListing:
    """What is to be revised. Raises TradingError when it cannot be."""
    item, forced = trade.account.items.get(entry.item), trade.setting("entry_errors")
    code = forced.get(entry.sku) or forced.get(entry.item) or ("10007" if is_struck else "")
    if code:
        raise entry.error(str(code))
    if item is None:
        raise entry.error("17")
    if item.type == AUCTION:
        raise entry.error("21916286")
    if item.state != ACTIVE:
        raise entry.error("21916750", f'You are not allowed to revise an ended item "{item.id}".')
    if item.inventory_api:
        raise entry.error("21919474")
    unit = _named(trade, entry, item)
    sent = entry.quantity
    if not (sent.isascii() and sent.isdecimal()) or len(sent) > _DIGITS:
        raise entry.error("515" if sent else "37")
    if int(sent) == 0 and not trade.setting("out_of_stock_control") and len(item.units) == 1:
        raise entry.error("515")
    return unit


def _named(trade: Trade, entry: Entry, item: Item) -> EbayListing:
    if item.is_varied and not entry.sku:
        raise entry.error(str(trade.setting("missing_sku")))
    for unit in item.units:
        if unit.sku == entry.sku or not (item.is_varied or entry.sku):
            return unit
    raise entry.error("21916799", f"The SKU {entry.sku} does not match the listing.")


def _revise(trade: Trade, entry: Entry, unit: EbayListing) -> Element:
    """Without out-of-stock control a variation set to 0 that never sold is deleted (KB 1546)."""
    wanted = int(entry.quantity)
    if unit.quantity == wanted:
        trade.errors.append(entry.error(str(trade.setting("redundant")), is_warning=True))
    elif not unit.item.revise(day_of(trade.now), REVISIONS):
        raise entry.error("21919165")
    stored = trade.shop.push("ebay", unit.id, wanted, trade.via)
    keeps = trade.setting("out_of_stock_control") or unit.quantity or unit.sold
    if not keeps and unit.item.is_varied and len(unit.item.units) > 1:
        trade.account.remove(unit)
    shown = stored + (unit.sold if trade.setting("echo") == "total" else 0)
    rows = [
        node("SKU", entry.sku),
        node("ItemID", entry.item),
        amount("StartPrice", unit.price, unit.currency),
        node("Quantity", shown),
    ]
    return node("InventoryStatus", rows)


def _fees(item: str) -> Element:
    fee = node("Fee", [node("Name", "ListingFee"), amount("Fee", "0.0", "USD")])
    return node("Fees", [node("ItemID", item) if item else None, fee])
