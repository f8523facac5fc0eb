"""Swappa's part in the suite that every channel passes."""

from datetime import UTC, datetime

import responses

from tests.channels.swappa.payloads import (
    HOST,
    IMEI,
    SETTINGS,
    TOKEN,
    TOKEN_URL,
    listing,
    listings,
    order,
    orders,
    problem,
    shipment,
)
from wholecell.channels.contract import QuantityChange, RemoteShipment, RemoteUnit
from wholecell.channels.own_state import OwnState
from wholecell.channels.swappa import CHANNEL

LISTINGS, ORDERS = f"{HOST}/listings", f"{HOST}/orders"
SHIPMENTS = f"{ORDERS}/7/shipments"
REPEATS_ARE_HARMLESS = True  # the same tracking number again changes nothing, and nothing shows what is there
FIRST_PAGE = responses.matchers.query_param_matcher({"limit": 100})


def asks(**params):
    return responses.matchers.query_param_matcher(params, strict_match=False)


def connect(state=None):
    return CHANNEL.connect(SETTINGS, HOST, state or OwnState())


def answer_token(planned):
    planned.post(TOKEN_URL, json=TOKEN)


def answer_every_call(planned, status):
    body = problem(f"No. {SETTINGS['refresh_token']}")
    planned.post(TOKEN_URL, json=body if status == 401 else TOKEN, status=401 if status == 401 else 200)
    planned.get(LISTINGS, json=body, status=status)
    planned.get(ORDERS, json=body, status=status)
    for _ in range(2):  # a refused token is renewed, and the call repeated once
        planned.patch(f"{LISTINGS}/L1", json=body, status=status)
    planned.post(SHIPMENTS, json=body, status=status)


def answer_login(planned):
    answer_token(planned)
    planned.get(LISTINGS, json=listings(listing(1), cursor="c2"))


def answer_two_pages(planned):
    """Plan two pages; return the ids in order."""
    answer_token(planned)
    planned.get(LISTINGS, json=listings(listing(1), listing(2), cursor="c/2="), match=[FIRST_PAGE])
    planned.get(LISTINGS, json=listings(listing(3)), match=[asks(cursor="c/2=", limit="100")])
    return ["L1", "L2", "L3"]


def answer_no_listings(planned):
    answer_token(planned)
    planned.get(LISTINGS, json=listings())


def answer_partial_rejection(planned):
    """Plan answers to three changes of which the second is refused; return the changes."""
    answer_token(planned)
    planned.patch(f"{LISTINGS}/L1", json=listing(1, quantity=4))
    planned.patch(f"{LISTINGS}/L2", json=problem("quantity is not allowed", "quantity"), status=400)
    planned.patch(f"{LISTINGS}/L3", json=listing(3, quantity=0))
    return [
        QuantityChange("L1", "SKU-1", 4, is_fall=False),
        QuantityChange("L2", "SKU-2", 7, is_fall=False),
        QuantityChange("L3", "SKU-3", 0, is_fall=True),
    ]


def answer_readings(planned):
    """Plan a reading of 6 and one of a listing that is no more; return their ids."""
    answer_token(planned)
    planned.get(LISTINGS, json=listings(listing(1, quantity=6)))
    return ["L1", "L2"]


def answer_two_pages_of_orders(planned):
    """Plan two pages, the first one row of which is no order; return the orders' ids, and that row's."""
    answer_token(planned)
    planned.get(ORDERS, json=orders(order(3)), match=[asks(cursor="c2")])
    planned.get(ORDERS, json=orders(order(1), {"id": "9"}, order(2), cursor="c2"))
    return ["1", "2", "3"], "9"


def answer_no_orders(planned):
    answer_token(planned)
    planned.get(ORDERS, json=orders())


def answer_single_orders(planned):
    """Plan an order and one that is no more; return their ids."""
    answer_token(planned)
    planned.get(ORDERS, json=orders(order(1), order(3)))
    return ["1", "2"]


def a_shipment(**fields):
    """The shipment of order 7, with its phone."""
    given = {
        "order_id": "7",
        "carrier": "UPS",
        "service": "Ground",
        "tracking_number": "1Z999AA10123456784",
        "tracking_url": "",
        "shipped_at": datetime(2026, 3, 2, tzinfo=UTC),
        "lines": {"9|L1": 1},
        "units": [RemoteUnit("9|L1", IMEI)],
        "may_be_there": True,
    }
    return RemoteShipment(**(given | fields))


def answer_order_to_ship(planned, *, takes_number=True):
    """Plan an order that takes a shipment, and the number of its phone or not."""
    answer_token(planned)
    if not takes_number:
        planned.post(SHIPMENTS, json=problem("this IMEI is blocked", "items[0].imeis"), status=400)
    planned.post(SHIPMENTS, json=shipment() if takes_number else shipment(()), status=201)
    return a_shipment()


def answer_order_shipped(planned):
    """Plan an order that left with the number of our shipment."""
    answer_token(planned)
    planned.post(SHIPMENTS, json=shipment(), status=200)
    return a_shipment()


def answer_order_refused(planned):
    """Plan an order whose shipment is refused."""
    answer_token(planned)
    planned.post(SHIPMENTS, json=problem("tracking number is blocked", "tracking_number"), status=400)
    return a_shipment()
