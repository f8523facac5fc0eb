"""The order a caller sends: what is wrong with it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from . import times
from .account import MANUAL, ShipStationAccount
from .people import blank_address
from .states import ShipOrder, Status

NEEDED = ("orderNumber", "orderDate", "orderStatus", "billTo", "shipTo")
_TEXTS = (
    "orderNumber orderKey orderStatus customerUsername customerEmail customerNotes internalNotes giftMessage "
    "paymentMethod requestedShippingService carrierCode serviceCode packageCode confirmation shipDate"
)
_TIMES = ("orderDate", "paymentDate", "shipByDate")
_MONEY = ("amountPaid", "taxAmount", "shippingAmount")
_OBJECTS = ("billTo", "shipTo", "weight", "dimensions", "insuranceOptions", "internationalOptions", "advancedOptions")
#: Object -> its texts, booleans and integers.
_OPTIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "advancedOptions",
        ("customField1", "customField2", "customField3", "source", "billToParty", "billToAccount", "billToPostalCode"),
        ("nonMachinable", "saturdayDelivery", "containsAlcohol", "mergedOrSplit"),
        ("storeId", "warehouseId"),
    ),
    ("insuranceOptions", ("provider",), ("insureShipment",), ()),
    ("internationalOptions", ("contents", "nonDelivery"), (), ()),
)
_WORDS = ("awaiting_payment", "awaiting_shipment", "on_hold", "cancelled", "shipped")
_ITEM_TEXTS = ("lineItemKey", "sku", "name", "imageUrl", "warehouseLocation", "fulfillmentSku", "upc")
_ITEM_MONEY = ("unitPrice", "taxAmount", "shippingAmount")
_HUGE = 1e12
Complaints = dict[str, list[str]]
Body = dict[str, Any]


def complaints(account: ShipStationAccount, body: Body) -> Complaints:
    """What is wrong with the order, by field; nothing: it will be taken."""
    found = _types(body)
    if found:
        return found
    found |= {name: [f"The {name} field is required."] for name in NEEDED if body.get(name) in (None, "")}
    if body.get("orderStatus") and body["orderStatus"] not in _WORDS:
        found["orderStatus"] = [f"The value '{body['orderStatus']}' is not valid for orderStatus."]
    for name, words in (("billTo", "Bill"), ("shipTo", "Ship")):
        found |= _address(name, words, body.get(name) or {})
    for number, item in enumerate(body.get("items") or []):
        place = f"items[{number}]"
        found |= {
            f"{place}.{name}": [f"The {name} field is required."]
            for name in ("name", "quantity")
            if item.get(name) in (None, "")
        }
    store = (body.get("advancedOptions") or {}).get("storeId")
    if store is not None and store not in account.stores:
        found["advancedOptions.storeId"] = ["The store does not exist."]
    return found


def make(account: ShipStationAccount, body: Body) -> ShipOrder:
    """A new order from a body without complaints; without a store it goes to the first manual one."""
    options = body.get("advancedOptions") or {}
    placed = times.utc(times.read(body["orderDate"]))
    key = body.get("orderKey") or ""
    order = account.order(
        options.get("storeId") or MANUAL, body["orderNumber"], placed, {}, [], body["orderStatus"], key
    )
    rewrite(account, order, body, order.created)
    account.orders[order.id] = order
    return order


def rewrite(account: ShipStationAccount, order: ShipOrder, body: Body, now: datetime) -> None:
    """Let the order be what the body says; what it leaves out is gone. Its store stays."""
    order.number, order.state = body["orderNumber"], Status[body["orderStatus"].upper()]
    order.placed, order.changed = times.utc(times.read(body["orderDate"])), now
    fields = account.blank_fields()
    same = [name for name in (*_TEXTS.split(), *_MONEY, "gift", "dimensions", "weight") if name in fields]
    fields |= {name: body[name] for name in same if body.get(name) is not None}
    for name in ("paymentDate", "shipByDate"):
        fields[name] = times.long(times.utc(times.read(body[name]))) if body.get(name) else None
    for name in ("billTo", "shipTo"):
        fields[name] = blank_address() | _known(body[name], blank_address())
    for name in ("insuranceOptions", "internationalOptions", "advancedOptions"):
        fields[name] = fields[name] | _known(body.get(name) or {}, fields[name])
    old = {item["lineItemKey"]: item["orderItemId"] for item in order.items if item["lineItemKey"]}
    order.fields, order.items = fields, [_item(account, item, old) for item in body.get("items") or []]


def _item(account: ShipStationAccount, sent: Body, old: dict[str, int]) -> Body:
    item = account.item(name=sent["name"], quantity=sent["quantity"])
    item |= {
        name: sent[name] for name in item if sent.get(name) is not None and name not in ("orderItemId", "productId")
    }
    item["unitPrice"] = sent.get("unitPrice") or 0.0
    item["options"] = [{"name": each.get("name"), "value": each.get("value")} for each in sent.get("options") or []]
    item["orderItemId"] = old.get(sent.get("lineItemKey") or "", item["orderItemId"])
    return item


def _known(sent: Body, fields: Body) -> Body:
    return {name: value for name, value in sent.items() if name in fields}


def _address(name: str, words: str, sent: Body) -> Complaints:
    found: Complaints = {}
    if not (sent.get("name") or "").strip():
        found[f"{name}.name"] = [f"{words} Name must not be empty"]
    country = sent.get("country")
    if country is not None and not (len(country) == 2 and country.isalpha() and country.isascii()):
        found[f"{name}.country"] = [f"{words} Country must be a two-letter code"]
    return found


def _types(body: Body) -> Complaints:
    found: Complaints = {}
    _look(found, body, "", _TEXTS.split(), _is_text, "string")
    _look(found, body, "", _MONEY, _is_number, "number")
    _look(found, body, "", ("gift",), _is_bool, "boolean")
    _look(found, body, "", _OBJECTS, _is_object, "object")
    _look(found, body, "", ("items", "tagIds"), _is_list, "array")
    _look(found, body, "", _TIMES, _is_time, "date")
    if found:
        return found
    for name in ("billTo", "shipTo"):
        inside = body.get(name) or {}
        texts = [key for key in blank_address() if key != "residential"]
        _look(found, inside, f"{name}.", texts, _is_text, "string")
        _look(found, inside, f"{name}.", ("residential",), _is_bool, "boolean")
    for name, words, bools, integers in _OPTIONS:
        inside, place = body.get(name) or {}, f"{name}."
        _look(found, inside, place, words, _is_text, "string")
        _look(found, inside, place, bools, _is_bool, "boolean")
        _look(found, inside, place, integers, _is_integer, "integer")
    _look(found, body.get("insuranceOptions") or {}, "insuranceOptions.", ("insuredValue",), _is_number, "number")
    _measures(found, body, "", ("weight", "dimensions"))
    for number, item in enumerate(body.get("items") or []):
        place = f"items[{number}]."
        if not isinstance(item, dict):
            found[place[:-1]] = ["The value could not be converted to object."]
            continue
        _look(found, item, place, _ITEM_TEXTS, _is_text, "string")
        _look(found, item, place, _ITEM_MONEY, _is_number, "number")
        _look(found, item, place, ("quantity",), _is_integer, "integer")
        _look(found, item, place, ("adjustment",), _is_bool, "boolean")
        _look(found, item, place, ("options",), _is_options, "array")
        _look(found, item, place, ("weight",), _is_object, "object")
        if not found:
            _measures(found, item, place, ("weight",))
    return found


def _measures(found: Complaints, body: Body, place: str, names: Sequence[str]) -> None:
    for name in names:
        inside, where = body.get(name) or {}, f"{place}{name}."
        _look(found, inside, where, ("units",), _is_text, "string")
        _look(found, inside, where, ("value", "length", "width", "height"), _is_number, "number")


def _look(
    found: Complaints, body: Body, place: str, names: Sequence[str], is_right: Callable[[object], bool], word: str
) -> None:
    for name in names:
        if body.get(name) is not None and not is_right(body[name]):
            found[place + name] = [f"The value could not be converted to {word}."]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and _is_number(value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_options(value: object) -> bool:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return False
    return all(isinstance(each.get(name, ""), str) for each in value for name in ("name", "value"))


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and times.read(value) is not None
    except ValueError:
        return False
