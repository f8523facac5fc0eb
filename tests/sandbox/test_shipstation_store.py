"""The pretend ShipStation pulls a custom store, buys labels and posts ship notices."""

import time
from xml.etree.ElementTree import fromstring

import pytest

from tests.oas import needs_spec, specs_folder
from tests.sandbox.shipstation_api import LOGIN, A, item_xml, order_xml, page_xml
from wholecell.sandbox.shipstation import auto, store_xml


def test_a_pull_reads_all_pages(ship, store):
    store.pages = [page_xml(order_xml(f"WC-{number}"), pages=2) for number in (1, 2)]
    made = ship.do("set_up", url=store.url + "?shop=1", **LOGIN)
    assert "password" not in made
    result = ship.do("pull", start="2026-03-01T08:58:00+00:00")
    assert (result["new"], result["pages"], result["problem"]) == (["WC-1", "WC-2"], 2, "")
    window = {"start_date": "03/01/2026 08:58", "end_date": "03/01/2026 09:00"}
    assert store.queries == [{"shop": "1", "action": "export", **window, "page": page} for page in ("1", "2")]
    assert b"start_date=03%2f01%2f2026+08%3a58" in store.asked[0].query_string
    assert (store.asked[0].authorization.username, store.asked[0].authorization.password) == tuple(LOGIN.values())
    (first, _) = ship.get("/orders", storeId=made["id"]).json["orders"]
    assert (first["orderDate"], first["orderStatus"]) == ("2026-02-28T10:05:00.0000000", "awaiting_shipment")
    assert (first["orderKey"], first["shipTo"]["city"], first["items"][0]["lineItemKey"]) == ("id-WC-1", "Reno", "11")
    assert ship.get(f"/stores/{made['id']}").json["statusMappings"][1]["statusKey"] == "paid"
    ship.shop.clock.advance(120)
    ship.set(query_login=1)
    ship.do("pull")
    assert store.queries[2]["start_date"] == "03/01/2026 09:00", "the next begins where the last ended"
    assert store.queries[2]["SS-UserName"] == LOGIN["user"]


def test_the_same_order_again_is_an_update(pulled, store):
    old = pulled.get("/orders").json["orders"][0]
    store.pages = [page_xml(order_xml(status="on_hold", items=item_xml("12", A, 1)))]
    assert pulled.do("pull")["updated"] == ["WC-1"]
    (new,) = pulled.get("/orders").json["orders"]
    assert (new["orderId"], new["orderStatus"], len(new["items"])) == (old["orderId"], "on_hold", 1)
    assert new["items"][0]["orderItemId"] == old["items"][1]["orderItemId"]
    store.pages = [page_xml(order_xml(status="cancelled"), order_xml("WC-2", "Paid"))]
    result = pulled.do("pull")
    assert result["not_taken"] == [{"number": "WC-2", "status": "Paid"}], "the case of a status counts"
    assert pulled.get("/orders").json["orders"][0]["orderStatus"] == "cancelled"
    store.pages = [page_xml(order_xml())]
    assert pulled.do("pull")["kept"] == ["WC-1"], "cancelled is for good"


def test_an_order_with_a_label_is_only_cancelled(pulled, store):
    pulled.do("label", order="WC-1", items=[{"sku": A}])
    store.pages = [page_xml(order_xml(items=item_xml("12", A, 9)))]
    assert pulled.do("pull")["kept"] == ["WC-1"]
    assert pulled.get("/orders").json["orders"][0]["items"][0]["quantity"] == 2
    store.pages = [page_xml(order_xml(status="cancelled"))]
    pulled.do("pull")
    assert pulled.get("/orders").json["orders"][0]["orderStatus"] == "cancelled"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Root element is missing."),
        ("<Orders>", "not XML"),
        ("<html/>", "The root is html"),
        ('<!DOCTYPE o [<!ENTITY a "b">]><Orders/>', "not XML"),
        ('<Orders pages="x"/>', "number of pages"),
        (page_xml("<Item/>"), "may not have Item"),
        (page_xml("word"), "has text beside"),
        (page_xml(order_xml(OrderTotal=None)), "lacks OrderTotal"),
        (page_xml(order_xml(CurrencyCode="USD")), "may not have CurrencyCode"),
        (page_xml(order_xml() + order_xml("WC-2", OrderDate="2026-03-01T10:00")), "OrderDate is not DateTime"),
        (page_xml(order_xml(OrderDate="3/1/2026 10:5")), "OrderDate is not DateTime"),
        (page_xml(order_xml(OrderTotal="1,000.00")), "OrderTotal is not xs:decimal"),
        (page_xml(order_xml(OrderNumber="x" * 51)), "OrderNumber is not String50"),
        (page_xml(order_xml(Gift="yes")), "Gift is not xs:boolean"),
        (page_xml(order_xml(items=item_xml("1", A, "1.5"))), "Quantity is not xs:int"),
        (page_xml(order_xml(items=item_xml("1", A, 2**31))), "Quantity is not xs:int"),
        (page_xml(order_xml().replace("<Country>US", "<Country>USA")), "Country is not StringExactly2"),
        (page_xml(order_xml().replace("<City>Reno</City>", "")), "ShipTo lacks City"),
        (page_xml(order_xml().replace("<City>", "<City>a</City><City>")), "may not have two of City"),
        (page_xml(order_xml(OrderDate="13/41/2026 10:15")), "is no time"),
    ],
)
def test_one_bad_order_fails_the_page(ship, store, text, words):
    ship.do("set_up", url=store.url, **LOGIN)
    store.pages = [text]
    result = ship.do("pull")
    assert words in result["problem"] and result["new"] == []
    assert ship.get("/orders").json["total"] == 0


