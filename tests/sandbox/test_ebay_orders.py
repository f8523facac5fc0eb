"""Fulfillment API: reading orders, and telling of shipments."""

import pytest

from tests.sandbox.ebay_api import GREEN, NO_SKU, OWN, VARIED, A, path_of, refusal
from wholecell.sandbox import RefusedError

HOUR = 3_600
MODIFIED = "lastmodifieddate:[{}..{}]"


def at(hours):
    return f"2026-03-01T{9 + hours:02}:00:00.000Z"


def sell(api, sku=A, quantity=1, **options):
    return api.shop.sell("ebay", sku=sku, quantity=quantity, **options)


def numbers(answer):
    return [order["orderId"] for order in answer.json()["orders"]]


def test_an_order_as_the_seller_reads_it(ebay):
    order = ebay.shop.sell_lines(
        "ebay", [(ebay.account.by_sku(A).id, 2), (ebay.account.by_sku(GREEN).id, 1)], note="Ring twice", buyer=3
    )
    shape = ebay.order(order)
    assert shape == ebay.orders().json()["orders"][0]
    assert (shape["orderId"], shape["creationDate"]) == ("14-13750-10001", at(0))
    assert shape["buyerCheckoutNotes"] == "Ring twice" and shape["orderPaymentStatus"] == "PAID"
    first, second = shape["lineItems"]
    assert (first["quantity"], first["lineItemCost"]["value"]) == (2, "578.00")  # of the whole line
    assert "legacyVariationId" not in first and first["sku"] == A
    assert second["legacyItemId"] == VARIED and second["variationAspects"] == [{"name": "Color", "value": "Green"}]
    ship_to = shape["fulfillmentStartInstructions"][0]["shippingStep"]["shipTo"]
    assert ship_to["fullName"] == "Joel D'Amico" and ship_to["email"].endswith("@members.ebay.example")
    assert shape["pricingSummary"]["total"]["value"] == "867.00"


def test_a_line_of_a_listing_without_sku_names_the_listing_alone(ebay):
    ebay.shop.account("ebay").add({"sku": NO_SKU, "title": "Odd", "price": "9.00", "currency": "USD", "quantity": 1})
    listing = [row for row in ebay.account.listings.values() if row.title == "Odd"][0]
    line = ebay.order(ebay.shop.sell("ebay", listing=listing.id))["lineItems"][0]
    assert "sku" not in line and line["legacyItemId"] == listing.id


def test_orders_by_when_they_changed(ebay):
    old = sell(ebay)
    ebay.shop.clock.advance(HOUR)
    new = sell(ebay)
    ebay.shop.clock.advance(HOUR)

    def found(first, last=""):
        return numbers(ebay.orders(filter=MODIFIED.format(first, last)))

    ebay.use()
    assert found(at(0)) == [new.number, old.number] and found(at(0), at(0)) == [old.number]
    assert found("2026-03-01T09:00:00.001Z") == [new.number]
    ebay.control("order", channel="ebay", order=old.number, address={"city": "Ely"})
    assert found(at(2)) == [old.number]
    both = f"creationdate:[{at(1)}..],{MODIFIED.format(at(0), '')}"
    assert numbers(ebay.orders(filter=both)) == [new.number]  # only the former counts
    assert numbers(ebay.orders(filter="orderfulfillmentstatus:{FULFILLED|IN_PROGRESS}")) == []


