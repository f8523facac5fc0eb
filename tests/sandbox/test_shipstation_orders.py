"""V1 of the pretend ShipStation: who may call, and taking in, finding and closing orders."""

import json

import pytest

from tests.oas import needs_spec, specs_folder
from tests.sandbox.shipstation_api import A, make_order
from wholecell.sandbox.shipstation.account import CLOSED, MANUAL, SHOPIFY, WOO


def test_keys_are_asked_for(ship):
    ship.keys = ("sandbox-shipstation-key", "wrong")
    refused = ship.get("/stores")
    assert (refused.status_code, refused.data, refused.mimetype) == (401, b"", "text/html")
    ship.set(json_401=1)
    assert ship.get("/stores").json["Message"]
    ship.keys = None
    assert ship.get("/stores").status_code == 401


def test_forty_calls_a_minute(ship):
    first = ship.get("/stores")
    names = ("Limit", "Remaining", "Reset")
    assert [first.headers[f"X-Rate-Limit-{name}"] for name in names] == ["40", "39", "60"]
    ship.shop.clock.advance(37.5)
    ship.account.limits["requests"].most = 2
    last = ship.get("/stores")
    assert (last.status_code, last.headers["X-Rate-Limit-Remaining"]) == (200, "0")
    refused = ship.get("/stores")
    assert (refused.status_code, refused.json) == (429, {"message": "Too Many Requests"})
    assert refused.headers["X-Rate-Limit-Reset"] == "23"
    ship.set(throttled_status=200)
    assert ship.get("/orders").json == {"message": "Too Many Requests"}
    ship.forgive()
    ship.shop.clock.advance(22.5)
    assert ship.get("/stores").headers["X-Rate-Limit-Remaining"] == "1"
    ship.account.limits["requests"].most = None
    assert "X-Rate-Limit-Limit" not in ship.get("/stores").headers


def test_stores_and_carriers(ship):
    assert [row["storeId"] for row in ship.get("/stores", showInactive="false").json] == [MANUAL, SHOPIFY, WOO]
    assert ship.get("/stores", showInactive="true").json[-1]["storeId"] == CLOSED
    assert ship.get(f"/stores/{WOO}").json["marketplaceName"] == "WooCommerce"
    assert ship.get("/stores/5").status_code == 404
    assert {"stamps_com", "ups"} <= {row["code"] for row in ship.get("/carriers").json}
    assert "Shopify" in [row["name"] for row in ship.get("/stores/marketplaces").json]


def test_an_order_is_taken_and_shown(ship):
    made = ship.create().json
    assert (made["orderStatus"], made["orderTotal"], made["advancedOptions"]["storeId"]) == (
        "awaiting_shipment",
        777.5,
        MANUAL,
    )
    assert (made["orderDate"], made["createDate"]) == ("2026-03-01T01:00:00.0000000", "2026-03-01T01:00:00.0000000")
    assert ship.get(f"/orders/{made['orderId']}").json == made
    assert ship.get("/orders").json == {"orders": [made], "total": 1, "page": 1, "pages": 1}


def test_the_same_key_is_the_same_order(ship):
    first = ship.create().json
    ship.shop.clock.advance(0.25)
    fields = {"orderStatus": "on_hold", "advancedOptions": {"storeId": WOO}, "orderNumber": "BM-1b"}
    again = ship.create(**fields, items=make_order()["items"][:1]).json
    assert (again["orderId"], again["orderStatus"], again["orderNumber"]) == (first["orderId"], "on_hold", "BM-1b")
    assert again["modifyDate"].endswith("00.2500000") and again["createDate"] == first["createDate"]
    assert again["advancedOptions"]["storeId"] == MANUAL, "a store is for good"
    assert again["advancedOptions"]["source"] is None, "what is left out is gone"
    assert [item["orderItemId"] for item in again["items"]] == [first["items"][0]["orderItemId"]]
    other = ship.create(orderKey="wc-2", advancedOptions={"storeId": WOO}).json
    assert other["orderId"] != first["orderId"] and other["advancedOptions"]["storeId"] == WOO
    keys = {ship.create(orderKey=None).json["orderKey"] for _ in range(2)}
    assert len(keys) == 2, "without a key each is a new order"


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"shipTo": {"name": " "}}, "shipTo.name"),
        ({"billTo": {}}, "billTo.name"),
        ({"shipTo": {"name": "A", "country": "USA"}}, "shipTo.country"),
        ({"orderNumber": ""}, "orderNumber"),
        ({"orderDate": "yesterday"}, "orderDate"),
        ({"orderStatus": "paid"}, "orderStatus"),
        ({"amountPaid": "12.00"}, "amountPaid"),
        ({"gift": "true"}, "gift"),
        ({"items": [{"name": "x", "quantity": "1"}]}, "items[0].quantity"),
        ({"items": [{"quantity": 1}]}, "items[0].name"),
        ({"items": [7]}, "items[0]"),
        ({"advancedOptions": {"storeId": 5}}, "advancedOptions.storeId"),
        ({"advancedOptions": {"customField1": 5}}, "advancedOptions.customField1"),
        ({"orderDate": "9999-12-31"}, "orderDate"),
        ({"taxAmount": 1e300}, "taxAmount"),
    ],
)
def test_what_is_wrong_is_said_by_field(ship, fields, place):
    refused = ship.create(**fields)
    assert refused.status_code == 400 and list(refused.json["ModelState"]) == [f"apiOrder.{place}"]
    assert ship.get("/orders").json["total"] == 0


