"""V1 of the pretend ShipStation: labels, marks, voids, webhooks, and what the other stores sold."""

import json

import pytest

from tests.oas import needs_spec, specs_folder
from tests.sandbox.shipstation_api import A
from wholecell.sandbox import RefusedError, Shop
from wholecell.sandbox.shipstation import times
from wholecell.sandbox.shipstation.account import SHOPIFY, WOO


@pytest.fixture
def order(ship):
    return ship.create().json


def test_labels_are_listed(ship, order):
    ship.do("label", order="BM-1", items=[{"sku": A}], tracking="1", carrier="ups", service="ups_ground")
    ship.shop.clock.advance(86_400.5)
    ship.do("label", order="BM-1", tracking="2")
    rows = ship.get("/shipments", includeShipmentItems="true", sortBy="CreateDate").json["shipments"]
    assert [(row["trackingNumber"], row["createDate"]) for row in rows] == [
        ("1", "2026-03-01T01:00:00"),
        ("2", "2026-03-02T01:00:00.5"),
    ]
    assert (rows[0]["orderKey"], rows[0]["shipmentItems"][0]["lineItemKey"]) == ("wc-1", "11")
    assert ship.get("/shipments").json["shipments"][0]["shipmentItems"] is None
    asked = [
        {"createDateStart": "2026-03-02 00:00:00"},
        {"shipDateStart": "2026-03-02"},
        {"carrierCode": "stamps_com"},
        {"sortDir": "DESC", "pageSize": 1},
        {"trackingNumber": "2", "orderNumber": "BM-1", "orderId": order["orderId"], "recipientName": "ada"},
    ]
    for params in asked:
        assert [row["trackingNumber"] for row in ship.get("/shipments", **params).json["shipments"]] == ["2"]
    assert ship.get("/shipments", storeId=WOO).json["total"] == 0
    assert ship.get("/shipments", includeShipmentItems="maybe").status_code == 400


def test_a_void_opens_the_order_again(ship, order):
    ship.do("label", order="BM-1", tracking="1")
    ship.shop.clock.advance(60)
    assert ship.do("void", shipment="1")["voided"] == "2026-03-01T09:01:00+00:00"
    assert ship.do("void", shipment="1").status_code == 409
    (row,) = ship.get("/shipments", voidDateStart="2026-03-01 01:01:00").json["shipments"]
    assert (row["voided"], row["voidDate"]) == (True, "2026-03-01T01:01:00")
    assert ship.get("/shipments", voidDateStart="2026-03-01 01:01:01").json["total"] == 0
    assert ship.get(f"/orders/{order['orderId']}").json["orderStatus"] == "awaiting_shipment"
    ship.do("label", order="BM-1", tracking="2")
    ship.do("label", order="BM-1", tracking="R", is_return=True)
    assert [row["isReturnLabel"] for row in ship.get("/shipments").json["shipments"]] == [False, False, True]


def test_marked_as_shipped_is_a_fulfillment(ship, order):
    body = {"orderId": order["orderId"], "carrierCode": "usps", "trackingNumber": "9", "shipDate": "2026-02-27"}
    assert ship.post("/orders/markasshipped", body).json == {"orderId": order["orderId"], "orderNumber": "BM-1"}
    assert ship.get("/shipments").json["total"] == 0
    (row,) = ship.get("/fulfillments", createDateStart="2026-03-01 00:00:00").json["fulfillments"]
    assert (row["trackingNumber"], row["shipDate"]) == ("9", "2026-02-27T00:00:00")
    assert ship.post("/orders/markasshipped", body).status_code == 400, "it has left"
    assert ship.post("/orders/markasshipped", {"orderId": 5, "carrierCode": "x"}).status_code == 404
    wrong = {"carrierCode": 5, "shipDate": "soon", "notifyCustomer": "yes", "trackingNumber": 1}
    refused = ship.post("/orders/markasshipped", wrong)
    assert refused.json["ModelState"].keys() == {"orderId", *wrong}


def test_marked_as_shipped_can_tell_a_custom_store(pulled, store):
    order = pulled.get("/orders").json["orders"][0]["orderId"]
    body = {"orderId": order, "carrierCode": "ups", "notifySalesChannel": True}
    assert pulled.post("/orders/markasshipped", body).status_code == 200
    pulled.do("tick")
    assert store.queries[0]["action"] == "shipnotify"


