"""Walmart's part in the suite that every channel passes."""

import time
from datetime import UTC, datetime

import pytest
import responses

from tests.channels.walmart.payloads import (
    HOST,
    NO_ORDERS,
    SETTINGS,
    TOKEN,
    detail,
    errors,
    inventories,
    inventory,
    item,
    items,
    line,
    node,
    order,
    orders,
    status,
    stock,
)
from wholecell.channels.contract import QuantityChange, RemoteShipment, TemporaryError
from wholecell.channels.own_state import OwnState
from wholecell.channels.walmart import CHANNEL

TOKEN_URL = f"{HOST}/v3/token"
DETAIL = f"{HOST}/v3/token/detail"
ITEMS = f"{HOST}/v3/items"
INVENTORIES = f"{HOST}/v3/inventories"
INVENTORY = f"{HOST}/v3/inventory"
ORDERS = f"{HOST}/v3/orders"
ORDER = f"{ORDERS}/7"
NUMBER = "1Z999AA10123456784"
NO_ITEM = errors("CONTENT_NOT_FOUND.GMP_ITEM_QUERY_API", "Requested content could not be found.")


def connect(state=None):
    return CHANNEL.connect(SETTINGS, CHANNEL.hosts[SETTINGS["platform"]], state or OwnState())


def problem_of(call, kind=TemporaryError):
    with pytest.raises(kind) as caught:
        call()
    assert SETTINGS["client_secret"] not in repr(caught.value.__dict__)
    return caught.value


def sku(number):
    return f"SKU-{number}"


def of_sku(number):
    return responses.matchers.query_param_matcher({"sku": sku(number)})


def asks(**params):
    return responses.matchers.query_param_matcher(params, strict_match=False)


def answer_token(planned):
    planned.post(TOKEN_URL, json=TOKEN)


def answer_every_call(planned, status):
    body = errors("X", f"No. {SETTINGS['client_secret']}")
    planned.post(TOKEN_URL, json=body if status == 401 else TOKEN, status=401 if status == 401 else 200)
    for url in (DETAIL, ITEMS, INVENTORIES, ORDERS, f"{ORDERS}/1", ORDER, f"{ITEMS}/{sku(1)}", INVENTORY):
        planned.get(url, json=body, status=status)
    for _ in range(2):  # a refused token is renewed, and the call repeated once
        planned.put(INVENTORY, json=body, status=status)


def answer_login(planned):
    answer_token(planned)
    planned.get(DETAIL, json=detail())
    planned.get(ITEMS, json=items(item(sku(1)), total=248, cursor="AoE/a=="))


def answer_two_pages(planned):
    """Plan two pages; return the ids in order."""
    answer_token(planned)
    planned.get(INVENTORIES, json=inventories(*(stock(sku(number), node(5)) for number in (1, 2, 3))))
    first = items(item(sku(1)), item(sku(2)), total=3, cursor="AoE/a==")
    planned.get(ITEMS, json=first, match=[asks(nextCursor="*")])
    planned.get(ITEMS, json=items(item(sku(3)), total=3), match=[asks(nextCursor="AoE/a==")])
    return [sku(number) for number in (1, 2, 3)]


def answer_no_listings(planned):
    answer_token(planned)
    planned.get(INVENTORIES, json=inventories())
    planned.get(ITEMS, json=NO_ITEM, status=404)


def answer_partial_rejection(planned):
    """Plan answers to three changes of which the second is refused; return the changes."""
    answer_token(planned)
    planned.put(INVENTORY, json=inventory(sku(1), 4), match=[of_sku(1)])
    planned.put(INVENTORY, json=errors("INVALID_REQUEST", "amount is not allowed"), status=400, match=[of_sku(2)])
    planned.put(INVENTORY, json=inventory(sku(3), 0), match=[of_sku(3)])
    return [
        QuantityChange(sku(1), sku(1), 4, is_fall=False),
        QuantityChange(sku(2), sku(2), 7, is_fall=False),
        QuantityChange(sku(3), sku(3), 0, is_fall=True),
    ]


