"""A phone's page and its order: which one it left on, and taking it back."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fulfil_world import waiting_order
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import Commitment, Event, Grade, InventoryItem, InventoryStatus, SalesOrder
from wholecell.services import commit
from wholecell.services.events import SYSTEM


@pytest.fixture
def sold(app):
    phone = make.make_variation("S1")
    item, order = make.make_item(phone), waiting_order(phone, number="AB-1", channel="Wholesale")
    commit.commit(order.id, item.esn, SYSTEM)
    return item


def answers(**changes):
    values = {"status": make.named(InventoryStatus, "Processing").id, "grade": make.named(Grade, "B").id}
    return {f"return-{name}": value for name, value in {**values, **changes}.items()}


def test_a_scan_in_the_search_box_leads_to_the_phone_and_its_order(client_as, sold):
    client = client_as("picker")
    order_id = db.session.scalar(sa.select(SalesOrder.id))
    answer = client.get(f"/search/?q={sold.esn}")
    assert answer.location == f"/inventory/{sold.id}"
    page = get_page(client, answer.location)
    assert "AB-1" in page.text and "Wholesale" in page.text and "Its order" in page.text
    assert page.links().count(f"/orders/{order_id}") == 2, "beside the phone, and on its timeline"


def test_a_return_sets_status_and_grade_in_one_step(client_as, sold):
    client = client_as("picker")
    action = f"/inventory/{sold.id}/return"
    fields = get_page(client, f"/inventory/{sold.id}").form(action)["fields"]
    answer = client.post(action, data={**fields, **answers()})
    assert (answer.status_code, answer.location) == (303, f"/inventory/{sold.id}")
    page = get_page(client, answer.location)
    assert "Its last order" in page.text and "Came back from order" in page.text and action not in page.text
    db.session.expire_all()
    item = db.session.get(InventoryItem, sold.id)
    assert item.status_id == make.named(InventoryStatus, "Processing").id
    assert db.session.scalars(sa.select(Commitment)).one().is_returned
    kinds = set(db.session.scalars(sa.select(Event.kind).where(Event.subject == "item", Event.subject_id == sold.id)))
    assert {"returned", "status", "regraded"} <= kinds
    again = client.post(action, data=answers())
    assert again.status_code == 422 and "on no order" in check_page(client, again).text


def test_a_grade_left_as_it_is_makes_no_other_phone(client_as, sold):
    grade = make.named(Grade, "A").id
    client_as("picker").post(f"/inventory/{sold.id}/return", data=answers(grade=grade))
    db.session.expire_all()
    assert db.session.get(InventoryItem, sold.id).variation_id == sold.variation_id


def test_bad_choices_are_refused(client_as, sold):
    client = client_as("picker")
    answer = client.post(f"/inventory/{sold.id}/return", data=answers(status=999))
    assert answer.status_code == 422
    assert "Not a valid choice" in check_page(client, answer).text
    page = get_page(client, f"/inventory/{sold.id}")
    answer = client.post(f"/inventory/{sold.id}/return", data=page.form(f"/inventory/{sold.id}/return")["fields"])
    assert answer.status_code == 422 and "Choose what state the phone is in now." in answer.text
    assert client.post("/inventory/999/return", data=answers()).status_code == 404


def test_viewers_see_the_order_and_take_nothing_back(client_as, sold):
    client = client_as("viewer")
    page = get_page(client, f"/inventory/{sold.id}")
    assert "AB-1" in page.text and "/return" not in page.text
    assert client.post(f"/inventory/{sold.id}/return").status_code == 403


def test_a_phone_never_sold_has_no_order(client_as):
    item = make.make_item(make.make_variation())
    page = get_page(client_as("manager"), f"/inventory/{item.id}")
    assert "Its order" not in page.text and "Its last order" not in page.text
