"""Back Market's orders over a real socket, each call checked against the document."""

from contextlib import suppress
from datetime import timedelta

import pytest
import requests

from tests.sandbox.conftest import START
from wholecell.sandbox import RefusedError

A, B = "IP13-128-BLU-A", "IP13-128-BLU-B"
SHIP = {"new_state": 3, "tracking_number": "1Z999AA10123456784", "shipper": "UPS"}


@pytest.fixture
def order(shop):
    return shop.sell("backmarket", sku=A)


@pytest.fixture
def pair(shop):
    """An order of two lines."""
    ids = [shop.account("backmarket").find(sku=sku).id for sku in (A, B)]
    return shop.sell_lines("backmarket", [(ids[0], 2), (ids[1], 1)])


def move(api, order, new_state, sku=None, **fields):
    body = {"order_id": order.id, "new_state": new_state} | ({"sku": sku} if sku else {}) | fields
    return api.post(f"/ws/orders/{order.id}", body)


def ship(api, order, **fields):
    return api.post(f"/ws/orders/{order.id}", SHIP | {"order_id": order.id} | fields)


def line_states(answer):
    return [line["state"] for line in answer.json()["orderlines"]]


def test_a_sale_is_an_order_in_state_1_with_its_line(api, order, listing):
    (row,) = api.get("/ws/orders").json()["results"]
    (line,) = row["orderlines"]
    assert (row["order_id"], row["state"], row["price"], row["currency"]) == (order.id, 1, "289.00", "USD")
    assert (line["state"], line["listing"], line["listing_id"], line["quantity"]) == (1, A, listing.number, 1)
    assert listing.quantity == 4
    assert row["date_payment"] == "2026-03-01T09:00:00Z" and row["expected_dispatch_date"] == "2026-03-03T09:00:00"
    assert not {"tracking_number", "date_shipping", "shipper_display"} & set(row)


def test_accepting_every_line_makes_the_order_ready_to_ship(api, pair):
    first = move(api, pair, 2, A.lower())
    assert (first.json()["state"], line_states(first)) == (1, [2, 1])
    second = move(api, pair, 2, B)
    assert (second.json()["state"], line_states(second)) == (3, [2, 2])
    shipped = ship(api, pair, tracking_url="https://www.ups.com/track?tracknum=1Z999AA10123456784")
    assert (shipped.json()["state"], line_states(shipped)) == (9, [3, 3])
    assert (shipped.json()["tracking_number"], shipped.json()["shipper_display"]) == ("1Z999AA10123456784", "UPS")
    assert "expected_dispatch_date" not in shipped.json()


def test_shipping_before_accepting_is_refused(api, pair):
    assert ship(api, pair).status_code == 400
    move(api, pair, 2, A)
    assert ship(api, pair).status_code == 400
    assert api.get(f"/ws/orders/{pair.id}").json()["state"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"tracking_number": ""},
        {"tracking_number": None},
        {"shipper": "Ups"},
        {"shipper": None},
        {"date_shipping": "now"},
    ],
)
def test_shipping_needs_tracking_and_a_documented_shipper(api, order, fields):
    move(api, order, 2, A)
    assert ship(api, order, **fields).status_code == 400
    assert api.get(f"/ws/orders/{order.id}").json()["state"] == 3


def test_a_cancelled_line_does_not_hold_the_rest(api, pair):
    move(api, pair, 2, A)
    answer = move(api, pair, 4, B)
    assert (answer.json()["state"], line_states(answer)) == (3, [2, 4])
    assert line_states(ship(api, pair)) == [3, 4]


def test_an_order_of_cancelled_lines_only_is_processed(api, order):
    answer = move(api, order, 4, A)
    assert (answer.json()["state"], line_states(answer)) == (9, [4])


def test_refunds_before_and_after_shipping(api, pair):
    for sku in (A, B):
        move(api, pair, 2, sku)
    assert line_states(move(api, pair, 5, A, return_reason=0)) == [5, 2]
    ship(api, pair)
    after = move(api, pair, 6, B, return_reason=22, return_message="Sorry.")
    assert (after.json()["state"], line_states(after)) == (9, [5, 6])
    refunded = after.json()["orderlines"][1]
    assert (refunded["return_reason"], refunded["return_message"]) == (22, "Sorry.")


@pytest.mark.parametrize("new_state", [0, 1, 7, 8, 9, "2", None, True])
def test_other_states_cannot_be_asked_for(api, order, new_state):
    assert move(api, order, new_state, A).status_code == 400


