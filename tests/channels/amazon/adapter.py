"""Amazon's part in the suite that every channel passes."""

import gzip
import json
from datetime import UTC, datetime

import pytest
import responses

from tests.channels.amazon.payloads import (
    FILE,
    HOST,
    SETTINGS,
    TOKEN,
    TOKEN_URL,
    errors,
    found,
    item,
    order,
    orders,
    report,
    report_state,
    row,
)
from wholecell.channels.amazon import CHANNEL, report_rows
from wholecell.channels.contract import QuantityChange, RemoteShipment, TemporaryError
from wholecell.channels.own_state import OwnState

ITEMS = f"{HOST}/listings/2021-08-01/items/{SETTINGS['seller_id']}"
ORDERS = f"{HOST}/orders/2026-01-01/orders"
ORDER_ID = "111-0000000-0000007"
ORDER = f"{ORDERS}/{ORDER_ID}"
CONFIRM = f"{HOST}/orders/v0/orders/{ORDER_ID}/shipmentConfirmation"
REPORTS = f"{HOST}/reports/2021-06-30/reports"
REPORT_FILES = f"{HOST}/reports/2021-06-30/documents"
FEEDS = f"{HOST}/feeds/2021-06-30/feeds"
FEED_FILES = f"{HOST}/feeds/2021-06-30/documents"
SELLERS = f"{HOST}/sellers/v1/marketplaceParticipations"


def connect(state=None, **settings):
    login = SETTINGS | settings
    return CHANNEL.connect(login, CHANNEL.hosts[login["platform"]], state or OwnState())


def problem_of(call, kind=TemporaryError):
    with pytest.raises(kind) as caught:
        call()
    said = repr(caught.value.__dict__) + str(caught.value)
    assert not [secret for secret in (*(SETTINGS[name] for name in CHANNEL.secrets), TOKEN, "s3cret") if secret in said]
    assert caught.value.message.endswith(".")
    return caught.value


