"""Pulling a custom store: every page of what changed there, stored page by page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

from ..shop import Shop
from . import fulfilment, outgoing, store_xml, times
from .account import ShipStationAccount
from .people import blank_address
from .states import Status, Store, status_of

_MOST_PAGES = 500
_FIRST = timedelta(days=30)


def pull(shop: Shop, store_id: int, start: datetime | None = None, end: datetime | None = None) -> dict[str, Any]:
    """Ask for what changed since the last pull, or between the two times. Call without the shop's lock.

    What was stored of pages before a bad one stays; the next pull begins where this one did unless all went well.
    """
    with shop.lock:
        store = _account(shop).store(store_id)
        now = shop.clock()
        store.tried = now
        start, end = start or store.pulled or now - _FIRST, end or now
    result: dict[str, Any] = {"pages": 0, "new": [], "updated": [], "kept": [], "not_taken": [], "problem": ""}
    page, pages = 1, 1
    while page <= min(pages, _MOST_PAGES):
        got = call(shop, store, "GET", {"action": "export", **_window(start, end), "page": str(page)})
        result |= {"status": got.status, "mimetype": got.mimetype}
        try:
            pages, orders = _page(got)
        except store_xml.NotTakenError as problem:
            store.problem = f"Page {page}: {problem}"
            return result | {"problem": store.problem}
        with shop.lock:
            for each, placed in orders:
                _take(_account(shop), store, each, placed, result)
        result["pages"] = page
        page += 1
    with shop.lock:
        store.pulled, store.problem = end, ""
    return result


def call(
    shop: Shop,
    store: Store,
    method: str,
    query: dict[str, str],
    body: bytes | None = None,
    *,
    user: str | None = None,
    password: str | None = None,
) -> outgoing.Got:
    """One call to the store, signed in with its own name and password unless others are said."""
    user = store.user if user is None else user
    password = store.password if password is None else password
    if _account(shop).settings["query_login"]:
        query = {"SS-UserName": user, "SS-Password": password} | query
    text = re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), urlencode(query))
    url = store.url + ("&" if "?" in store.url else "?") + text
    headers = outgoing.basic(user, password)
    if body is not None:
        headers["Content-Type"] = "text/xml; charset=utf-8"
    return outgoing.send(method, url, body, headers)


def _account(shop: Shop) -> ShipStationAccount:
    return cast(ShipStationAccount, shop.account("shipstation"))


def _window(start: datetime, end: datetime) -> dict[str, str]:
    shape = "%m/%d/%Y %H:%M"
    return {"start_date": start.astimezone(UTC).strftime(shape), "end_date": end.astimezone(UTC).strftime(shape)}


def _page(got: outgoing.Got) -> tuple[int, list[tuple[Element, datetime]]]:
    """How many pages there are, and this one's orders with the time each was placed."""
    if got.status != 200:
        raise store_xml.NotTakenError(got.problem or f"The store answered {got.status}.")
    pages, orders = store_xml.read(got.data)
    return pages, [(each, _moment(_text(each, "OrderDate"))) for each in orders]


def _take(account: ShipStationAccount, store: Store, node: Element, placed: datetime, result: dict[str, Any]) -> None:
    """One order of a page: new, or the one with the same OrderID again. What is shipped or cancelled here stays."""
    number, source = _text(node, "OrderNumber"), _text(node, "OrderID")
    try:
        status = status_of(store.statuses[_text(node, "OrderStatus")])
    except KeyError:
        result["not_taken"].append({"number": number, "status": _text(node, "OrderStatus")})
        return
    of_store = [row for row in account.all_orders() if row.store_id == store.id]
    found = [row for row in of_store if (row.source_id == source if source else row.number == number)]
    if not found:
        order = account.order(store.id, number, placed, {}, [], status.name.lower(), source)
        order.source_id = source
        account.orders[order.id] = order
        account.outbox += fulfilment.order_events(order)
        result["new"].append(number)
    elif found[0].is_open and not any(found[0].shipped.values()):
        (order,) = found
        result["updated"].append(number)
    else:
        # Labels were bought for it: its store can still cancel it, and nothing else.
        if status == Status.CANCELLED and found[0].is_open:
            found[0].state, found[0].changed = status, account.clock()
        result["kept"].append(number)
        return
    order.number, order.state, order.placed, order.changed = number, status, placed, account.clock()
    order.fields, order.items = _fields(account, node, placed), _items(account, node, order.items)


def _fields(account: ShipStationAccount, node: Element, placed: datetime) -> dict[str, Any]:
    fields = account.blank_fields()
    customer = _text(node, "Customer/CustomerCode")
    fields |= {
        "customerUsername": customer,
        "customerEmail": _text(node, "Customer/BillTo/Email") or None,
        "billTo": _address(node, "Customer/BillTo/"),
        "shipTo": _address(node, "Customer/ShipTo/"),
        "amountPaid": float(_text(node, "OrderTotal")),
        "taxAmount": float(_text(node, "TaxAmount") or 0),
        "shippingAmount": float(_text(node, "ShippingAmount") or 0),
        "gift": _is_true(node, "Gift"),
        "giftMessage": _text(node, "GiftMessage") or None,
        "customerNotes": _text(node, "CustomerNotes") or None,
        "internalNotes": _text(node, "InternalNotes") or None,
        "paymentMethod": _text(node, "PaymentMethod") or None,
        "requestedShippingService": _text(node, "ShippingMethod") or None,
        "paymentDate": times.long(placed),
    }
    custom = {f"customField{number}": _text(node, f"CustomField{number}") or None for number in (1, 2, 3)}
    fields["advancedOptions"] |= custom | {"source": _text(node, "Source") or None}
    return fields


def _address(node: Element, place: str) -> dict[str, Any]:
    names = {
        "name": "Name",
        "company": "Company",
        "street1": "Address1",
        "street2": "Address2",
        "city": "City",
        "state": "State",
        "postalCode": "PostalCode",
        "country": "Country",
        "phone": "Phone",
    }
    return blank_address() | {ours: _text(node, place + theirs) or None for ours, theirs in names.items()}


def _items(account: ShipStationAccount, node: Element, old: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ids = {item["lineItemKey"]: item["orderItemId"] for item in old if item["lineItemKey"]}
    return [_item(account, each, ids) for each in node.findall("Items/Item")]


def _item(account: ShipStationAccount, node: Element, ids: dict[str, int]) -> dict[str, Any]:
    key = _text(node, "LineItemID") or None
    item = account.item(
        lineItemKey=key,
        sku=_text(node, "SKU"),
        name=_text(node, "Name"),
        quantity=int(_text(node, "Quantity")),
        unitPrice=float(_text(node, "UnitPrice")),
        adjustment=_is_true(node, "Adjustment"),
        warehouseLocation=_text(node, "Location") or None,
        imageUrl=_text(node, "ImageUrl") or None,
        options=[
            {"name": _text(each, "Name"), "value": _text(each, "Value")} for each in node.findall("Options/Option")
        ],
    )
    return item | ({"orderItemId": ids[key]} if key in ids else {})


def _text(node: Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def _is_true(node: Element, path: str) -> bool:
    return _text(node, path) in ("true", "1")


def _moment(text: str) -> datetime:
    """Only month, day, year, hour and minute count; an AM or PM behind 24 hours is no more than decoration."""
    month, day, year, hour, minute = (int(part) for part in re.findall(r"\d+", text)[:5])
    try:
        moment = datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError as problem:
        raise store_xml.NotTakenError(f"{text!r} is no time: {problem}") from None
    return moment + timedelta(hours=12 if hour < 12 and text.rstrip().casefold().endswith("pm") else 0)
