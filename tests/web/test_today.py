"""Today with orders: each need with the action that cures it, for those who may."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fulfil_world import fill_needs, parcel, waiting_order
from tests.web.pages import get_page
from wholecell.db import db
from wholecell.models import Commitment, OrderItem, Shipment

HOME = {"next": "/"}


@pytest.fixture
def shop(app):
    return make.make_integration(name="Shop EU", armed=True)


def actions(page):
    return [form["action"] for form in page.forms if form.get("method") == "post"]


def again(row):
    db.session.expire_all()
    return db.session.get(type(row), row.id)


def test_every_need_shows_with_its_cure(client_as, shop):
    fill_needs(shop, 1)
    page = get_page(client_as("manager"), "/")
    for title in (
        "Oversold",
        "Shipment refused",
        "To accept or ship today",
        "To be scanned",
        "Unknown SKU",
        "Orders that could not be stored",
        "Status not mapped",
        "Phones to release",
        "Phones that no longer fit",
    ):
        assert f"<h3>{title}</h3>" in page.text
    found = " ".join(actions(page))
    for path in ("/try-again", "/orders/accept", "/not-from-this-stock", "/release"):
        assert path in found
    assert "Add to catalog" in page.text and "Choose a status" in page.text
    assert page.text.index("Oversold") < page.text.index("To accept or ship") < page.text.index("Phones to release")


def test_viewers_see_it_all_and_change_nothing(client_as, shop):
    fill_needs(shop, 1)
    page = get_page(client_as("viewer"), "/")
    assert "<h3>Phones to release</h3>" in page.text and "<h3>Unknown SKU</h3>" in page.text
    assert [each for each in actions(page) if "/orders/" in each] == []
    assert "Scan to fulfil" not in page.text and "Add to catalog" not in page.text


def test_pickers_are_offered_what_pickers_may(client_as, shop):
    fill_needs(shop, 1)
    page = get_page(client_as("picker"), "/")
    found = " ".join(actions(page))
    assert "/orders/accept" in found and "/release" in found and "/try-again" in found
    assert "/not-from-this-stock" not in found and "/connect" not in found
    assert "Scan to fulfil" in page.text and "/fulfil/" in page.links()


def test_as_many_queries_for_few_as_for_many(client_as, shop, count_queries):
    client = client_as("manager")

    def queries():
        client.get("/")
        with count_queries() as seen:
            client.get("/")
        return len(seen)

    fill_needs(shop, 1)
    few = queries()
    fill_needs(shop, 7)
    assert queries() == few


def test_all_orders_of_an_integration_are_accepted_with_one_click(client_as, shop):
    client, phone = client_as("picker"), make.make_variation("S1")
    other = make.make_integration(name="Shop US")
    mine = [waiting_order(phone, integration=shop, is_to_accept=True) for _ in range(2)]
    others = waiting_order(phone, integration=other, is_to_accept=True)
    page = get_page(client, "/")
    fields = next(form for form in page.forms if form["fields"].get("source") == str(shop.id))["fields"]
    answer = client.post("/orders/accept", data=fields)
    assert (answer.status_code, answer.location) == (303, "/")
    assert all(again(each).accept_wanted_at for each in mine) and not again(others).accept_wanted_at
    assert "2 orders are being accepted" in get_page(client, "/").text


def test_each_click_comes_back_to_today(client_as, shop):
    client, phone = client_as("manager"), make.make_variation("S1-LONG-SKU")
    held = make.make_order("Completed", [{"variation_id": phone.id}], integration=shop, is_to_be_scanned=True)
    unknown = make.make_order("Awaiting shipment", [{"sku": "S1-LONG-SKUU"}], integration=shop)
    cancelled = make.make_order("Awaiting shipment", [{"variation_id": phone.id, "cancelled": 1}])
    make.commit_phone(make.make_item(phone), make.order_items(cancelled)[0])
    refused = parcel(waiting_order(phone, integration=shop))
    page = get_page(client, "/")
    for action in (
        f"/orders/{held.id}/not-from-this-stock",
        f"/orders/{unknown.id}/items/{make.order_items(unknown)[0].id}/connect",
        f"/orders/{cancelled.id}/release",
        f"/orders/{refused.order_id}/shipments/{refused.id}/try-again",
    ):
        answer = client.post(action, data=page.form(action)["fields"])
        assert (answer.status_code, answer.location) == (303, "/"), action
    assert not again(held).is_to_be_scanned
    assert db.session.scalar(sa.select(OrderItem.variation_id).where(OrderItem.order_id == unknown.id)) == phone.id
    assert not db.session.scalar(sa.select(Commitment.id).where(Commitment.released_at.is_(None)))
    assert db.session.get(Shipment, refused.id).state == "waiting"
    assert client.post(f"/orders/{cancelled.id}/release").location == f"/orders/{cancelled.id}"


def test_the_day_and_the_orders_that_came_in(client_as, shop):
    phone = make.make_variation("S1")
    make.make_item(phone)
    waiting_order(phone, hours=0.001, ship_by=None)
    order = waiting_order(phone, hours=-1)
    make.commit_phone(make.make_item(phone), make.order_items(order)[0])
    page = get_page(client_as("picker"), "/")
    assert "1 of 1 packed" in page.text and "1 order leaves today" in page.text
    assert "<dt>Phones sold</dt><dd>2</dd>" in page.text and "<dt>Phones taken in</dt><dd>2</dd>" in page.text
    assert 'data-h="Orders in" class="tnum muted">off' in page.text
    assert again(order).number in get_page(client_as("admin"), "/orders/?only=today").text