def test_an_object_is_no_array(ship):
    assert ship.post("/orders/createorder", [make_order()]).json["ModelState"].keys() == {"apiOrder"}
    assert ship.post("/orders/createorders", make_order()).status_code == 400
    assert ship.post("/orders/createorders", [make_order()] * 101).status_code == 400
    for text in ("{", "NaN", "[" * 100_000):
        assert ship("POST", "/orders/createorder", data=text, content_type="application/json").status_code == 400
    words = ship.create(shipTo={"name": ""}).json["ModelState"]["apiOrder.shipTo.name"]
    assert words == ["Ship Name must not be empty"]


def test_many_orders_answer_one_by_one(ship):
    sent = [make_order(), make_order(orderKey="wc-2", billTo={"name": ""}), make_order(orderKey="wc-3")]
    answer = ship.post("/orders/createorders", sent).json
    assert answer["hasErrors"] is True
    assert [row["success"] for row in answer["results"]] == [True, False, True]
    assert answer["results"][1]["errorMessage"] == "Bill Name must not be empty"
    assert ship.post("/orders/createorders", sent[:1]).json["hasErrors"] is False
    assert ship.get("/orders").json["total"] == 2


def test_a_closed_order_is_locked(ship):
    ship.create()
    ship.create(orderStatus="cancelled")
    refused = ship.create()
    assert refused.status_code == 400 and "shipped or cancelled" in refused.json["ModelState"]["apiOrder"][0]
    assert ship.post("/orders/createorders", [make_order()]).json["results"][0]["success"] is False
    ship.set(locked="ignored")
    assert ship.create().json["orderStatus"] == "cancelled"


def test_orders_are_found(ship):
    for number in ("12", "123", "2"):
        ship.create(orderNumber=number, orderKey=number, orderDate=f"2026-02-0{len(number)}T00:00:00Z")
        ship.shop.clock.advance(60)
    order = ship.shop.sell("shipstation", sku=A, state="on_hold")
    assert ship.numbers(orderNumber="12") == ["123", "12"][::-1]
    assert ship.numbers(storeId=SHOPIFY) == ship.numbers(orderStatus="on_hold") == [order.number]
    assert ship.numbers(sortBy="CreateDate", sortDir="DESC") == [order.number, "2", "123", "12"]
    assert ship.numbers(modifyDateStart="2026-03-01 01:01:00", modifyDateEnd="2026-03-01T01:02:00") == ["2", "123"]
    assert ship.numbers(createDateStart="2026-03-01 09:00:00") == [], "times are Pacific"
    assert ship.numbers(orderDateStart="2026-01-31", orderDateEnd="2026-01-31 23:00") == ["2"]
    assert ship.numbers(customerName="ada", itemKeyword="galaxy", pageSize=2, page=2) == ["123"]
    page = ship.get("/orders", pageSize=3, page=2).json
    assert (len(page["orders"]), page["total"], page["page"], page["pages"]) == (1, 4, 2, 2)
    ship.set(pages_zero=1)
    assert ship.get("/orders", pageSize=3).json["pages"] == 0
    wrong = {"page": "0", "pageSize": "x", "createDateStart": "soon", "storeId": "-1", "sortDir": "up"}
    assert [ship.get("/orders", **{name: text}).status_code for name, text in wrong.items()] == [400] * 5


def test_rows_that_break_their_page(ship):
    for number in ("1", "2", "3"):
        ship.create(orderNumber=number, orderKey=number)
    ship.set(poison="2,9")
    refused = ship.get("/orders")
    assert refused.status_code == 500 and refused.json["ExceptionMessage"]
    assert [ship.get("/orders", pageSize=1, page=at).status_code for at in (1, 2, 3)] == [200, 500, 200]
    ship.set(poison="", most_rows=2)
    assert [ship.get("/orders", pageSize=size).status_code for size in (2, 3)] == [200, 500]


def test_the_faults_of_the_wire(ship):
    for kind in ("edge_html", "broken_json"):
        ship.shop.faults.add(kind, path="/orders")
        assert ship.get("/orders").headers["X-Sandbox-Fault"] == kind
    for status, key in ((500, "ExceptionMessage"), (429, "message"), (400, "Message")):
        ship.shop.faults.add("status", status=status)
        assert key in ship.get("/orders").json
    ship.shop.faults.add("status", status=401)
    assert ship.get("/orders").data == b""
    assert ship.get("/nowhere").status_code == 404
    ship.forgive()


def test_a_deleted_order_is_gone(ship):
    made = ship.create().json["orderId"]
    assert ship("DELETE", f"/orders/{made}", content_type="application/json").json["success"] is True
    assert ship.get(f"/orders/{made}").status_code == ship("DELETE", f"/orders/{made}").status_code == 404
    assert ship.create().json["orderId"] != made


@needs_spec("shipstation/examples")
def test_the_samples_are_taken_and_answered_in_their_shape(ship):
    folder = specs_folder() / "shipstation" / "examples"
    for name in ("createorder_full", "createorder_without_orderkey", "createorders_one"):
        sample = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        answer = ship.post(sample["request"]["path"], sample["request"]["body"])
        assert answer.status_code == 200, answer.data
        wanted = sample["response"]["body"]
        assert wanted.keys() == answer.json.keys()
        for field in ("orderDate", "paymentDate", "shipByDate"):
            assert answer.json.get(field) == wanted.get(field)
        if name == "createorder_full":  # the others answer items that were not sent
            assert answer.json["orderTotal"] == wanted["orderTotal"]
        if "items" in wanted:
            assert wanted["items"][0].keys() == answer.json["items"][0].keys()
    for name, path in (("liststores", "/stores"), ("listcarriers", "/carriers")):
        sample = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]
        assert ship.get(path).json[0].keys() == sample[0].keys()
