"""ShipStation's part in the suite that every channel passes: its API V1."""

import re

from responses.matchers import query_param_matcher

from tests.channels.shipstation.payloads import (
    CREATE,
    FULFILLMENTS,
    HOST,
    LOGIN,
    ORDERS,
    SHIPMENTS,
    STORES,
    label,
    order,
    outgoing,
    page,
    result,
    results,
)
from wholecell.channels.own_state import OwnState
from wholecell.channels.shipstation import CHANNEL

SETTINGS = LOGIN
CHOSEN = {"import_stores": "11", "reference_prefix": "0a1b2c3d"}


def asks(**params):
    return [query_param_matcher(params, strict_match=False)]


def connect(state=None):
    return CHANNEL.connect({**SETTINGS, **CHOSEN}, HOST, state or OwnState())


def an_order(number):
    return outgoing(number)


def answer_every_call(planned, status):
    body = {"Message": f"No. {SETTINGS['api_secret']}"}
    planned.get(re.compile(re.escape(HOST)), json=body, status=status)
    planned.post(CREATE, json=body, status=status)


def answer_login(planned):
    planned.get(STORES, json=[{"storeId": 12, "storeName": "Web", "active": True}])


def answer_two_pages_of_orders(planned):
    """Plan two pages, the first one row of which is no order; return the orders' ids, and that row's."""
    rows = [order(1), {"orderId": 9}, order(2)]
    planned.get(ORDERS, json=page("orders", rows, pages=2, total=4), match=asks(page=1))
    planned.get(ORDERS, json=page("orders", [order(3)], number=2, pages=2, total=4), match=asks(page=2))
    return ["1", "2", "3"], "9"


def answer_no_orders(planned):
    planned.get(ORDERS, json=page("orders", [], pages=0))


def answer_single_orders(planned):
    """Plan an order and one that is no more; return their ids."""
    planned.get(f"{ORDERS}/1", json=order(1))
    planned.get(f"{ORDERS}/2", json={"Message": "Not found."}, status=404)
    return ["1", "2"]


def answer_one_refused_order(planned):
    """Plan answers to three orders of which the second is refused; return the orders."""
    orders = [outgoing(number) for number in (1, 2, 3)]
    refused = {"success": False, "orderId": 0, "errorMessage": "Ship Country must be a two-letter code"}
    planned.post(CREATE, json=results(result(orders[0]), result(orders[1], **refused), result(orders[2])))
    return orders


def answer_two_pages_of_shipments(planned):
    """Plan labels on two pages, one row of which is none, and one of them voided; their numbers, and that one's."""
    made, voided = label(1), label(2, voided=True)
    since = re.compile(rf"{re.escape(SHIPMENTS)}\?createDateStart=.*&page=(\d)&")
    voids = re.compile(rf"{re.escape(SHIPMENTS)}\?voidDateStart=")
    planned.get(since, json=page("shipments", [made, {}], pages=2), match=asks(page=1))
    planned.get(since, json=page("shipments", [voided], number=2, pages=2), match=asks(page=2))
    planned.get(FULFILLMENTS, json=page("fulfillments", [], pages=0))
    planned.get(voids, json=page("shipments", [], pages=0))
    return [made["trackingNumber"], voided["trackingNumber"]], voided["trackingNumber"]