@pytest.mark.parametrize(
    ("params", "number"),
    [
        ({"filter": MODIFIED.format("2026-03-01T09:00:01.000Z", "")}, 30850),
        ({"filter": MODIFIED.format(at(0), "2026-03-01T09:00:01.000Z")}, 30850),
        ({"filter": MODIFIED.format("2026-02-03T00:00:00.000Z", "2026-02-02T00:00:00.000Z")}, 30840),
        ({"filter": MODIFIED.format("", at(0))}, 30820),
        ({"filter": MODIFIED.format("2026-02-03", "")}, 30810),
        ({"filter": "creationdate:[2024-01-01T00:00:00.000Z..]"}, 30830),
        ({"filter": "color:[red..]"}, 30700),
        ({"filter": "lastmodifieddate:2026"}, 30800),
        ({"filter": "orderfulfillmentstatus:{NOT_STARTED}"}, 30800),
        ({"limit": 201}, 31100),
        ({"limit": 0}, 31100),
        ({"offset": -1}, 31000),
        ({"fieldGroups": "ALL"}, 32800),
        ({"orderIds": ",".join(f"14-13750-{n:05}" for n in range(51))}, 30900),
        ({"orderIds": "none"}, 32100),
    ],
)
def test_what_is_wrong_with_a_query(ebay, params, number):
    answer = ebay.orders(**params)
    assert (answer.status_code, refusal(answer)) == (400, number)


def test_offset_counts_records_and_next_leads_through(ebay):
    ebay.revise(("176500000001", None, 9))
    made = [sell(ebay).number for _ in range(5)][::-1]
    page = ebay.orders(limit=2, offset=0, filter=MODIFIED.format(at(0), ""))
    assert page.json()["total"] == 5 and "prev" not in page.json()
    seen = numbers(page)
    while "next" in page.json():
        page = ebay("GET", path_of(page.json()["next"]))
        seen += numbers(page)
    assert seen == made and numbers(ebay.orders(limit=2, offset=1)) == made[1:3]
    ebay.shop.faults.add("shifting_page", path="/order$")
    assert numbers(ebay.orders(limit=2, offset=2)) == made[1:3]
    ebay.orders(limit=2)
    ebay.shop.faults.add("repeated_page", path="/order$")
    assert numbers(ebay.orders(limit=2, offset=2)) == made[:2]


def test_orders_by_number_ignore_the_rest(ebay):
    old, new = sell(ebay), sell(ebay)
    asked = f"{old.number},14-13750-99999,{new.number}"
    assert numbers(ebay.orders(orderIds=asked, limit=999, filter="nonsense")) == [old.number, new.number]
    answer = ebay.get("/sell/fulfillment/v1/order/14-13750-99999")
    assert (answer.status_code, refusal(answer)) == (404, 32100)


def test_a_list_without_filter_goes_back_90_days_and_people_fade(ebay):
    order = sell(ebay)

    def ship_to():
        ebay.use()
        return ebay.order(order)["fulfillmentStartInstructions"][0]["shippingStep"]["shipTo"]

    ebay.shop.clock.advance(15 * 86_400)
    assert "email" not in ship_to() and ship_to()["fullName"]
    ebay.shop.clock.advance(76 * 86_400)
    shown = ship_to()
    assert set(shown) == {"contactAddress"} and "addressLine1" not in shown["contactAddress"]
    assert numbers(ebay.orders()) == []
    assert numbers(ebay.orders(filter="creationdate:[2026-01-01T00:00:00.000Z..]")) == [order.number]


def test_requests_to_cancel_are_shown_for_one_order_alone(ebay):
    order = sell(ebay)
    happen(ebay, order, "ask_cancel")
    (listed,) = ebay.orders().json()["orders"]
    assert listed["cancelStatus"] == {"cancelState": "IN_PROGRESS", "cancelRequests": []}
    (request,) = ebay.order(order)["cancelStatus"]["cancelRequests"]
    assert (request["cancelInitiator"], request["cancelRequestState"]) == ("BUYER", "REQUESTED")
    happen(ebay, order, "reject_cancel")
    status = ebay.order(order)["cancelStatus"]
    assert (status["cancelState"], status["cancelRequests"][0]["cancelRequestState"]) == ("NONE_REQUESTED", "REJECTED")
    happen(ebay, order, "cancel")
    shape = ebay.order(order)
    assert (shape["cancelStatus"]["cancelState"], shape["orderPaymentStatus"]) == ("CANCELED", "FULLY_REFUNDED")
    assert happen(ebay, order, "cancel").status_code == 409


