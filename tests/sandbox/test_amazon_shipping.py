"""Telling Amazon of parcels."""

from contextlib import suppress

import pytest
import requests

from tests.sandbox.amazon_api import MARKETPLACE, refused


@pytest.fixture
def pair(amazon_shop):
    """An order of two lines, one of two units."""
    return amazon_shop.sell_lines("amazon", [("IP13-A", 2), ("IP13-B", 1)])


def items(order, *units):
    return [{"orderItemId": str(line.id), "quantity": n} for line, n in zip(order.lines, units, strict=True) if n]


def shown(amazon, order):
    body = amazon.order(order).json()["order"]
    fulfilled = [line["fulfillment"]["quantityFulfilled"] for line in body["orderItems"]]
    return body["fulfillment"]["fulfillmentStatus"], fulfilled, body["packages"]


def test_a_parcel_is_confirmed_with_204_and_shows(amazon, amazon_shop, pair):
    amazon_shop.clock.advance(60)
    answer = amazon.confirm(pair, shippingMethod="Ground")
    assert (answer.status_code, answer.content) == (204, b"")
    status, fulfilled, (package,) = shown(amazon, pair)
    assert (status, fulfilled) == ("SHIPPED", [2, 1])
    assert package == {
        "packageReferenceId": "1",
        "createdTime": "2026-03-01T09:01:00Z",
        "packageStatus": {"status": "SHIPPED"},
        "carrier": "UPS",
        "shippingService": "Ground",
        "shipTime": "2026-03-01T12:00:00Z",
        "trackingNumber": "1Z999AA10123456784",
        "packageItems": items(pair, 2, 1),
    }
    assert amazon.order(pair).json()["order"]["lastUpdatedTime"] == "2026-03-01T09:01:00Z"


def test_an_order_of_several_parcels(amazon, pair):
    amazon.confirm(pair, items=items(pair, 1, 0))
    assert shown(amazon, pair)[:2] == ("PARTIALLY_SHIPPED", [1, 0])
    amazon.confirm(pair, items=items(pair, 1, 1), packageReferenceId="2", trackingNumber="1Z2")
    status, fulfilled, packages = shown(amazon, pair)
    assert (status, fulfilled, len(packages)) == ("SHIPPED", [2, 1], 2)


def test_the_same_reference_edits_the_parcel(amazon, pair):
    for tracking in ("1Z1", "1Z2", "1Z2"):
        assert amazon.confirm(pair, trackingNumber=tracking).status_code == 204
    status, fulfilled, (package,) = shown(amazon, pair)
    assert (status, fulfilled, package["trackingNumber"]) == ("SHIPPED", [2, 1], "1Z2")
    amazon.confirm(pair, items=items(pair, 1, 1))
    assert shown(amazon, pair)[:2] == ("PARTIALLY_SHIPPED", [1, 1])


def test_a_new_reference_for_a_shipped_order_is_refused(amazon, pair):
    amazon.confirm(pair)
    answer = amazon.confirm(pair, packageReferenceId="2")
    assert refused(answer) and "PackageToUpdateNotFound" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"packageReferenceId": 1},
        {"packageReferenceId": "0"},
        {"packageReferenceId": "-1"},
        {"packageReferenceId": "P1"},
        {"packageReferenceId": ""},
        {"packageReferenceId": None},
        {"carrierCode": ""},
        {"carrierCode": None},
        {"carrierCode": "Other"},
        {"carrierName": 5},
        {"trackingNumber": " "},
        {"shipDate": "2026-03-01"},
        {"shipDate": None},
        {"orderItems": []},
        {"orderItems": None},
        {"orderItems": [{"orderItemId": "5", "quantity": 1}]},
        {"orderItems": ["5"]},
    ],
)
def test_what_the_document_forbids_is_refused(amazon, pair, fields):
    answer = amazon.confirm(pair, **fields)
    assert refused(answer) and answer.json()["errors"][0]["message"]
    assert shown(amazon, pair) == ("UNSHIPPED", [0, 0], [])


@pytest.mark.parametrize("quantity", [0, -1, 3, "2", 1.0, True])
def test_units_are_whole_and_no_more_than_ordered(amazon, pair, quantity):
    wrong = [{"orderItemId": str(pair.lines[0].id), "quantity": quantity}]
    assert refused(amazon.confirm(pair, items=wrong))
    halves = [{"orderItemId": str(pair.lines[1].id), "quantity": 1}] * 2
    assert refused(amazon.confirm(pair, items=halves))


@pytest.mark.parametrize("body", [{}, {"marketplaceId": MARKETPLACE}, {"marketplaceId": "X", "packageDetail": {}}, []])
def test_a_body_of_another_shape_is_refused(amazon, pair, body):
    path = f"/orders/v0/orders/{pair.number}/shipmentConfirmation"
    assert refused(amazon("POST", path, json=body))
    assert refused(amazon("POST", path, data="x=1", headers={"Content-Type": "application/x-www-form-urlencoded"}))


def test_another_carrier_goes_by_its_name(amazon, pair):
    assert amazon.confirm(pair, carrierCode="Other", carrierName="Speedy Bikes").status_code == 204
    assert shown(amazon, pair)[2][0]["carrier"] == "Speedy Bikes"


def test_a_carrier_amazon_does_not_know_is_dropped_without_a_word(amazon, pair):
    assert amazon.confirm(pair, carrierCode="ups").status_code == 204
    assert shown(amazon, pair) == ("UNSHIPPED", [0, 0], [])


def test_only_an_open_order_of_the_sellers_own_is_shipped(amazon, amazon_shop):
    pending = amazon_shop.sell("amazon", sku="IP13-A", state="PENDING")
    cancelled = amazon_shop.sell("amazon", sku="IP13-A")
    amazon_shop.cancel_line("amazon", cancelled.id)
    for order in (pending, cancelled, amazon_shop.sell("amazon", sku="FBA-1")):
        assert refused(amazon.confirm(order))
    hidden = amazon_shop.sell("amazon", sku="IP13-A", hidden_seconds=60)
    assert refused(amazon.confirm(hidden), 404, "NotFound")


def test_a_cancelled_line_does_not_hold_the_rest(amazon, amazon_shop, pair):
    amazon_shop.cancel_line("amazon", pair.id, pair.lines[1].id)
    assert refused(amazon.confirm(pair))  # one of its lines has nothing left to ship
    assert amazon.confirm(pair, items=items(pair, 2, 0)).status_code == 204
    assert shown(amazon, pair)[:2] == ("SHIPPED", [2, 0])
    assert amazon.control("order", order=pair.number, cancel_line=None).status_code == 409


@pytest.mark.parametrize(("kind", "applied"), [("cut_after", True), ("cut_before", False)])
def test_an_answer_can_be_lost(amazon, amazon_shop, pair, kind, applied):
    amazon_shop.faults.add(kind, path="shipmentConfirmation")
    with suppress(requests.ConnectionError):
        amazon.confirm(pair)
    assert bool(shown(amazon, pair)[2]) == applied
    assert amazon.confirm(pair).status_code == 204  # the same reference makes a second try harmless
    assert len(shown(amazon, pair)[2]) == 1


def test_the_state_page_shows_the_parcels(amazon, amazon_sandbox, pair):
    amazon.confirm(pair)
    (order,) = requests.get(f"{amazon_sandbox.url}/_sandbox/state", timeout=5).json()["orders"]
    assert (order["number"], order["state"]) == (pair.number, "SHIPPED")
    assert order["packages"][0]["tracking"] == "1Z999AA10123456784"
    assert [line["state"] for line in order["lines"]] == ["FULFILLED", "FULFILLED"]
