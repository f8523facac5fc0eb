"""Orders and shipments of ShipStation in our words: the documented examples, and odd rows."""

from datetime import UTC, datetime

import pytest

from tests.channels.shipstation.payloads import EXAMPLES, example, label, order
from wholecell.channels.contract import CameLine, RemoteAddress
from wholecell.channels.shipstation import order_reading, shipment_reading
from wholecell.channels.shipstation.values import UnreadableError

needs_examples = pytest.mark.skipif(not EXAMPLES.exists(), reason="shipstation/examples is not in WHOLECELL_SPECS")


@needs_examples
@pytest.mark.parametrize("name", ["getorder", "createorder_full", "createorder_without_orderkey"])
def test_the_documented_order(name):
    found = order_reading.order(example(name)["response"]["body"])
    assert found.external_id in {"94113592", "140335319"}
    assert (found.number, found.status, found.is_final) == ("TEST-ORDER-API-DOCS", "awaiting_shipment", False)
    assert found.placed_at == datetime(2015, 6, 29, 15, 46, 27, tzinfo=UTC)
    assert found.ship_by == datetime(2015, 7, 5, 7, tzinfo=UTC)
    assert (found.total_cents, found.shipping_cents, found.currency) == (19443, 1000, "")
    assert (found.buyer, found.email) == ("headhoncho@whitehouse.gov",) * 2
    assert found.service == "Priority Mail"
    street = ("The President", "US Govt", "1600 Pennsylvania Ave", "Oval Office")
    assert found.ship_to == RemoteAddress(*street, "Washington", "DC", "20500", "US", "555-555-5555")
    (line,) = found.lines  # the discount is an adjustment, and nothing to ship
    assert (line.sku, line.ordered, line.cancelled, line.shipped, line.price_cents) == ("ABC123", 2, 0, 0, 9999)


@needs_examples
def test_the_documented_shipments():
    rows = example("listshipments_with_items")["response"]["body"]["shipments"]
    first, second = (shipment_reading.shipment(row) for row in rows)
    assert (first.reference, first.number) == ("8061c220f0794a9b92460b8bae6837e4", "100038-1")
    assert (second.reference, second.number, second.order_external_id) == ("", "100028", "43337328")
    assert (first.carrier, first.service, first.cost_cents) == ("USPS", "First Class Mail", 193)
    assert first.tracking_number == "9400111899561704681189"
    assert first.shipped_at == datetime(2014, 10, 3, 13, 51, 33, 627000, tzinfo=UTC)
    assert list(first.lines) == [CameLine("", "SQ3785739", 1)]
    assert not first.is_voided


@pytest.mark.parametrize(
    ("word", "is_final", "cancelled", "shipped"), [("shipped", False, 0, 2), ("cancelled", True, 2, 0)]
)
def test_an_order_that_is_over(word, is_final, cancelled, shipped):
    items = [{"orderItemId": 1, "sku": "A", "name": "Phone", "quantity": 2, "unitPrice": None}]
    found = order_reading.order(order(5, orderStatus=word, items=items))
    assert found.is_final == is_final
    assert [(line.cancelled, line.shipped, line.price_cents) for line in found.lines] == [(cancelled, shipped, None)]


def test_odd_orders():
    bare = order_reading.order({"orderId": 5, "orderStatus": "new_word"})
    assert (bare.number, bare.status, bare.lines, bare.placed_at, bare.ship_to.name) == ("5", "new_word", [], None, "")
    odd = order(5, items=[None, {"quantity": "many"}], shipTo=[], orderTotal="lots", modifyDate="2026-11-01T01:10:00")
    found = order_reading.order(odd)
    assert ([line.ordered for line in found.lines], found.total_cents, found.changed_at) == ([1], None, None)
    assert order_reading.order(order(5, externallyFulfilled=True)).is_fulfilled_by_channel
    for row in (None, [], {}, {"orderId": "x", "orderStatus": "shipped"}, order(5, orderStatus=None)):
        with pytest.raises(UnreadableError):
            order_reading.order(row)


def test_odd_shipments():
    assert shipment_reading.shipment(label(1, isReturnLabel=True)) is None
    found = shipment_reading.shipment(label(1, carrierCode="ups_walleted", serviceCode="ups_ground", shipDate=None))
    assert (found.carrier, found.service) == ("ups_walleted", "Ground")  # whose name the engine finds in the code
    assert shipment_reading.shipment(label(1, shipDate="2026-07-05")).shipped_at == datetime(2026, 7, 5, 7, tzinfo=UTC)
    assert shipment_reading.shipment(label(1, voided=True)).is_voided
    bare = shipment_reading.shipment({"shipmentId": 5})
    assert (bare.reference, bare.number, bare.tracking_number, bare.shipped_at, bare.lines) == ("", "", "", None, [])
    marked = shipment_reading.fulfillment(
        {"fulfillmentId": 8, "orderId": 900, "orderNumber": "114-7", "carrierCode": "other", "trackingNumber": None}
    )
    assert (marked.order_external_id, marked.carrier, marked.tracking_number) == ("900", "", "")
    for row in (None, [], {}, {"shipmentId": True}):
        with pytest.raises(UnreadableError):
            shipment_reading.shipment(row)
        with pytest.raises(UnreadableError):
            shipment_reading.fulfillment(row)
