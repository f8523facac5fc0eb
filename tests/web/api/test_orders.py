"""Orders by the API: read, and sent in as an import would store them."""

import contextlib
import json
import threading
from datetime import timedelta

import sqlalchemy as sa

from tests import factories as make
from tests.races import race
from tests.web.api.callers import caller
from wholecell.db import db, is_sqlite, utcnow
from wholecell.models import Event, OrderItem, RecomputeRequest, SalesOrder, StatusMapping
from wholecell.services import api_orders_in, api_records, order_saving

PAGE = "/api/v1/orders"


def entry(**fields):
    line = {"external_id": "1", "sku": "S1", "title": "A phone", "ordered": 2, "price_cents": 25900}
    return {"external_id": "A-1", "status": "paid", "lines": [line], **fields}


def world(app, **integration):
    """An integration whose orders come from elsewhere, a listing with three phones, and a client tied to it."""
    shop = make.make_integration(name="Shop", **integration)
    make.make_items(make.make_variation("S1"), 3)
    listing = make.make_listing(shop, sku="S1")
    return shop, listing, caller(app, integration=shop)


def counted(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_an_order_sent_in_lowers_numbers_and_the_same_once_more_changes_nothing(app, count_queries):
    shop, listing, client = world(app)
    ship_to = {"name": "Kim Lee", "street": "1 Main Street", "country": "US"}
    answer = client.post(PAGE, json=entry(ship_to=ship_to, buyer="kim1", placed_at="2026-01-02T03:04:05+01:00"))
    assert answer.status_code == 201
    assert answer.json["outcome"] == "new"
    order = answer.json["order"]
    assert answer.headers["Location"] == f"{PAGE}/{order['id']}"
    assert client.get(answer.headers["Location"]).json == order
    assert (order["number"], order["integration_id"], order["status"]) == ("A-1", shop.id, None)
    assert (order["channel_status"], order["placed_at"]) == ("paid", "2026-01-02T02:04:05Z")
    assert (order["ship_to"]["name"], order["ship_to"]["city"], order["buyer"]) == ("Kim Lee", "", "kim1")
    assert [(line["sku"], line["ordered"], line["committed"]) for line in order["lines"]] == [("S1", 2, 0)]
    # As after an import: its word waits to be mapped, its listing counts it, and numbers are asked for.
    assert db.session.get(StatusMapping, (shop.id, "paid")).status_id is None
    assert client.get(f"/api/v1/listings/{listing.id}").json["calculated"] == 1
    assert counted(RecomputeRequest) > 0
    before = counted(Event)
    again = client.post(PAGE, json=entry(ship_to=ship_to, buyer="kim1", placed_at="2026-01-02T03:04:05+01:00"))
    assert (again.status_code, again.json) == (200, {"outcome": "same", "order": order})
    assert (counted(SalesOrder), counted(OrderItem), counted(Event)) == (1, 1, before)

    changed = entry()
    changed["lines"][0]["cancelled"] = 1
    assert client.post(PAGE, json=changed).json["outcome"] == "changed"
    assert client.get(f"/api/v1/listings/{listing.id}").json["calculated"] == 2


def test_older_news_of_an_order_changes_nothing(app):
    _, _, client = world(app)
    newer, older = (utcnow() - timedelta(hours=hours) for hours in (1, 2))
    client.post(PAGE, json=entry(changed_at=newer.isoformat(), status="shipped"))
    answer = client.post(PAGE, json=entry(changed_at=older.isoformat()))
    assert (answer.json["outcome"], answer.json["order"]["channel_status"]) == ("older", "shipped")


def test_whose_order_it_may_be(app):
    shop, _, client = world(app, imports_orders=True)
    other = make.make_integration(name="Other")
    answer = client.post(PAGE, json=entry())
    assert (answer.status_code, answer.json["error"]) == (409, "orders_are_imported")
    assert "Shop" in answer.json["message"]
    assert client.post(PAGE, json=entry(integration_id=other.id)).status_code == 403
    free = caller(app, "orders:write", "orders:read", name="Free")
    assert free.post(PAGE, json=entry()).json["field"] == "integration_id"
    assert free.post(PAGE, json=entry(integration_id=999)).json["field"] == "integration_id"
    assert counted(SalesOrder) == 0
    assert free.post(PAGE, json=entry(integration_id=other.id)).status_code == 201
    assert client.get(PAGE).json["orders"] == []
    assert client.get(f"{PAGE}/{db.session.scalars(sa.select(SalesOrder.id)).one()}").status_code == 404


def test_lines_that_get_other_ids_keep_their_phones(app):
    """As an API tells the orders that came by files before."""
    _, listing, client = world(app)
    lines = [{"external_id": key, "sku": "S1", "ordered": units} for key, units in (("1", 2), ("2", 1))]
    client.post(PAGE, json=entry(lines=lines))
    first = db.session.scalars(sa.select(OrderItem).order_by(OrderItem.id)).first()
    make.commit_phone(db.session.scalars(sa.select(make.InventoryItem)).first(), first)
    renamed = [{**line, "external_id": f"{line['external_id']}|L1"} for line in reversed(lines)]
    answer = client.post(PAGE, json=entry(lines=renamed))
    shown = [
        (line["external_id"], line["ordered"], line["cancelled"], line["committed"])
        for line in answer.json["order"]["lines"]
    ]
    assert (answer.json["outcome"], shown) == ("changed", [("1|L1", 2, 0, 1), ("2|L1", 1, 0, 0)])
    assert client.get(f"/api/v1/listings/{listing.id}").json["calculated"] == 0
    # Another number of units is another line: nothing is guessed.
    client.post(PAGE, json=entry(lines=[{**lines[0], "ordered": 1}]))
    gone = db.session.execute(sa.select(OrderItem.external_line_id, OrderItem.cancelled).order_by(OrderItem.id)).all()
    assert gone == [("1|L1", 2), ("2|L1", 1), ("1", 0)]


def test_who_may_only_send_orders_learns_nothing_of_those_there_are(app):
    shop, _, client = world(app)
    ship_to = {"name": "Kim Lee", "street": "1 Main Street", "country": "US"}
    client.post(PAGE, json=entry(ship_to=ship_to, buyer="kim1", email="kim@example.com"))
    writer = caller(app, "orders:write", integration=shop, name="Writer")
    answer = writer.post(PAGE, json=entry(status="packed"))
    assert (answer.json["outcome"], answer.json["order"]["channel_status"]) == ("changed", "packed")
    assert not {"Kim Lee", "1 Main Street", "kim1", "kim@example.com"} & set(answer.get_data(as_text=True).split('"'))
    order = client.get(f"{PAGE}/{answer.json['order']['id']}").json
    assert (order["ship_to"]["name"], order["buyer"], order["email"]) == ("Kim Lee", "kim1", "kim@example.com")


def test_one_that_people_carry_files_for_takes_orders_although_its_import_is_on(app):
    _, _, client = world(app, imports_orders=True, is_by_hand=True)
    assert client.post(PAGE, json=entry()).status_code == 201


def test_a_body_that_cannot_be_taken_is_refused_and_nothing_is_stored(app):
    _, _, client = world(app)
    line = entry()["lines"][0]
    for body, status, field in (
        (b"", 400, None),
        (b"{", 400, None),
        (b"[" * 200_000, 422, None),
        (b'{"external_id":' + b"[" * 200_000, 422, "external_id"),
        (b'{"external_id": "\\ud800"}', 400, None),
        (b'{"external_id": "\xed\xa0\x80"}', 400, None),
        (b"\xff\xfe{\x00", 400, None),
        (b" " * (1024 * 1024 + 1), 413, None),
        (entry(external_id=""), 422, "external_id"),
        (entry(external_id="x" * 121), 422, "external_id"),
        (entry(external_id="a\0b"), 422, "external_id"),
        (entry(status="x" * 61), 422, "status"),
        (entry(lines=[]), 422, "lines"),
        (entry(lines=[line] * 501), 422, "lines"),
        (entry(lines=[{**line, "ordered": 2**31}]), 422, "lines[0].ordered"),
        (entry(lines=[{**line, "ordered": 10**400}]), 422, "lines[0].ordered"),
        (entry(lines=[{**line, "ordered": 1.5}]), 422, "lines[0].ordered"),
        (entry(lines=[{**line, "price_cents": -1}]), 422, "lines[0].price_cents"),
        (entry(lines=[{**line, "imei": "1"}]), 422, "lines[0].imei"),
        (entry(ship_to={"country": "USA"}), 422, "ship_to.country"),
        (entry(currency="usd"), 422, "currency"),
        (entry(placed_at="0001-01-01T00:00:00+14:00"), 422, "placed_at"),
        (entry(placed_at="2026-01-01"), 422, "placed_at"),
    ):
        data = body if isinstance(body, bytes) else json.dumps(body)
        answer = client.post(PAGE, data=data, content_type="application/json")
        assert (answer.status_code, answer.json.get("field")) == (status, field), (data[:80], answer.json)
    answer = client.post(PAGE, data=json.dumps(entry()), content_type="text/plain")
    assert (answer.status_code, answer.json["error"]) == (415, "not_json")
    assert counted(SalesOrder) == 0


def test_orders_are_found_by_time_and_status(app, count_queries):
    shop = make.make_integration()
    now = utcnow()
    old, new = (
        make.make_order(integration=shop, placed_at=now - timedelta(days=days), items=[{"sku": "S1"}, {"sku": "S2"}])
        for days in (9, 1)
    )
    by_hand = make.make_order(status="Draft", placed_at=now - timedelta(days=9))
    for days, order in ((9, old), (9, by_hand), (5, new), (3, old)):
        db.session.add(Event(subject="order", subject_id=order.id, kind="note", at=now - timedelta(days=days)))
        db.session.add(Event(subject="item", subject_id=new.id, kind="moved", at=now - timedelta(days=days)))
    db.session.commit()
    client = caller(app, "orders:read")

    def ids(**query):
        return [each["id"] for each in client.get(PAGE, query_string=query).json["orders"]]

    def days_ago(days):
        return (now - timedelta(days=days)).isoformat()

    assert ids() == [old.id, new.id, by_hand.id]
    assert ids(placed_since=days_ago(2)) == [new.id]
    assert ids(status="Draft") == [by_hand.id]
    assert ids(integration_id=shop.id, limit=1) == [old.id]
    assert ids(changed_since=days_ago(4)) == [old.id]
    assert ids(changed_since=days_ago(5.5)) == [old.id, new.id]
    assert ids(changed_since=days_ago(20)) == [old.id, new.id, by_hand.id]
    assert ids(changed_since=(now + timedelta(days=1)).isoformat()) == []
    counts = []
    for number in (1, 3):
        with count_queries() as statements:
            ids(limit=number)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 14, counts


def two_at_once(monkeypatch):
    """The same new order twice at once: both look for it before either stores it, where the database lets them."""
    integration_id = make.make_integration().id
    line = api_records.LineEntry(external_id="1", ordered=1)

    def send(external_id):
        order = api_records.OrderEntry(external_id=external_id, status="paid", lines=[line])
        return api_orders_in.take(order, integration_id).outcome

    send("A-0")  # what every order refers to is there: adding it would make the second wait for the first
    both, looked_for = threading.Barrier(2), order_saving._load

    def load(*args):
        found = looked_for(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return found

    monkeypatch.setattr(order_saving, "_load", load)
    return race(lambda _: send("A-1"))


def test_the_same_new_order_twice_at_once_is_stored_once(app, monkeypatch):
    outcomes = two_at_once(monkeypatch)
    assert "new" in outcomes and set(outcomes) <= {"new", "same", "older"}, outcomes
    assert (counted(SalesOrder), counted(OrderItem)) == (2, 2)


def test_without_a_second_try_the_same_order_at_once_would_be_an_error(app, monkeypatch):
    class NeverError(Exception):
        pass

    monkeypatch.setattr(api_orders_in, "IntegrityError", NeverError)
    outcomes = two_at_once(monkeypatch)
    if not is_sqlite():  # there the second waits for the first, and finds its order
        assert {type(each).__name__ for each in outcomes} == {"str", "IntegrityError"}, outcomes