def happen(api, order, event, **options):
    return api.control("order", channel="ebay", order=order.number, event=event, options=options)


def test_a_cancelled_line_is_paid_back_and_the_last_cancels_the_order(ebay):
    order = ebay.shop.sell_lines("ebay", [(ebay.account.by_sku(sku).id, 1) for sku in (A, GREEN)])
    ebay.control("order", channel="ebay", order=order.number, cancel_line=order.lines[0].id)
    shape = ebay.order(order)
    assert (shape["cancelStatus"]["cancelState"], shape["orderPaymentStatus"]) == (
        "NONE_REQUESTED",
        "PARTIALLY_REFUNDED",
    )
    assert [len(line["refunds"]) for line in shape["lineItems"]] == [1, 0]
    ebay.shop.faults.add("cancels_line")
    assert ebay.order(order)["cancelStatus"]["cancelState"] == "CANCELED"


def test_payment_comes_later_or_never_and_goes_back_in_parts(ebay):
    late, never = sell(ebay, paid=False), sell(ebay, paid=False)
    assert {each["orderPaymentStatus"] for each in ebay.orders().json()["orders"]} == {"PENDING"}
    ebay.shop.pay("ebay", late.id)
    ebay.shop.pay("ebay", never.id, fails=True)
    assert (ebay.order(late)["orderPaymentStatus"], ebay.order(never)["orderPaymentStatus"]) == ("PAID", "FAILED")
    happen(ebay, late, "refund", amount="20.00")
    assert ebay.order(late)["paymentSummary"]["refunds"][0]["amount"]["value"] == "20.00"
    happen(ebay, late, "refund", amount="269.00")
    assert ebay.order(late)["orderPaymentStatus"] == "FULLY_REFUNDED"
    with pytest.raises(RefusedError, match="not so much"):
        ebay.shop.happen("ebay", late.id, "refund", amount="1.00")


def test_orders_for_abroad_go_to_the_hub(ebay):
    for hub in ("GSP", "EIS"):
        shape = ebay.order(sell(ebay, hub=hub))
        (plan,) = shape["fulfillmentStartInstructions"]
        assert plan["ebaySupportedFulfillment"] and plan["finalDestinationAddress"]["countryCode"] == "FR"
        step = plan["shippingStep"]
        assert step["shipTo"]["contactAddress"]["city"] == "Erlanger" and step["shipToReferenceId"]
        assert ("program" in shape) == (hub == "EIS")


def test_what_ebay_keeps_it_ships_itself(ebay):
    order = sell(ebay, by_ebay=True)
    shape = ebay.order(order)
    assert "shipTo" not in shape["fulfillmentStartInstructions"][0]["shippingStep"]
    assert shape["program"]["fulfillmentProgram"] == {"fulfilledBy": "EBAY"}
    assert refusal(ebay.ship(order, (order.lines[0].id, 1))) == 32600


def test_a_hidden_order_is_not_there_yet(ebay):
    ebay.shop.faults.add("hidden_order", seconds=60)
    order = sell(ebay)
    assert numbers(ebay.orders()) == [] and ebay.account.by_sku(A).quantity == 4
    ebay.shop.clock.advance(60)
    assert numbers(ebay.orders()) == [order.number]


