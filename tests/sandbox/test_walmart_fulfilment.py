"""Acknowledging, shipping and cancelling on Walmart, each call checked against the documents."""

import pytest
import requests

from tests.sandbox.walmart_api import WFS, A, B, cancel_row, refusal, ship_row, statuses, tracking

REFUSED = "INVALID_REQUEST_CONTENT.GMP_ORDER_API"


@pytest.fixture
def order(walmart, shop):
    return shop.sell("walmart", sku=A, quantity=3)


@pytest.fixture
def pair(walmart, shop):
    """An acknowledged order of two lines."""
    ids = [shop.account("walmart").find(sku=sku).id for sku in (A, B)]
    made = shop.sell_lines("walmart", [(ids[0], 2), (ids[1], 1)])
    walmart.acknowledge(made)
    return made


def now(api, order):
    return statuses(api.get(f"/v3/orders/{order.id}"))


def refused(answer):
    return answer.status_code == 400 and refusal(answer) == REFUSED


def test_acknowledging_takes_all_lines_and_may_be_repeated(walmart, order, shop):
    shop.clock.advance(60)
    assert statuses(walmart.acknowledge(order)) == [{"Acknowledged": 3}]
    changed = order.changed
    shop.clock.advance(60)
    assert statuses(walmart.acknowledge(order)) == [{"Acknowledged": 3}]
    assert order.changed == changed
    walmart.ship(order)
    assert refused(walmart.acknowledge(order)) and now(walmart, order) == [{"Shipped": 3}]


def test_a_cancelled_line_does_not_keep_the_other_from_being_acknowledged(walmart, shop):
    ids = [shop.account("walmart").find(sku=sku).id for sku in (A, B)]
    order = shop.sell_lines("walmart", [(each, 1) for each in ids])
    shop.cancel_line("walmart", order.id)
    assert statuses(walmart.acknowledge(order)) == [{"Acknowledged": 1}, {"Cancelled": 1}]


def test_nothing_ships_before_it_is_acknowledged(walmart, order):
    assert refused(walmart.ship(order)) and now(walmart, order) == [{"Created": 3}]


def test_a_shipment_is_shown_with_its_tracking(walmart, order):
    walmart.acknowledge(order)
    told = tracking(trackingURL="https://www.ups.com/track?tracknum=1Z999AA10123456784")
    answer = walmart.ship(order, ship_row(order.lines[0], told=told))
    assert statuses(answer) == [{"Shipped": 3}]
    (line,) = walmart.get(f"/v3/orders/{order.id}").json()["order"]["orderLines"]["orderLine"]
    (status,) = line["orderLineStatuses"]["orderLineStatus"]
    assert status["trackingInfo"] == told and line["sellerOrderId"] == "SO-1042"


def test_units_of_one_line_may_leave_in_several_shipments(walmart, order):
    walmart.acknowledge(order)
    (line,) = order.lines
    assert statuses(walmart.ship(order, ship_row(line, 1))) == [{"Acknowledged": 2, "Shipped": 1}]
    row = ship_row(line, 1, told=tracking(trackingNumber="first"))
    second = ship_row(line, 1, told=tracking(trackingNumber="second"))["orderLineStatuses"]["orderLineStatus"]
    row["orderLineStatuses"]["orderLineStatus"] += second
    answer = walmart.ship(order, row)
    shown = answer.json()["order"]["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"]
    assert [(each["status"], each["statusQuantity"]["amount"]) for each in shown] == [("Shipped", "1")] * 3
    assert len({each["trackingInfo"]["trackingNumber"] for each in shown}) == 3


def test_shipping_again_or_too_many_is_refused_and_nothing_applied(walmart, pair):
    first, second = pair.lines
    assert refused(walmart.ship(pair, ship_row(second), ship_row(first, 3)))
    assert now(walmart, pair) == [{"Acknowledged": 2}, {"Acknowledged": 1}]
    assert refused(walmart.ship(pair, ship_row(first, 1), ship_row(first, 2)))  # together too many
    assert walmart.ship(pair).status_code == 200
    again = walmart.ship(pair)
    assert refused(again) and "SHIPPED" in again.text


def test_a_cancelled_unit_cannot_be_shipped(walmart, shop, pair):
    shop.cancel_line("walmart", pair.id, pair.lines[0].id)
    assert refused(walmart.ship(pair, ship_row(pair.lines[0])))
    assert walmart.ship(pair, ship_row(pair.lines[1])).status_code == 200