@pytest.mark.parametrize("new_state", [5, 6])
def test_a_line_moves_only_as_the_table_allows(api, order, new_state):
    assert move(api, order, new_state, A).status_code == 400
    assert line_states(api.get(f"/ws/orders/{order.id}")) == [1]


def test_accepting_twice_is_refused(api, order):
    assert [move(api, order, 2, A).status_code for _ in range(2)] == [200, 400]


def test_unknown_order_sku_and_mismatched_id(api, order):
    assert api.get("/ws/orders/5").status_code == 404
    assert move(api, order, 2, "NOBODY").status_code == 404
    assert api.post(f"/ws/orders/{order.id}", {"order_id": 5, "new_state": 2, "sku": A}).status_code == 400


def test_the_imei_goes_with_the_shipment_of_one_unit(api, order, pair):
    move(api, order, 2, A)
    for sku in (A, B):
        move(api, pair, 2, sku)
    assert ship(api, pair, imei="352099001761481").status_code == 400  # two lines
    assert ship(api, order, imei="352099001761482").status_code == 400  # the check digit
    assert ship(api, order, imei="352099001761481").json()["orderlines"][0]["imei"] == "352099001761481"


def test_identifiers_of_a_line_are_registered_once(api, pair):
    two, one = (f"/ws/orderlines/{line.id}" for line in pair.lines)
    sent = {"imei": "352099001761481", "serial_number": "F2LX"}
    answer = api("PATCH", one, json=sent)
    assert (answer.status_code, answer.json()) == (200, sent)
    assert api("PATCH", one, json=sent).status_code == 422
    assert api("PATCH", two, json=sent).status_code == 422  # two units
    assert api("PATCH", two, json={}).status_code == 400
    assert api("PATCH", "/ws/orderlines/5", json=sent).status_code == 404


@pytest.mark.parametrize("sent", [{"imei": "123"}, {"imei": "352099001761480"}, {"serial_number": "x" * 51}])
def test_a_wrong_identifier_is_422(api, order, sent):
    assert api("PATCH", f"/ws/orderlines/{order.lines[0].id}", json=sent).status_code == 422


def test_unpaid_orders_wait_and_are_paid_later(api, shop):
    new, pending = (shop.sell("backmarket", sku=A, state=state) for state in (0, 10))
    (listed,) = api.get("/ws/orders").json()["results"]  # state 0 is never listed
    assert (listed["order_id"], listed["state"], listed["orderlines"][0]["state"]) == (pending.id, 10, 8)
    assert "date_payment" not in listed
    shop.pay("backmarket", pending.id)
    api.control("order", channel="backmarket", order=new.id, pay=True)
    assert [row["state"] for row in api.get("/ws/orders").json()["results"]] == [1, 1]
    with pytest.raises(RefusedError, match="does not wait"):
        shop.pay("backmarket", new.id)


def test_filters_of_the_order_list(api, shop, order):
    move(api, order, 2, A)
    shop.clock.advance(60)
    later = shop.sell("backmarket", sku=B)

    def ids(**filters):
        return [row["order_id"] for row in api.get("/ws/orders", **filters).json()["results"]]

    assert ids() == [later.id, order.id]
    assert ids(state=3) == [order.id] and ids(country_code="fr-fr") == []
    assert ids(date_creation="2026-03-01T09:00:01Z") == [later.id]
    assert ids(date_modification="2026-03-01T10:01:00+01:00") == [later.id]
    shop.cancel_line("backmarket", order.id)
    assert ids(date_modification="2026-03-01T09:01:00Z") == [later.id, order.id]


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("rfc3339", "2026-03-01T09:00:00Z", "2026-03-01 09:00:00"),
        ("plain", "2026-03-01 09:00:00", "2026-03-01T09:00:00Z"),
        ("any", "2026-03-01 09:00:00", "01/03/2026"),
        ("any", "2026-03-01T09:00:00.5Z", "2026-13-01T09:00:00Z"),
    ],
)
def test_a_refused_form_of_date_is_422(api, form, good, bad):
    api.control("settings", channel="backmarket", dates=form)
    assert api.get("/ws/orders", date_modification=good).status_code == 200
    answer = api.get("/ws/orders", date_modification=bad)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "Ws.OrderList.WrongDateFormat")
    # The document knows RFC 3339 only; sellers report the form with a blank to work as well.
    assert all("is not a 'date-time'" in complaint for complaint in api.complaints)
    api.complaints.clear()


