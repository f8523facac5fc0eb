"""ShipStation's answers for tests: the documented examples, where they are, and small ones of our own."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.oas import specs_folder
from wholecell.channels.contract import OutgoingLine, OutgoingOrder, RemoteAddress, Stage
from wholecell.channels.http import parse_json
from wholecell.channels.own_state import OwnState
from wholecell.channels.shipstation.client import ShipStation

HOST = "https://ssapi.shipstation.com"
ORDERS, SHIPMENTS, FULFILLMENTS = f"{HOST}/orders", f"{HOST}/shipments", f"{HOST}/fulfillments"
CREATE, STORES, MARK = f"{ORDERS}/createorders", f"{HOST}/stores", f"{ORDERS}/markasshipped"
LOGIN = {"mode": "api", "api_key": "the-key-of-the-shop", "api_secret": "the-secret-of-the-shop"}
EXAMPLES = specs_folder() / "shipstation" / "examples"
PREFIX = "0a1b2c3d"

ADDRESS = RemoteAddress("Ann Example", "", "1 Main St", "", "Springfield", "IL", "62701", "US", "555-0100")
ORDER = OutgoingOrder(
    order_id=7,
    reference=f"{PREFIX}-7",
    number="114-7",
    channel="Amazon",
    stage=Stage.PAID,
    placed_at=datetime(2026, 7, 1, 17, 30, tzinfo=UTC),
    changed_at=datetime(2026, 7, 1, 17, 30, tzinfo=UTC),
    ship_by=datetime(2026, 7, 3, 6, 59, tzinfo=UTC),
    service="Expedited",
    currency="USD",
    total_cents=21499,
    shipping_cents=599,
    ship_to=ADDRESS,
    bill_to=ADDRESS,
    email="ann@example.com",
    customer="ann@example.com",
    lines=(OutgoingLine("70", "IP12-A", "iPhone 12 64 GB", 1, 20900, "B-1", ("356938035643809",)),),
)


def example(name):
    """One documented example, numbers read as our client reads them."""
    return parse_json((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def connect(state=None, base_url=HOST, **login):
    return ShipStation({**LOGIN, **login}, base_url, state or OwnState())


def outgoing(number, **changes):
    return replace(ORDER, order_id=number, reference=f"{PREFIX}-{number}", number=f"114-{number}", **changes)


def order(order_id, **changes):
    """An order of a store, as lists show it."""
    return {
        "orderId": order_id,
        "orderNumber": f"S{order_id}",
        "orderKey": f"shop-{order_id}",
        "orderDate": "2026-07-01T10:30:00.0000000",
        "modifyDate": "2026-07-01T10:31:00.1234567",
        "shipByDate": None,
        "orderStatus": "awaiting_shipment",
        "customerUsername": "ann",
        "customerEmail": "ann@example.com",
        "shipTo": {"name": "Ann Example", "street1": "1 Main St", "city": "Springfield", "country": "US"},
        "items": [
            {"orderItemId": order_id * 10, "sku": "IP12-A", "name": "iPhone 12", "quantity": 1, "unitPrice": 209}
        ],
        "orderTotal": 214.99,
        "shippingAmount": 5.99,
        "requestedShippingService": "Standard",
        "externallyFulfilled": False,
        **changes,
    }


def label(shipment_id, **changes):
    """A label, as lists show it."""
    return {
        "shipmentId": shipment_id,
        "orderId": 900,
        "orderKey": f"{PREFIX}-7",
        "orderNumber": "114-7",
        "createDate": "2026-07-02T08:15:00.1230000",
        "shipDate": "2026-07-02",
        "shipmentCost": 7.85,
        "trackingNumber": f"9400111899{shipment_id:012d}",
        "isReturnLabel": False,
        "carrierCode": "stamps_com",
        "serviceCode": "usps_priority_mail",
        "voided": False,
        "shipmentItems": [{"lineItemKey": "70", "sku": "IP12-A", "quantity": 1}],
        **changes,
    }


def page(name, rows, *, number=1, pages=1, total=None):
    return {name: rows, "total": len(rows) if total is None else total, "page": number, "pages": pages}


def result(one, **changes):
    """What createorders says of one order."""
    good = {"orderId": 900 + one.order_id, "orderNumber": one.number, "orderKey": one.reference}
    return {**good, "success": True, "errorMessage": None, **changes}


def results(*rows):
    return {"hasErrors": not all(row["success"] for row in rows), "results": list(rows)}