@pytest.mark.parametrize(
    "told",
    [
        {"carrierName": {"carrier": "Ups"}},
        {"carrierName": {"carrier": "Veho"}},
        {"carrierName": {"otherCarrier": "Veho"}},  # without trackingURL
        {"carrierName": {}},
        {"carrierName": None},
        {"methodCode": "Ground"},
        {"methodCode": None},
        {"trackingNumber": ""},
        {"trackingNumber": None},
        {"shipDateTime": "2026-03-01T09:00:00Z"},
        {"shipDateTime": 1772400000},
        {"shipDateTime": None},
    ],
)
def test_tracking_is_checked(walmart, order, told):
    walmart.acknowledge(order)
    assert refused(walmart.ship(order, ship_row(order.lines[0], told=tracking(**told))))
    assert now(walmart, order) == [{"Acknowledged": 3}]


@pytest.mark.parametrize("carrier", ["USPS", "FedEx", "DHL Ecommerce - US", "OnTrac", "PTS"])
def test_documented_carriers_are_taken(walmart, order, carrier):
    walmart.acknowledge(order)
    row = ship_row(order.lines[0], told=tracking(carrierName={"carrier": carrier}))
    assert walmart.ship(order, row).status_code == 200


def test_another_carrier_needs_a_link(walmart, order):
    walmart.acknowledge(order)
    told = tracking(carrierName={"otherCarrier": "Veho"}, trackingURL="https://track.veho.example/1")
    assert statuses(walmart.ship(order, ship_row(order.lines[0], told=told))) == [{"Shipped": 3}]


@pytest.mark.parametrize(
    "fields",
    [
        {"sellerOrderId": None},
        {"sellerOrderId": ""},
        {"sellerOrderId": "x" * 31},
        {"lineNumber": "99"},
        {"lineNumber": 1},
        {"intentToCancelOverride": "true"},
        {"orderLineStatuses": {"orderLineStatus": []}},
    ],
)
def test_a_row_is_checked(walmart, order, fields):
    walmart.acknowledge(order)
    assert refused(walmart.ship(order, ship_row(order.lines[0], **fields)))
    assert now(walmart, order) == [{"Acknowledged": 3}]


def test_an_address_for_returns_is_whole(walmart, order):
    walmart.acknowledge(order)
    row = ship_row(order.lines[0])
    (status,) = row["orderLineStatuses"]["orderLineStatus"]
    status["returnCenterAddress"] = {"address1": "1 Dock Street", "city": "Reno", "state": "NV", "country": "USA"}
    assert refused(walmart.ship(order, row))
    status["returnCenterAddress"]["postalCode"] = "89501"
    assert walmart.ship(order, row).status_code == 200


@pytest.mark.parametrize("amount", [1, "0", "-1", "1.0", "", "9" * 5000])
def test_amounts_are_text(walmart, order, amount):
    walmart.acknowledge(order)
    row = ship_row(order.lines[0])
    row["orderLineStatuses"]["orderLineStatus"][0]["statusQuantity"]["amount"] = amount
    assert refused(walmart.ship(order, row))


@pytest.mark.parametrize("status", ["Delivered", "shipped", None])
def test_the_status_is_shipped(walmart, order, status):
    walmart.acknowledge(order)
    row = ship_row(order.lines[0])
    row["orderLineStatuses"]["orderLineStatus"][0]["status"] = status
    assert refused(walmart.ship(order, row))


@pytest.mark.parametrize("call", ["shipping", "cancel"])
def test_a_body_that_makes_no_sense_is_refused(walmart, order, call):
    for options in ({"data": b"no"}, {"json": []}, {"json": {}}, {"json": {"orderShipment": {"orderLines": []}}}):
        assert refused(walmart("POST", f"/v3/orders/{order.id}/{call}", **options))


def test_a_wish_to_cancel_must_be_overridden_or_obeyed(walmart, shop, order):
    walmart.acknowledge(order)
    (line,) = order.lines
    assert refused(walmart.cancel(order, cancel_row(line, 1, "CUSTOMER_REQUESTED_SELLER_TO_CANCEL")))
    shop.happen("walmart", order.id, "intend_to_cancel")
    assert refused(walmart.ship(order)) and refused(walmart.ship(order, ship_row(line, intentToCancelOverride=False)))
    assert walmart.ship(order, ship_row(line, 1, intentToCancelOverride=True)).status_code == 200
    answer = walmart.cancel(order, cancel_row(line, 2, "CUSTOMER_REQUESTED_SELLER_TO_CANCEL"))
    assert statuses(answer) == [{"Shipped": 1, "Cancelled": 2}]