def test_a_store_that_refuses_is_asked_for_the_same_time_again(pulled, store):
    pulled.shop.clock.advance(600)
    store.status = 401
    assert pulled.do("pull")["problem"] == "Page 1: The store answered 401."
    assert pulled.do("show")["stores"][-1]["problem"] == "Page 1: The store answered 401."
    pulled.shop.clock.advance(600)
    store.status = 200
    pulled.do("pull")
    assert pulled.do("show")["stores"][-1]["problem"] == ""
    assert [query["start_date"][-5:] for query in store.queries] == ["09:00", "09:00"]
    pulled.do("set_up", url="http://127.0.0.1:9/", store=pulled.do("set_up", url=store.url, **LOGIN)["id"], **LOGIN)
    assert pulled.do("pull", store=max(pulled.account.stores))["status"] == 0


def test_a_label_tells_the_store(pulled, store):
    told = pulled.do("label", order="WC-1", service="usps_ground_advantage", tracking="94001", cost="6.10")
    assert told["notice"]["status"] == 200
    (request,) = store.asked
    wanted = {"action": "shipnotify", "order_number": "WC-1", "carrier": "USPS", "service": "Ground Advantage"}
    assert request.method == "POST" and store.queries[0] == wanted | {"tracking_number": "94001"}
    body = fromstring(request.get_data())
    texts = {name: body.findtext(name) for name in ("OrderID", "OrderNumber", "ShippingCost", "ShipDate")}
    assert texts == {"OrderID": "id-WC-1", "OrderNumber": "WC-1", "ShippingCost": "6.10", "ShipDate": "03/01/2026"}
    items = [(item.findtext("LineItemID"), item.findtext("Quantity")) for item in body.findall("Items/Item")]
    assert items == [("11", "2"), ("12", "1")]
    assert body.findtext("Recipient/City") == "Reno"
    (order,) = pulled.get("/orders").json["orders"]
    assert order["orderStatus"] == "shipped"
    assert pulled.do("label", order="WC-1").status_code == 409, "nothing is left"


def test_parts_of_an_order_leave_one_by_one(pulled, store):
    first = pulled.do("label", order="WC-1", items=[{"sku": A}, {"line": "12"}])
    assert pulled.get("/orders").json["orders"][0]["orderStatus"] == "awaiting_shipment"
    assert pulled.do("label", order="WC-1", items=[{"sku": A, "quantity": 2}]).status_code == 409
    second = pulled.do("label", order="WC-1")
    assert first["tracking"] != second["tracking"] and second["items"] == [{"sku": A, "quantity": 1}]
    assert pulled.get("/orders").json["orders"][0]["orderStatus"] == "shipped"
    counts = [len(fromstring(request.get_data()).findall("Items/Item")) for request in store.asked]
    assert counts == [2, 1]


def test_marked_as_shipped_without_a_number(pulled, store):
    pulled.do("mark", order="WC-1", carrier="ups")
    assert store.queries[0]["tracking_number"] == "" and store.queries[0]["carrier"] == "UPS"
    assert fromstring(store.asked[0].get_data()).findtext("TrackingNumber") == ""


def test_notices_in_other_shapes(pulled, store):
    made = pulled.do("label", order="WC-1", tracking="94001", notice=False)
    assert made["notice"] is None and store.asked == []
    assert len(pulled.do("notice", shipment="94001", times=2, query_only=True)["answers"]) == 2
    assert [request.get_data() for request in store.asked] == [b"", b""]
    pulled.set(edition=2012)
    pulled.do("notice", shipment=made["id"], without_items=True)
    body = fromstring(store.asked[2].get_data())
    assert (body.find("OrderID"), body.findall("Items/Item")) == (None, [])
    store.asked.clear()
    for kind in ("unknown", "huge", "bomb", "external", "broken", "empty"):
        assert pulled.do("odd_notice", **{"as": kind})["status"] == 200
    sizes = [len(request.get_data()) for request in store.asked]
    assert sizes[1] > 5_000_000 and sizes[5] == 0 and b"<!ENTITY" in store.asked[2].get_data()
    assert pulled.do("odd_notice", **{"as": "rude"}).status_code == 409
    store.status = 403
    answer = pulled.do("call", query={"action": "dance"}, user="x")
    assert answer["status"] == 403 and store.asked[-1].authorization.username == "x"


