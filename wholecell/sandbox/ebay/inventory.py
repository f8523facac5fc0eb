"""Listings made through the Inventory API: items, their offers, and quantities of both."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import quote

from werkzeug.wrappers import Response

from ..api_call import RefusalError
from .answers import INVENTORY, answer, money, problem, refuse
from .call import Call, text_or
from .limits import REVISIONS, day_of
from .listing import ACTIVE, EbayListing

MOST = 25


def index(call: Call) -> Response:
    """GET /inventory_item: here offset counts pages, and the links are relative."""
    rows = [row.shown(call.now) for row in _rows(call)]
    return _paged(call, rows, 25, "inventoryItems", _item)


def show(call: Call, sku: str) -> Response:
    """GET /inventory_item/{sku}."""
    found = call.account.in_inventory(sku)
    if found is None:
        raise _unknown(sku)
    return answer(_item(call, found.shown(call.now)))


def offers(call: Call) -> Response:
    """GET /offer: of one SKU, which must be given in spite of the document."""
    sku = call.text("sku")
    if sku is None:
        raise refuse(25709, INVENTORY, "Invalid value for sku.")
    found = call.account.in_inventory(sku)
    if found is None:
        raise refuse(25713, INVENTORY, "This Offer is not available.", 404)
    return _paged(call, [found.shown(call.now)], 100, "offers", _offer)


def offer(call: Call, offer_id: str) -> Response:
    """GET /offer/{offerId}."""
    for row in _rows(call):
        if row.offer_id == offer_id:
            return answer(_offer(call, row.shown(call.now)))
    raise refuse(25713, INVENTORY, "This Offer is not available.", 404)


def bulk_get(call: Call) -> Response:
    """POST /bulk_get_inventory_item: what is not known is said row by row."""
    rows = _requests(call)
    skus = [text_or(row.get("sku")) for row in rows]
    if len(set(skus)) < len(skus):
        raise refuse(25734, INVENTORY, "SKU should be unique in the request.")
    shapes: list[dict[str, Any]] = []
    for sku in skus:
        found = call.account.in_inventory(sku)
        if found is None:
            wrong = problem(25702, INVENTORY, f"SKU {sku} is not available in the system")
            shapes.append({"sku": sku, "statusCode": 404, "errors": [wrong]})
        else:
            shapes.append({"sku": sku, "statusCode": 200, "inventoryItem": _item(call, found.shown(call.now))})
    return answer({"responses": shapes})


def bulk_update(call: Call) -> Response:
    """POST /bulk_update_price_quantity: 207 when a row failed. Prices are left as they are."""
    rows = _requests(call)
    if len(rows) > 1 and not call.setting("several_skus"):
        raise refuse(25002, INVENTORY, "Only one SKU can be updated per call.")
    struck = call.shop.faults.take("partial_bulk", via=call.via)
    refused = (struck.number or 1) if struck else 0
    shapes = [shape for position, row in enumerate(rows) for shape in _updated(call, row, is_struck=position < refused)]
    return answer({"responses": shapes}, 200 if all(shape["statusCode"] == 200 for shape in shapes) else 207)


def _updated(call: Call, row: dict[str, Any], *, is_struck: bool) -> list[dict[str, Any]]:
    """A shape for each offer, or one for the SKU alone."""
    sku, sent = text_or(row.get("sku")), row.get("offers")
    named = [each for each in sent if isinstance(each, dict)] if isinstance(sent, list) else []
    ids = [text_or(each.get("offerId")) for each in named]
    try:
        if is_struck:
            raise refuse(25001, INVENTORY, "A system error has occurred.", 500)
        _store(call, sku, row, dict(zip(ids, named, strict=True)))
    except RefusalError as refusal:
        wrong = cast(dict[str, Any], refusal.response.get_json())
        failed = {"sku": sku, "statusCode": refusal.response.status_code, **wrong}
        return [failed | ({"offerId": each} if each else {}) for each in ids or [""]]
    return [{"sku": sku, "statusCode": 200} | ({"offerId": each} if each else {}) for each in ids or [""]]


def _store(call: Call, sku: str, row: dict[str, Any], named: dict[str, dict[str, Any]]) -> None:
    found = call.account.in_inventory(sku)
    if found is None:
        raise _unknown(sku)
    if found.item.state != ACTIVE:
        raise refuse(25002, INVENTORY, "The listing has ended.")
    for offer_id in named:
        if offer_id != found.offer_id:
            raise refuse(25709, INVENTORY, "Invalid value for offerId.", offerId=offer_id)
    ship_to = _quantity(row, "shipToLocationAvailability", "quantity", found.ship_to)
    offered = _quantity({"offer": named.get(found.offer_id)}, "offer", "availableQuantity", found.offered)
    if not found.item.revise(day_of(call.now), REVISIONS):
        words = f"You have exceeded your maximum call limit of {REVISIONS} for item per day."
        raise refuse(25001, INVENTORY, words)
    wanted = min(ship_to, offered)
    claimed = call.shop.push("ebay", found.id, wanted, call.via)
    if found.quantity == claimed == wanted:
        found.ship_to, found.offered = ship_to, offered


def _quantity(row: dict[str, Any], part: str, name: str, usual: int) -> int:
    inner = row.get(part)
    value = inner.get(name, usual) if isinstance(inner, dict) else usual
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**8:
        raise refuse(25709, INVENTORY, f"Invalid value for {name}.", **{name: value})
    return value


def _requests(call: Call) -> list[dict[str, Any]]:
    rows = call.json(INVENTORY).get("requests")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise refuse(25709, INVENTORY, "Invalid value for requests.")
    if len(rows) > MOST:
        raise refuse(25727, INVENTORY, f"The number of InventoryItems in the request cannot exceed {MOST}.")
    return rows


def _rows(call: Call) -> list[EbayListing]:
    rows = cast(list[EbayListing], list(call.account.listings.values()))
    return [row for row in rows if row.item.inventory_api]


def _paged(call: Call, rows: list[EbayListing], usual: int, name: str, shape: Any) -> Response:
    wrong = refuse(25706, INVENTORY, "You have provided invalid pagination values.")
    size = call.number("limit", usual, 1, 200, wrong)
    number = call.number("offset", 0, 0, 10**6, wrong)
    page = call.page(rows, number + 1, size)
    own = f"&sku={quote(call.text('sku') or '', safe='')}" if call.text("sku") else ""
    here = f"{call.request.path}?limit={size}{own}&offset="
    body: dict[str, Any] = {"href": f"{here}{number}", "limit": size, "size": len(page.rows), "total": page.count}
    if page.next:
        body["next"] = f"{here}{number + 1}"
    if number:
        body["prev"] = f"{here}{number - 1}"
    return answer(body | {name: [shape(call, row) for row in page.rows]})


def _item(call: Call, row: EbayListing) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "sku": row.sku,
        "locale": "en_US",
        "condition": "USED_EXCELLENT",
        "product": {"title": row.title, "brand": "Unbranded", "mpn": "Does Not Apply"},
        "availability": {"shipToLocationAvailability": {"quantity": row.ship_to}},
    }
    if row.item.is_varied:
        shape |= {"groupIds": [row.item.id], "inventoryItemGroupKeys": [row.item.id]}
    return shape


def _offer(call: Call, row: EbayListing) -> dict[str, Any]:
    state = "ACTIVE" if row.quantity else "OUT_OF_STOCK"
    return {
        "offerId": row.offer_id,
        "sku": row.sku,
        "marketplaceId": call.setting("site"),
        "format": "FIXED_PRICE",
        "availableQuantity": row.offered,
        "categoryId": "9355",
        "listingDuration": "GTC",
        "merchantLocationKey": "main",
        "pricingSummary": {"price": money(row.price, row.currency)},
        "status": "PUBLISHED",
        "listing": {
            "listingId": row.item.id,
            "listingStatus": state if row.item.state == ACTIVE else "ENDED",
            "soldQuantity": row.sold,
        },
    }


def _unknown(sku: str) -> RefusalError:
    return refuse(25702, INVENTORY, f"{sku} could not be found or is not available in the system.", 404)