def test_orders_of_more_than_thirty_days_cannot_be_shipped(walmart, shop, order):
    walmart.acknowledge(order)
    shop.clock.advance(30 * 86_400 + 1)
    walmart.token = None
    assert refused(walmart.ship(order))


def test_what_walmart_fulfils_is_not_the_sellers_to_change(walmart, shop):
    order = shop.sell("walmart", sku=WFS)
    line = order.lines[0]
    for answer in (walmart.acknowledge(order), walmart.ship(order), walmart.cancel(order, cancel_row(line))):
        assert refused(answer)
    assert now(walmart, order) == [{"Created": 1}]


def test_a_hidden_order_is_404(walmart, shop):
    order = shop.sell("walmart", sku=A, hidden_seconds=60)
    assert walmart.acknowledge(order).status_code == walmart.ship(order).status_code == 404


# Correcting tracking


def correction(order, old, new, *, told=None):
    row = ship_row(order.lines[0], told=told or tracking(trackingNumber=new))
    row["orderLineStatuses"]["orderLineStatus"][0]["currentTrackingInfo"] = {"trackingNumber": old}
    return row


def number_of(answer):
    (line,) = answer.json()["order"]["orderLines"]["orderLine"]
    return line["orderLineStatuses"]["orderLineStatus"][0]["trackingInfo"]["trackingNumber"]


def test_a_tracking_number_may_be_corrected_for_four_hours(walmart, shop, order):
    walmart.acknowledge(order)
    walmart.ship(order)
    old, mode = "1Z999AA10123456784", {"processMode": "PARTIAL_UPDATE"}
    assert refused(walmart.ship(order, correction(order, "unknown", "new"), **mode))
    assert refused(walmart.ship(order, correction(order, old, "new"), processMode="FULL"))
    assert number_of(walmart.ship(order, correction(order, old, "new"), **mode)) == "new"
    shop.clock.advance(4 * 3600 + 1)
    walmart.token = None
    assert refused(walmart.ship(order, correction(order, "new", "newer"), **mode))
    assert number_of(walmart.get(f"/v3/orders/{order.id}")) == "new"


# Cancelling


def test_a_seller_cancels_units_that_have_not_left(walmart, order):
    (line,) = order.lines
    answer = walmart.cancel(order, cancel_row(line, 1))
    assert statuses(answer) == [{"Created": 2, "Cancelled": 1}]
    walmart.acknowledge(order)
    walmart.ship(order, ship_row(line, 1))
    assert statuses(walmart.cancel(order, cancel_row(line, 1))) == [{"Shipped": 1, "Cancelled": 2}]
    assert refused(walmart.cancel(order, cancel_row(line, 1)))
    assert walmart.quantities(A) == (5, 5, 0)


@pytest.mark.parametrize("reason", ["BROKEN", None, "SELLER_CANCEL"])
def test_a_cancellation_needs_a_documented_reason(walmart, order, reason):
    assert refused(walmart.cancel(order, cancel_row(order.lines[0], reason=reason)))
    assert now(walmart, order) == [{"Created": 3}]


def test_too_many_units_cancel_nothing(walmart, pair):
    first, second = pair.lines
    assert refused(walmart.cancel(pair, cancel_row(second), cancel_row(first, 3)))
    assert now(walmart, pair) == [{"Acknowledged": 2}, {"Acknowledged": 1}]
    assert refused(walmart.cancel(pair))


# Misbehavior


def test_a_shipment_whose_answer_was_lost_is_refused_the_second_time(walmart, shop, order):
    walmart.acknowledge(order)
    shop.faults.add("cut_after", path="/shipping")
    with pytest.raises(requests.ConnectionError):
        walmart.ship(order)
    assert now(walmart, order) == [{"Shipped": 3}] and refused(walmart.ship(order))


def test_a_line_may_be_cancelled_just_before_it_ships(walmart, shop, pair):
    shop.faults.add("cancels_line", path="/shipping")
    assert refused(walmart.ship(pair))
    assert now(walmart, pair) == [{"Acknowledged": 2}, {"Cancelled": 1}]