def test_a_hidden_order_shows_later_though_the_stock_is_gone(api, shop, listing):
    hidden = shop.sell("backmarket", sku=A, hidden_seconds=60)
    assert (listing.quantity, api.get("/ws/orders").json()["count"]) == (4, 0)
    assert api.get(f"/ws/orders/{hidden.id}").status_code == 404
    shop.clock.advance(60)
    (row,) = api.get("/ws/orders").json()["results"]
    assert row["date_creation"] == START.isoformat().replace("+00:00", "Z")


def test_the_fault_hides_the_order_of_a_sale(api, shop, listing):
    shop.faults.add("hidden_order", seconds=30, sku=A)
    hidden = shop.sell("backmarket", sku=A)
    assert hidden.visible_from == START + timedelta(seconds=30)
    assert shop.visible_orders("backmarket") == [] and listing.quantity == 4


def test_the_fault_cancels_one_line(api, shop, pair):
    move(api, pair, 2, A)
    shop.faults.add("cancels_line")
    assert line_states(api.get(f"/ws/orders/{pair.id}")) == [2, 4]
    assert line_states(api.get(f"/ws/orders/{pair.id}")) == [2, 4]


def test_an_accepted_line_cancelled_by_the_customer_is_refunded(api, shop, pair):
    for sku in (A, B):
        move(api, pair, 2, sku)
    shop.cancel_line("backmarket", pair.id, pair.lines[0].id)
    assert line_states(api.get(f"/ws/orders/{pair.id}")) == [5, 2]


def test_a_payment_that_fails_hides_the_order_for_good(api, shop):
    order = shop.sell("backmarket", sku=A, state=10)
    answer = api.control("order", channel="backmarket", order=order.id, payment_fails=True)
    assert (answer.json()["state"], [line["state"] for line in answer.json()["lines"]]) == (8, [7])
    assert api.get("/ws/orders").json()["count"] == 0
    assert api.get(f"/ws/orders/{order.id}").json()["state"] == 8
    assert api.control("order", channel="backmarket", order=order.id, pay=True).status_code == 409


def test_a_line_that_a_partner_checks_waits_and_goes_on(api, shop, order):
    line = order.lines[0].id
    api.control("order", channel="backmarket", order=order.id, hold_line=line)
    assert line_states(api.get(f"/ws/orders/{order.id}")) == [9]
    assert move(api, order, 2, A).status_code == 400
    api.control("order", channel="backmarket", order=order.id, release_line=line)
    assert line_states(move(api, order, 2, A)) == [2]
    assert api.control("order", channel="backmarket", order=order.id, hold_line=5).status_code == 409


def test_a_customer_corrects_the_address_until_it_left(api, shop, order):
    shop.clock.advance(60)
    new = {"street": "1 New Road", "city": "Dover"}
    answer = api.control("order", channel="backmarket", order=order.id, address=new)
    assert answer.json()["address"]["street"] == "1 New Road"
    shown = api.get(f"/ws/orders/{order.id}").json()
    assert (shown["shipping_address"]["city"], shown["date_modification"]) == ("Dover", "2026-03-01T09:01:00Z")
    assert shop.sell("backmarket", sku=A).address["city"] != "Dover"
    assert api.control("order", channel="backmarket", order=order.id, address={"planet": "Mars"}).status_code == 409
    move(api, order, 2, A)
    ship(api, order)
    assert api.control("order", channel="backmarket", order=order.id, address=new).status_code == 409


def test_the_state_page_shows_the_parcel_and_its_phone(api, shop, order):
    move(api, order, 2, A)
    ship(api, order, imei="352099001761481")
    (row,) = shop.state()["orders"]
    assert (row["tracking_number"], row["shipper"]) == ("1Z999AA10123456784", "UPS")
    assert row["lines"][0]["imei"] == "352099001761481"


@pytest.mark.parametrize(("kind", "applied"), [("cut_after", True), ("cut_before", False), ("broken_json", True)])
def test_a_shipment_can_be_lost_on_its_way(api, shop, order, kind, applied):
    move(api, order, 2, A)
    shop.faults.add(kind, method="POST", path="/ws/orders/")
    with suppress(requests.ConnectionError):
        ship(api, order)
    assert line_states(api.get(f"/ws/orders/{order.id}")) == [3 if applied else 2]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_shipment_can_be_answered_with_trouble(api, shop, order, status):
    move(api, order, 2, A)
    shop.faults.add("status", method="POST", path="/ws/orders/", status=status)
    assert ship(api, order).status_code == status
    assert line_states(api.get(f"/ws/orders/{order.id}")) == [2]
