"""eBay's part in the suite that every channel passes."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
import responses

from tests.channels.ebay.payloads import (
    HOST,
    IDENTITY,
    PRIVILEGE,
    SETTINGS,
    TOKEN,
    TOKEN_URL,
    TRADING_URL,
    USER,
    answer,
    echo,
    errors,
    fault,
    item,
    order,
    orders,
    revised,
    selling,
    shipment,
    shipments,
)
from wholecell.channels.contract import QuantityChange, RemoteShipment, TemporaryError
from wholecell.channels.ebay import CHANNEL
from wholecell.channels.own_state import OwnState

PRIVILEGE_URL = f"{HOST}/sell/account/v1/privilege"
USER_URL = f"{IDENTITY}/commerce/identity/v1/user/"
RATES_URL = f"{HOST}/developer/analytics/v1_beta/user_rate_limit/"
ORDERS_URL = f"{HOST}/sell/fulfillment/v1/order"
SHIPMENTS_URL = f"{ORDERS_URL}/7/shipping_fulfillment"
OFFERS_URL = f"{HOST}/sell/inventory/v1/offer"
UPDATE_URL = f"{HOST}/sell/inventory/v1/bulk_update_price_quantity"
NUMBER = "1Z999AA10123456784"


def connect(state=None, **login):
    return CHANNEL.connect(SETTINGS | login, HOST, state or OwnState())


def problem_of(call, kind=TemporaryError):
    with pytest.raises(kind) as caught:
        call()
    assert SETTINGS["refresh_token"] not in repr(caught.value.__dict__)
    assert caught.value.message.endswith(".")
    return caught.value


def asks(**params):
    return responses.matchers.query_param_matcher(params, strict_match=False)


def calls(call, **fields):
    """Matches one Trading call by its name, and by all texts that its message has under some names."""

    def matches(request):
        if request.headers.get("X-EBAY-API-CALL-NAME") != call:
            return False, f"it is no {call}"
        inside = texts(request.body)
        found = {name: ",".join(text for key, text in inside if key == name) for name in fields}
        return found == fields, f"{found} is not {fields}"

    return matches


def form_is(form):
    """Matches a call with exactly this form."""
    return lambda request: (parse_qs(request.body.decode()) == {key: [value] for key, value in form.items()}, "other")


def texts(message):
    """What is in an XML message, by the names of elements."""
    return [(each.tag.rpartition("}")[2], each.text) for each in ElementTree.fromstring(message).iter() if each.text]


def sent(planned, call):
    """The messages of these Trading calls, as lists of what is in them."""
    requests = [each.request for each in planned.calls]
    return [texts(each.body) for each in requests if each.headers.get("X-EBAY-API-CALL-NAME") == call]


def answer_token(planned):
    planned.post(TOKEN_URL, json=TOKEN)
    planned.get(RATES_URL, status=204)


def answer_trading(planned, call, body, **fields):
    planned.post(TRADING_URL, body=body, match=[calls(call, **fields)])


def answer_every_call(planned, status):
    body = errors(1001 if status == 401 else 2001, f"No. {SETTINGS['refresh_token']}")
    planned.post(TOKEN_URL, json=TOKEN)
    for url in (PRIVILEGE_URL, USER_URL, RATES_URL, re.compile(f"{ORDERS_URL}.*"), OFFERS_URL):
        planned.get(url, json=body, status=status)
    for url in (SHIPMENTS_URL, UPDATE_URL):
        planned.post(url, json=body, status=status)
    for call in ("GetMyeBaySelling", "GetItem", "GetUserPreferences", *["ReviseInventoryStatus"] * 2):
        # A refused token is renewed, and the call repeated once.
        planned.post(TRADING_URL, json=body, status=status, match=[calls(call)])


def answer_login(planned):
    answer_token(planned)
    planned.get(PRIVILEGE_URL, json=PRIVILEGE)
    planned.get(USER_URL, json=USER)
    told = answer("GetUserPreferences", "<OutOfStockControlPreference>true</OutOfStockControlPreference>")
    answer_trading(planned, "GetUserPreferences", told)


def answer_two_pages(planned):
    """Plan two pages, the second of which repeats a listing of the first; return the ids in order."""
    answer_token(planned)
    answer_trading(planned, "GetMyeBaySelling", selling(item(1), item(2), pages=2, entries=3), PageNumber="1")
    answer_trading(planned, "GetMyeBaySelling", selling(item(2), item(3), pages=2, entries=3), PageNumber="2")
    return ["1", "2", "3"]


def answer_no_listings(planned):
    answer_token(planned)
    answer_trading(planned, "GetMyeBaySelling", selling())


def answer_partial_rejection(planned):
    """Plan answers to three changes of which the second is refused; return the changes."""
    answer_token(planned)
    refused = fault("21919189", "The quantity is not allowed.")
    # All three in one call: it fails, and each is sent again by itself.
    for ids in ("3,1,2", "2"):
        answer_trading(planned, "ReviseInventoryStatus", revised(refused, ack="Failure"), ItemID=ids)
    answer_trading(planned, "ReviseInventoryStatus", revised(echo(1, 4)), ItemID="1")
    answer_trading(planned, "ReviseInventoryStatus", revised(echo(3, 0)), ItemID="3")
    return [
        QuantityChange("1", "SKU-1", 4, is_fall=False),
        QuantityChange("2", "SKU-2", 7, is_fall=False),
        QuantityChange("3", "SKU-3", 0, is_fall=True),
    ]


def answer_readings(planned):
    """Plan a reading of 6 and one of a listing that is no more; return their ids."""
    answer_token(planned)
    answer_trading(planned, "GetItem", answer("GetItem", item(1, 6, status="Active")), ItemID="1")
    answer_trading(planned, "GetItem", answer("GetItem", fault("17"), "Failure"), ItemID="2")
    return ["1", "2"]


def answer_two_pages_of_orders(planned):
    """Plan two pages, the first one row of which is no order; return the orders' ids, and that row's."""
    answer_token(planned)
    following = f"{ORDERS_URL}?filter=lastmodifieddate%3A%5B..%5D&limit=200&offset=200"
    planned.get(ORDERS_URL, json=orders(order(3), total=4), match=[asks(offset="200")])
    first = orders(order(1), {"orderId": "9"}, order(2), total=4, following=following)
    planned.get(ORDERS_URL, json=first, match=[asks(offset="0", limit="200")])
    return ["1", "2", "3"], "9"


def answer_no_orders(planned):
    answer_token(planned)
    planned.get(ORDERS_URL, json=orders())


def answer_single_orders(planned):
    """Plan an order and one that is no more; return their ids."""
    answer_token(planned)
    planned.get(ORDERS_URL, json=orders(order(1)), match=[asks(orderIds="1,2")])
    return ["1", "2"]


def a_shipment(**fields):
    """The shipment of order 7 with line 9."""
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
            "may_be_there": False,
            **fields,
        }
    )


def answer_order_to_ship(planned, *, takes_number=True):
    """Plan an order that takes a shipment."""
    answer_token(planned)
    planned.get(SHIPMENTS_URL, json=shipments())
    planned.post(SHIPMENTS_URL, status=201, headers={"Location": f"{SHIPMENTS_URL}/{NUMBER}"})
    return a_shipment()


def answer_order_shipped(planned):
    """Plan an order that left with the number of our shipment."""
    answer_token(planned)
    planned.get(SHIPMENTS_URL, json=shipments(shipment(NUMBER)))
    return a_shipment()


def answer_order_refused(planned):
    """Plan an order whose shipment is refused."""
    answer_token(planned)
    planned.get(SHIPMENTS_URL, json=shipments())
    planned.post(SHIPMENTS_URL, json=errors(32300, "The number is blocked"), status=400)
    return a_shipment()