def test_webhooks_say_where_to_look(ship, store, order):
    body = {"target_url": store.url, "event": "SHIP_NOTIFY", "friendly_name": "Ours"}
    made = ship.post("/webhooks/subscribe", body).json["id"]
    (row,) = ship.get("/webhooks").json["webhooks"]
    assert (row["WebHookID"], row["HookType"], row["Url"]) == (made, "SHIP_NOTIFY", store.url)
    ship.post("/webhooks/subscribe", body | {"store_id": str(WOO)})
    told = ship.do("label", order="BM-1", tracking="1")
    (sent,) = store.asked
    assert json.loads(sent.get_data()) == told["webhooks"][0]["sent"]
    batch = f"/shipments?batchId={told['batch']}&includeShipmentItems=False"
    assert sent.json == {"resource_url": f"http://localhost/shipstation{batch}", "resource_type": "SHIP_NOTIFY"}
    assert ship.get(batch).json["shipments"][0]["trackingNumber"] == "1"
    assert ship("DELETE", f"/webhooks/{made}", content_type="application/json").data == b""
    assert ship("DELETE", f"/webhooks/{made}", content_type="application/json").status_code == 404
    wrong = {"target_url": "ftp://x", "event": "SHIPPED", "store_id": "5"}
    refused = ship.post("/webhooks/subscribe", wrong)
    assert refused.status_code == 400 and refused.json["ModelState"].keys() == wrong.keys()


def test_a_new_order_is_told_at_the_next_tick(ship, store):
    ship.set(resource_base="https://ssapi6.shipstation.com")
    ship.post("/webhooks/subscribe", {"target_url": store.url, "event": "ORDER_NOTIFY"})
    made = ship.create().json["orderId"]
    assert store.asked == []
    assert len(ship.do("tick")["webhooks"]) == 1
    path = f"/orders?importBatch={made}"
    assert store.asked[0].json["resource_url"] == f"https://ssapi6.shipstation.com{path}"
    assert ship.get(path).json["total"] == 1


def test_the_other_stores_sell(ship):
    order = ship.shop.sell("shipstation", sku=A, quantity=2, store=WOO, state="awaiting_payment", number="900")
    assert ship.account.find(sku=A).quantity == 3
    shown = ship.get(f"/orders/{order.id}").json
    assert (shown["orderStatus"], shown["orderTotal"], shown["items"][0]["sku"]) == ("awaiting_payment", 578.0, A)
    assert ship.do("label", order="900").status_code == 409
    control = {"channel": "shipstation", "order": order.id}
    ship.client.post("/_sandbox/order", json=control | {"pay": True, "address": {"city": "Oslo"}})
    ship.client.post("/_sandbox/order", json=control | {"event": "hold"})
    assert ship.get(f"/orders/{order.id}").json["orderStatus"] == "on_hold"
    ship.shop.happen("shipstation", order.id, "cancel")
    assert ship.get(f"/orders/{order.id}").json["shipTo"]["city"] == "Oslo"
    for refused in (lambda: ship.shop.happen("shipstation", order.id, "release"), lambda: order.move_to(city="x")):
        with pytest.raises(RefusedError):
            refused()
    assert ship.shop.state()["orders"][0]["status"] == "cancelled"
    with pytest.raises(RefusedError):
        ship.shop.sell("shipstation", sku=A, store=5)


def test_a_void_does_not_open_a_cancelled_order(ship, order):
    ship.do("label", order="BM-1", items=[{"sku": A}], tracking="1")
    ship.shop.happen("shipstation", order["orderId"], "cancel")
    ship.do("void", shipment="1")
    assert ship.get(f"/orders/{order['orderId']}").json["orderStatus"] == "cancelled"


def test_a_sale_may_be_hidden_for_a_while(ship):
    order = ship.shop.sell("shipstation", sku=A, hidden_seconds=60)
    assert ship.get("/orders").json["total"] == 0 and ship.get(f"/orders/{order.id}").status_code == 404
    ship.shop.clock.advance(60)
    assert ship.numbers() == [order.number]


def test_a_demo_has_orders_in_two_other_stores():
    shop = Shop()
    rows = [{"sku": sku, "title": sku, "price": "9.50", "currency": "USD", "quantity": 0} for sku in "ABCD"]
    shop.seed("shipstation", shop.account("shipstation").arranged(rows))
    for _ in range(2):
        orders = shop.account("shipstation").orders.values()
        assert sorted(order.store_id for order in orders) == [SHOPIFY, SHOPIFY, SHOPIFY, WOO, WOO]
        assert len({order.number for order in orders}) == 5
        shop.reset()


def test_clocks_of_the_pacific_coast():
    summer = times.utc(times.read("2026-07-01T12:00:00.1234567"))
    assert (summer.hour, times.long(summer), times.short(summer)) == (
        19,
        "2026-07-01T12:00:00.1234560",
        "2026-07-01T12:00:00.123456",
    )
    assert times.read("2026-07-01T12:00:00Z").hour == 5


@needs_spec("shipstation/examples")
def test_shipments_have_the_fields_of_the_sample(ship, order):
    ship.do("label", order="BM-1")
    path = specs_folder() / "shipstation" / "examples" / "listshipments_with_items.json"
    wanted = json.loads(path.read_text(encoding="utf-8"))["response"]["body"]["shipments"][0]
    (row,) = ship.get("/shipments", includeShipmentItems="true").json["shipments"]
    assert wanted.keys() == row.keys() and wanted["shipmentItems"][0].keys() == row["shipmentItems"][0].keys()