def test_a_package_ships_units_and_the_order_is_fulfilled_by_one_of_each_line(ebay):
    order = ebay.shop.sell_lines("ebay", [(ebay.account.by_sku(sku).id, 2) for sku in (A, OWN)])
    first, second = (line.id for line in order.lines)
    ebay.shop.clock.advance(60)
    told = {"trackingNumber": "9400111899560012345678", "shippingCarrierCode": "USPS"}
    answer = ebay.ship(order, (first, 1), shippedDate=at(0), **told)
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["Location"].rpartition("/")[2] == told["trackingNumber"]
    shape = ebay.order(order)
    assert (shape["orderFulfillmentStatus"], shape["lastModifiedDate"]) == ("IN_PROGRESS", "2026-03-01T09:01:00.000Z")
    answer = ebay.ship(order, (second, 1))
    assert answer.headers["Location"].rpartition("/")[2] == "1000"  # any number, without a tracking number
    assert ebay.order(order)["orderFulfillmentStatus"] == "FULFILLED"  # with one unit of each still here
    shipped = ebay("GET", path_of(answer.headers["Location"]).rpartition("/")[0]).json()
    assert (shipped["total"], shipped["fulfillments"][0]["lineItems"]) == (
        2,
        [{"lineItemId": str(first), "quantity": 1}],
    )
    one = ebay("GET", path_of(ebay.order(order)["fulfillmentHrefs"][0])).json()
    assert one["shipmentTrackingNumber"] == told["trackingNumber"]
    again = ebay.ship(order, (first, 1), **told)
    assert (again.status_code, refusal(again)) == (400, 34500)
    assert refusal(ebay.ship(order, (first, 2), trackingNumber="X1", shippingCarrierCode="UPS")) == 34500


@pytest.mark.parametrize(
    ("fields", "number"),
    [
        ({"trackingNumber": "9400 1118", "shippingCarrierCode": "USPS"}, 32300),
        ({"trackingNumber": "94-00", "shippingCarrierCode": "USPS"}, 32300),
        ({"trackingNumber": "9400"}, 32300),
        ({"shippingCarrierCode": "USPS"}, 32300),
        ({"shippedDate": "2026-02-27T09:00:00.000Z"}, 32500),
        ({"shippedDate": at(1)}, 32500),
        ({"shippedDate": "yesterday"}, 32500),
        ({"lineItems": []}, 32600),
        ({"lineItems": [{"lineItemId": "1", "quantity": 1}]}, 32200),
    ],
)
def test_what_is_wrong_with_a_shipment(ebay, fields, number):
    order = sell(ebay)
    answer = ebay.ship(order, (order.lines[0].id, 1), **fields)
    assert (answer.status_code, refusal(answer), order.fulfilments) == (400, number, [])


def test_a_shipment_of_too_many_or_of_nothing_to_ship(ebay):
    order = sell(ebay)
    line = order.lines[0].id
    assert refusal(ebay.ship(order, (line, 2))) == 32600 and refusal(ebay.ship(order, (line, 1), (line, 1))) == 32210
    assert refusal(ebay.post("/sell/fulfillment/v1/order/14-1/shipping_fulfillment", {})) == 32100
    happen(ebay, order, "cancel")
    assert refusal(ebay.ship(order, (line, 1))) == 32600
    abroad = ebay.shop.sell_lines("ebay", [(ebay.account.by_sku(sku).id, 1) for sku in (A, GREEN)], hub="GSP")
    assert refusal(ebay.ship(abroad, *((line.id, 1) for line in abroad.lines))) == 34300


def test_a_shipment_may_be_taken_without_an_answer(ebay):
    order = sell(ebay)
    ebay.shop.faults.add("cut_after", method="POST", path="shipping_fulfillment")
    with pytest.raises(OSError):  # requests' ConnectionError is one
        ebay.ship(order, (order.lines[0].id, 1), trackingNumber="1Z9", shippingCarrierCode="UPS")
    shipped = ebay.get(f"/sell/fulfillment/v1/order/{order.number}/shipping_fulfillment").json()
    assert [each["fulfillmentId"] for each in shipped["fulfillments"]] == ["1Z9"]


def test_taxes_are_broken_down_on_request(ebay):
    sell(ebay)
    plain, full = ebay.orders().json(), ebay.orders(fieldGroups="TAX_BREAKDOWN").json()
    assert "ebayCollectAndRemitTaxes" not in plain["orders"][0]["lineItems"][0]
    assert full["orders"][0]["lineItems"][0]["ebayCollectAndRemitTaxes"][0]["amount"]["value"] == "20.23"
