"""Back Market's part in the suite that every channel passes."""

from datetime import UTC, datetime

import pytest
import responses

from tests.channels.backmarket.payloads import HOST, SETTINGS, listing, listing_id, order, page
from wholecell.channels.backmarket import CHANNEL
from wholecell.channels.contract import QuantityChange, RemoteShipment, RemoteUnit, TemporaryError
from wholecell.channels.own_state import OwnState

LISTINGS = f"{HOST}/ws/listings"
ORDERS = f"{HOST}/ws/orders"
ORDER = f"{ORDERS}/7"
FIRST_PAGE = responses.matchers.query_param_matcher({"page": 1}, strict_match=False)
SECOND_PAGE = responses.matchers.query_param_matcher({"page": 2}, strict_match=False)


def connect():
    return CHANNEL.connect(SETTINGS, CHANNEL.hosts[SETTINGS["platform"]], OwnState())


def problem_of(call, kind=TemporaryError):
    with pytest.raises(kind) as caught:
        call()
    assert SETTINGS["token"] not in repr(caught.value.__dict__)
    return caught.value


def answer_every_call(planned, status):
    body = {"error": {"code": "x", "message": f"No. {SETTINGS['token']}"}, "requestId": "r"}
    for method in ("GET", "POST"):
        planned.add(method, LISTINGS, json=body, status=status)
        planned.add(method, f"{LISTINGS}/{listing_id(1)}", json=body, status=status)
        planned.add(method, ORDERS, json=body, status=status)
        planned.add(method, f"{ORDERS}/1", json=body, status=status)
        planned.add(method, ORDER, json=body, status=status)


def answer_login(planned):
    planned.get(LISTINGS, json=page(listing(1), count=248, more=True))


def answer_two_pages(planned):
    """Plan two pages; return the ids in order."""
    planned.get(LISTINGS, json=page(listing(1), listing(2), count=3, more=True), match=[FIRST_PAGE])
    planned.get(LISTINGS, json=page(listing(3), count=3), match=[SECOND_PAGE])
    return [listing_id(number) for number in (1, 2, 3)]


def answer_no_listings(planned):
    planned.get(LISTINGS, json=page())


def answer_partial_rejection(planned):
    """Plan answers to three changes of which the second is refused; return the changes."""
    planned.post(f"{LISTINGS}/{listing_id(1)}", json=listing(1, quantity=4))
    planned.post(f"{LISTINGS}/{listing_id(2)}", json="quantity is not allowed here", status=400)
    planned.post(f"{LISTINGS}/{listing_id(3)}", json=listing(3, quantity=0))
    return [
        QuantityChange(listing_id(1), "SKU-1", 4, is_fall=False),
        QuantityChange(listing_id(2), "SKU-2", 7, is_fall=False),
        QuantityChange(listing_id(3), "SKU-3", 0, is_fall=True),
    ]


def answer_readings(planned):
    """Plan a reading of 6 and one of a listing that is no more; return their ids."""
    planned.get(f"{LISTINGS}/{listing_id(1)}", json=listing(1, quantity=6))
    planned.get(f"{LISTINGS}/{listing_id(2)}", json={"error": {"message": "Listing not found"}}, status=404)
    return [listing_id(1), listing_id(2)]


def answer_two_pages_of_orders(planned):
    """Plan two pages, the first one row of which is no order; return the orders' ids, and that row's."""
    rows = page(order(1), {"order_id": 9}, order(2), count=4, more=True)
    planned.get(ORDERS, json=rows, match=[FIRST_PAGE])
    planned.get(ORDERS, json=page(order(3), count=4), match=[SECOND_PAGE])
    return ["1", "2", "3"], "9"


def answer_no_orders(planned):
    planned.get(ORDERS, json=page())


def answer_single_orders(planned):
    """Plan an order and one that is no more; return their ids."""
    planned.get(f"{ORDERS}/1", json=order(1))
    planned.get(f"{ORDERS}/2", json={"error": {"message": "Order not found"}}, status=404)
    return ["1", "2"]


def an_order(line_state, number="", imei=""):
    """Order 7 with one line of one unit, as it is answered."""
    line = {"id": 9, "listing": "SKU-1", "quantity": 1, "state": line_state, "imei": imei}
    state = {1: 1, 2: 3}.get(line_state, 9)
    return {"order_id": 7, "state": state, "tracking_number": number, "orderlines": [line]}


def a_shipment():
    """The shipment of that order, with its phone."""
    return RemoteShipment(
        order_id="7",
        carrier="UPS",
        service="Ground",
        tracking_number="1Z999AA10123456784",
        tracking_url="",
        shipped_at=datetime(2026, 3, 2, tzinfo=UTC),
        lines={"9": 1},
        units=[RemoteUnit("9", "352099001761481")],
        may_be_there=True,
    )


def answer_order_to_accept(planned):
    """Plan an order that waits to be accepted, and is after one call; return its id and its line's."""
    planned.get(ORDER, json=an_order(1))
    planned.post(ORDER, json=an_order(2))
    return "7", "9"


def answer_order_over(planned):
    """Plan an order whose line is cancelled already."""
    planned.get(ORDER, json=an_order(4))
    return "7", "9"


def answer_order_to_ship(planned, *, takes_number=True):
    """Plan an accepted order that takes a shipment, and the number of its phone or not."""
    shipped = an_order(3, "1Z999AA10123456784", "352099001761481" if takes_number else "")
    planned.get(ORDER, json=an_order(2))
    if not takes_number:
        planned.post(ORDER, json={"error": {"message": "imei is blocked"}}, status=400)
    planned.post(ORDER, json=shipped)
    return a_shipment()


def answer_order_shipped(planned):
    """Plan an order that left with the number of our shipment."""
    planned.get(ORDER, json=an_order(3, "1Z999AA10123456784", "352099001761481"))
    return a_shipment()


def answer_order_refused(planned):
    """Plan an accepted order whose shipment is refused."""
    planned.get(ORDER, json=an_order(2))
    planned.post(ORDER, json={"error": {"message": "tracking_number is blocked"}}, status=400)
    return a_shipment()