def answer_readings(planned):
    """Plan a reading of 6 and one of a listing that is no more; return their ids."""
    answer_token(planned)
    planned.get(f"{ITEMS}/{sku(1)}", json=items(item(sku(1))))
    planned.get(f"{INVENTORIES}/{sku(1)}", json=stock(sku(1), node(6)))
    planned.get(f"{ITEMS}/{sku(2)}", json=NO_ITEM, status=404)
    return [sku(1), sku(2)]


def answer_two_pages_of_orders(planned):
    """Plan two pages, the first one row of which is no order; return the orders' ids, and that row's."""
    answer_token(planned)
    cursor = "?limit=200&hasMoreElements=true&soIndex=4&poIndex=3"
    planned.get(f"{ORDERS}{cursor}", json=orders(order(3), total=4))
    first = orders(order(1), {"purchaseOrderId": "9"}, order(2), total=4, cursor=cursor)
    planned.get(ORDERS, json=first, match=[asks(shipNodeType="SellerFulfilled")])
    return ["1", "2", "3"], "9"


def answer_no_orders(planned):
    answer_token(planned)
    planned.get(ORDERS, json=NO_ORDERS, status=404)


def answer_single_orders(planned):
    """Plan an order and one that is no more; return their ids."""
    answer_token(planned)
    planned.get(f"{ORDERS}/1", json={"order": order(1)})
    planned.get(f"{ORDERS}/2", json=NO_ORDERS, status=404)
    return ["1", "2"]


def an_order(word, number="", **fields):
    """Order 7 with line 9 of one unit, placed just now, as it is answered."""
    tracking = {
        "carrierName": {"carrier": "UPS"},
        "methodCode": "Standard",
        "shipDateTime": 1,
        "trackingNumber": number,
    }
    one = line("9", status(word, "1", **(tracking if number else {})), **fields)
    return {"order": order(7, one, orderDate=int(time.time() * 1000))}


def a_shipment(**fields):
    """The shipment of that order."""
    return RemoteShipment(
        **{
            "order_id": "7",
            "carrier": "UPS",
            "service": "Ground",
            "tracking_number": NUMBER,
            "tracking_url": "",
            "shipped_at": datetime(2026, 3, 2, tzinfo=UTC),
            "lines": {"9": 1},
            "units": [],
            "may_be_there": True,
            **fields,
        }
    )


def answer_order_to_accept(planned):
    """Plan an order that waits to be accepted, and is after one call; return its id and its line's."""
    answer_token(planned)
    planned.get(ORDER, json=an_order("Created"))
    planned.post(f"{ORDER}/acknowledge", json=an_order("Acknowledged"))
    return "7", "9"


def answer_order_over(planned):
    """Plan an order whose line is cancelled already."""
    answer_token(planned)
    planned.get(ORDER, json=an_order("Cancelled"))
    return "7", "9"


def answer_order_to_ship(planned, *, takes_number=True):
    """Plan an acknowledged order that takes a shipment."""
    answer_token(planned)
    planned.get(ORDER, json=an_order("Acknowledged"))
    planned.post(f"{ORDER}/shipping", json=an_order("Shipped", NUMBER))
    return a_shipment()


def answer_order_shipped(planned):
    """Plan an order that left with the number of our shipment."""
    answer_token(planned)
    planned.get(ORDER, json=an_order("Shipped", NUMBER))
    return a_shipment()


def answer_order_refused(planned):
    """Plan an acknowledged order whose shipment is refused."""
    answer_token(planned)
    planned.get(ORDER, json=an_order("Acknowledged"))
    planned.post(f"{ORDER}/shipping", json=errors("INVALID_REQUEST", "tracking number is blocked"), status=400)
    return a_shipment()
