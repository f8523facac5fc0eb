"""What customers and Walmart do to orders, each call checked against the documents."""

import pytest

from tests.sandbox.walmart_api import WFS, A, ids, listed, statuses
from wholecell.sandbox import RefusedError


def test_a_new_order_may_be_hidden_while_its_units_are_gone(walmart, shop):
    order = shop.sell("walmart", sku=A, hidden_seconds=600)
    assert walmart.quantities(A) == (5, 4, 1)
    assert walmart.get("/v3/orders").status_code == walmart.get(f"/v3/orders/{order.id}").status_code == 404
    shop.clock.advance(600)
    assert ids(walmart.get("/v3/orders")) == [order.id]


def test_the_customer_cancels_a_line_and_pays_nothing_for_it(walmart, shop):
    order = shop.sell("walmart", sku=A, quantity=2)
    shop.clock.advance(60)
    shop.cancel_line("walmart", order.id)
    answer = walmart.get("/v3/orders", lastModifiedStartDate="2026-03-01T09:01:00Z")
    (line,) = listed(answer)[0]["orderLines"]["orderLine"]
    (status,) = line["orderLineStatuses"]["orderLineStatus"]
    assert (status["status"], status["cancellationReason"]) == ("Cancelled", "CUSTOMER_CANCELLED")
    assert {charge["chargeAmount"]["amount"] for charge in line["charges"]["charge"]} == {0}
    with pytest.raises(RefusedError):
        shop.cancel_line("walmart", order.id)


def test_walmart_cancels_some_units(walmart, shop):
    order = shop.sell("walmart", sku=A, quantity=3)
    body = {"event": "cancel", "options": {"line": order.lines[0].id, "units": 1}}
    state = walmart.control("order", channel="walmart", order=order.id, **body).json()
    assert [portion["status"] for portion in state["lines"][0]["units"]] == ["Created", "Cancelled"]
    assert statuses(walmart.get(f"/v3/orders/{order.id}")) == [{"Created": 2, "Cancelled": 1}]
    assert walmart.quantities(A) == (5, 3, 2)


def test_the_customer_may_want_to_cancel_and_change_their_mind(walmart, shop):
    order = shop.sell("walmart", sku=A)

    def wish():
        (line,) = walmart.get(f"/v3/orders/{order.id}").json()["order"]["orderLines"]["orderLine"]
        return line.get("intentToCancel")

    shop.happen("walmart", order.id, "intend_to_cancel")
    assert wish() == "true" and statuses(walmart.get(f"/v3/orders/{order.id}")) == [{"Created": 1}]
    shop.happen("walmart", order.id, "intend_to_cancel", wanted=False)
    assert wish() is None


def test_the_customers_email_may_be_known_later(walmart, shop):
    order = shop.sell("walmart", sku=A, email="nocxemail@walmartone.com")
    assert listed(walmart.get("/v3/orders"))[0]["customerEmailId"] == "nocxemail@walmartone.com"
    shop.happen("walmart", order.id, "tell_email", email="x1@relay.walmart.example")
    assert listed(walmart.get("/v3/orders"))[0]["customerEmailId"] == "x1@relay.walmart.example"


def test_an_address_changes_until_the_order_leaves(walmart, shop):
    order = shop.sell("walmart", sku=A)
    shop.change_address("walmart", order.id, address1="2 New Street", city="Austin", phone="5555550100")
    info = walmart.get(f"/v3/orders/{order.id}").json()["order"]["shippingInfo"]
    assert (info["postalAddress"]["address1"], info["postalAddress"]["city"]) == ("2 New Street", "Austin")
    assert info["phone"] == "5555550100" and "phone" not in info["postalAddress"]
    with pytest.raises(RefusedError, match="street"):
        shop.change_address("walmart", order.id, street="x")
    walmart.acknowledge(order)
    walmart.ship(order)
    with pytest.raises(RefusedError, match="left"):
        shop.change_address("walmart", order.id, city="Boston")


def test_what_walmart_fulfils_ships_is_delivered_and_refunded(walmart, shop):
    order = shop.sell("walmart", sku=WFS, quantity=2)
    for event, options in (("ship", {}), ("deliver", {}), ("refund", {"units": 1})):
        shop.happen("walmart", order.id, event, **options)
    assert statuses(walmart.get(f"/v3/orders/{order.id}")) == [{"Delivered": 1, "Refund": 1}]
    with pytest.raises(RefusedError):
        shop.happen("walmart", order.id, "ship")
    with pytest.raises(RefusedError, match="no event nonsense"):
        shop.happen("walmart", order.id, "nonsense")


@pytest.mark.parametrize("what", [{"pay": True}, {"payment_fails": True}, {"hold_line": 1}, {"event": "deliver"}])
def test_what_cannot_befall_an_order_is_refused_in_words(walmart, shop, what):
    order = shop.sell("walmart", sku=A)
    body = what if "hold_line" not in what else {"hold_line": order.lines[0].id}
    answer = walmart.control("order", channel="walmart", order=order.id, **body)
    assert answer.status_code == 409 and answer.json()["error"]


def test_walmart_cancels_what_is_not_shipped_in_time_when_told_to(walmart, shop):
    order = shop.sell("walmart", sku=A)
    walmart.acknowledge(order)
    shop.clock.advance(7 * 86_400)
    walmart.token = None
    assert statuses(walmart.get(f"/v3/orders/{order.id}")) == [{"Acknowledged": 1}]
    walmart.set(auto_cancel_days=4)
    assert statuses(walmart.get(f"/v3/orders/{order.id}")) == [{"Cancelled": 1}]
    assert walmart.quantities(A) == (5, 5, 0)


def test_a_line_may_be_cancelled_while_it_is_read(walmart, shop):
    order = shop.sell("walmart", sku=A)
    shop.faults.add("cancels_line", path="/v3/orders")
    assert statuses(walmart.get(f"/v3/orders/{order.id}")) == [{"Cancelled": 1}]


def test_a_sale_with_an_option_there_is_not_is_refused(walmart):
    assert walmart.control("sell", channel="walmart", sku=A, color="red").status_code == 400
    assert walmart.quantities(A) == (5, 5, 0)