def answer_token(planned, **answer):
    planned.post(TOKEN_URL, json={"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600} | answer)


def answer_every_call(planned, status):
    answer_token(planned)
    said = f"No. {TOKEN} {SETTINGS['client_secret']} {SETTINGS['refresh_token']}"
    body = errors("x", said, said)
    for method, url in (
        ("GET", SELLERS),
        ("GET", ITEMS),
        ("GET", f"{ITEMS}/SKU-1"),
        ("PATCH", f"{ITEMS}/SKU-1"),
        ("PATCH", f"{ITEMS}/SKU-1"),  # a refused token is renewed, and the call repeated
        ("POST", REPORTS),
        ("GET", ORDERS),
        ("GET", f"{ORDERS}/1"),
        ("GET", ORDER),
        ("POST", CONFIRM),
    ):
        planned.add(method, url, json=body, status=status)


def participation(marketplace="ATVPDKIKX0DER", **participation):
    return {
        "marketplace": {"id": marketplace, "name": "Amazon.com"},
        "participation": {"isParticipating": True, "hasSuspendedListings": False} | participation,
        "storeName": "Northline",
    }


def answer_login(planned):
    answer_token(planned)
    planned.get(SELLERS, json={"payload": [participation("A2EUQ1WTGCTBG2", isParticipating=False), participation()]})
    planned.get(ITEMS, json=found(item(1), count=248))


def answer_report(planned, text, *, is_packed=True, **file):
    """Plan a report that is ready as soon as it is asked for."""
    answer_token(planned)
    planned.post(REPORTS, json={"reportId": "R1"}, status=202)
    planned.get(f"{REPORTS}/R1", json=report_state("DONE", reportDocumentId="D1"))
    zipped = {"compressionAlgorithm": "GZIP"} if is_packed else {}
    planned.get(f"{REPORT_FILES}/D1", json={"reportDocumentId": "D1", "url": FILE, **zipped})
    body = text if isinstance(text, bytes) else text.encode()
    planned.get(FILE, body=gzip.compress(body) if is_packed else body, **file)


def answer_two_pages(planned):
    """Plan a report of which two pages are stored; return the ids in order."""
    numbers = range(1, report_rows.PAGE_ROWS + 2)
    answer_report(planned, report(*(row(number) for number in numbers)))
    return [f"SKU-{number}" for number in numbers]


def answer_no_listings(planned):
    answer_token(planned)
    planned.post(REPORTS, json={"reportId": "R1"}, status=202)
    planned.get(f"{REPORTS}/R1", json=report_state("CANCELLED"))
    planned.get(ITEMS, json=found())


def submission(number, status="ACCEPTED", issues=()):
    return {"sku": f"SKU-{number}", "status": status, "submissionId": f"s{number}", "issues": list(issues)}


def issue(message, severity="ERROR", **fields):
    return {"code": "90000900", "message": message, "severity": severity, "categories": []} | fields


def answer_partial_rejection(planned):
    """Plan answers to three changes of which the second is refused; return the changes."""
    answer_token(planned)
    planned.patch(f"{ITEMS}/SKU-1", json=submission(1))
    planned.patch(f"{ITEMS}/SKU-2", json=submission(2, "INVALID", [issue("The quantity is not allowed here.")]))
    planned.patch(f"{ITEMS}/SKU-3", json=submission(3))
    return [
        QuantityChange("SKU-1", "SKU-1", 4, is_fall=False),
        QuantityChange("SKU-2", "SKU-2", 7, is_fall=False),
        QuantityChange("SKU-3", "SKU-3", 0, is_fall=True),
    ]


def answer_readings(planned):
    """Plan a reading of 6 and one of a listing that is no more; return their ids."""
    answer_token(planned)
    planned.get(ITEMS, json=found(item(1, 6)))
    planned.get(f"{ITEMS}/SKU-2", json=errors("NOT_FOUND", "SKU not found"), status=404)
    return ["SKU-1", "SKU-2"]


def with_token(token):
    return responses.matchers.query_param_matcher({"paginationToken": token}, strict_match=False)


def answer_two_pages_of_orders(planned):
    """Plan two pages, the first one row of which is no order; return the orders' ids, and that row's."""
    answer_token(planned)
    odd = {"orderId": "111-0000000-0000009"}
    planned.get(ORDERS, json=orders(order(3)), match=[with_token("next")])
    planned.get(ORDERS, json=orders(order(1), odd, order(2), token="next"))
    return [order(number)["orderId"] for number in (1, 2, 3)], odd["orderId"]


def answer_no_orders(planned):
    answer_token(planned)
    planned.get(ORDERS, json=orders())


def answer_single_orders(planned):
    """Plan an order and one that is no more; return their ids."""
    answer_token(planned)
    ids = [order(1)["orderId"], order(2)["orderId"]]
    planned.get(f"{ORDERS}/{ids[0]}", json={"order": order(1)})
    planned.get(f"{ORDERS}/{ids[1]}", json=errors("NotFound", "Order not found"), status=404)
    return ids


def a_shipment(**fields):
    """The shipment of order 7, of which an earlier try got no answer."""
    values = {
        "order_id": ORDER_ID,
        "carrier": "UPS",
        "service": "Ground",
        "tracking_number": "1Z999AA10123456784",
        "tracking_url": "",
        "shipped_at": datetime(2026, 3, 2, 10, tzinfo=UTC),
        "lines": {"71": 1},
        "units": [],
        "may_be_there": True,
        "number": 42,
    }
    return RemoteShipment(**(values | fields))


def a_package(**fields):
    return {"packageReferenceId": "42", "carrier": "UPS", "trackingNumber": "1Z999AA10123456784"} | fields


def answer_order_to_ship(planned, *, takes_number=True):
    """Plan an unshipped order that takes a shipment."""
    answer_token(planned)
    planned.get(ORDER, json={"order": order(7)})
    planned.post(CONFIRM, status=204)
    return a_shipment()


def answer_order_shipped(planned):
    """Plan an order that left with the number of our shipment."""
    answer_token(planned)
    planned.get(ORDER, json={"order": order(7, "SHIPPED", packages=[a_package()])})
    return a_shipment()


def answer_order_refused(planned):
    """Plan an unshipped order whose shipment is refused."""
    answer_token(planned)
    planned.get(ORDER, json={"order": order(7)})
    planned.post(CONFIRM, json=errors("InvalidInput", "trackingNumber is blocked"), status=400)
    return a_shipment()


def sent(call):
    """The body of a call, read."""
    return json.loads(call.request.body)