def test_a_refused_notice_is_posted_again(pulled, store):
    pulled.set(retries=2)
    store.status = 500
    assert pulled.do("label", order="WC-1")["notice"] == {
        "shipment": pulled.account.notices[0].shipment.id,
        "due": "2026-03-01T09:05:00+00:00",
        "attempts": 1,
        "status": 500,
        "problem": "500 ok",
    }
    assert pulled.get("/shipments").json["shipments"][0]["notifyErrorMessage"] == "500 ok"
    assert pulled.do("tick")["notices"] == []
    pulled.shop.clock.advance(300)
    store.status = 204
    assert pulled.do("tick")["notices"][0]["due"] is None
    assert pulled.get("/shipments").json["shipments"][0]["marketplaceNotified"] is True
    pulled.shop.clock.advance(3000)
    assert pulled.do("tick")["notices"] == [] and len(store.asked) == 2


def test_the_seller_may_call_while_it_is_called(pulled, store):
    statuses = []
    store.meanwhile = lambda: statuses.append(pulled.get("/orders").status_code)
    pulled.do("pull")
    pulled.do("label", order="WC-1", items=[{"sku": A}])
    assert statuses == [200, 200]
    store.meanwhile = lambda: statuses.append(pulled.do("tick")["notices"])
    pulled.do("label", order="WC-1")
    assert statuses[2:] == [[]], "a notice on its way is not posted by someone else"


def test_notices_are_given_up(pulled, store):
    pulled.set(retries=1)
    store.status = 404
    pulled.do("label", order="WC-1")
    pulled.shop.clock.advance(300)
    assert pulled.do("tick")["notices"][0] | {"problem": ""} == pulled.account.notices[0].as_dict() | {"problem": ""}
    pulled.shop.clock.advance(300)
    assert pulled.do("tick")["notices"] == []


def test_auto_mode_follows_the_clock(pulled, store):
    (number,) = [store.id for store in pulled.account.stores.values() if store.url]
    pulled.account.stores[number].every, pulled.account.stores[number].labels = 900, True
    pulled.shop.clock.advance(899)
    first = pulled.do("tick")
    assert first["pulled"] == {} and len(first["labels"]) == 1
    pulled.shop.clock.advance(1)
    store.pages = [page_xml(order_xml("WC-7"))]
    done = pulled.do("tick")
    assert done["pulled"][str(number)]["new"] == ["WC-7"] and len(done["labels"]) == 1
    assert [row["attempts"] for row in pulled.do("show")["notices"]] == [1, 1]


def test_auto_mode_runs_by_itself(ship, store, monkeypatch):
    monkeypatch.setattr(auto, "_STEP", 0.01)
    store.pages = [page_xml(order_xml())]
    made = ship.do("set_up", url=store.url, every=900, labels=True, **LOGIN)
    wait_until(lambda: "shipnotify" in [query["action"] for query in store.queries])
    ship.do("set_up", url=store.url, store=made["id"], every=0, **LOGIN)
    wait_until(lambda: not ship.account.is_ticking)
    assert [query["action"] for query in store.queries] == ["export", "shipnotify"]


def wait_until(is_so):
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.01)


@needs_spec("shipstation/custom-store")
def test_the_rules_are_those_of_the_schema():
    space = "{http://www.w3.org/2001/XMLSchema}"
    root = fromstring((specs_folder() / "shipstation/custom-store/orders.xsd").read_text(encoding="utf-8"))

    def told(element):
        inside = element.find(f"{space}complexType")
        if inside is None:
            return element.get("type") or element.get("name")  # the units of weight have a type of their own
        listed = inside.find(f"{space}sequence")
        if listed is not None:
            (each,) = listed.findall(f"{space}element")
            most = each.get("maxOccurs")
            return store_xml.Many(each.get("name"), told(each), None if most == "unbounded" else int(most))
        fields = inside.find(f"{space}all").findall(f"{space}element")
        needed = frozenset(field.get("name") for field in fields if field.get("minOccurs") != "0")
        return store_xml.Group({field.get("name"): told(field) for field in fields}, needed)

    assert told(root.find(f"{space}element")) == store_xml.ORDERS


@needs_spec("shipstation/custom-store")
def test_the_guides_own_sample(pulled, store):
    text = (specs_folder() / "shipstation/custom-store/export_sample.xml").read_text(encoding="utf-8")
    with pytest.raises(store_xml.NotTakenError, match="CurrencyCode"):
        store_xml.read(text.encode())
    for name in ("CurrencyCode>EUR</CurrencyCode", "UPC><![CDATA[UPC_VALUE]]></UPC"):
        text = text.replace(f"<{name}>", "")
    store.pages = [text]
    assert pulled.do("pull")["new"] == ["ABC123"]
    (order,) = pulled.get("/orders", orderNumber="ABC123").json["orders"]
    assert order["items"][1]["adjustment"] is True and order["orderDate"] == "2019-10-18T14:56:00.0000000"
    pulled.do("label", order="ABC123")
    sample = (specs_folder() / "shipstation/custom-store/shipnotice_sample.xml").read_text(encoding="utf-8")
    names = {node.tag for node in fromstring(sample.encode()).iter()}
    assert names <= {node.tag for node in fromstring(store.asked[-1].get_data()).iter()}
