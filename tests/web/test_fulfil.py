"""The Fulfil page: scanning orders and phones, taking back, and what a person is told."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fulfil_world import shelf, waiting_order
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db
from wholecell.models import Commitment, Event, OrderItem, Shipment

HTMX = {"HX-Request": "true"}


@pytest.fixture
def phone(app):
    return make.make_variation("S1", product=make.make_product("iPhone XR"))


@pytest.fixture
def picker(client_as):
    return client_as("picker", name="Tom")


def scan(client, code, order=None, htmx=True, **more):
    data = {"code": code, **({"order": order.id} if order else {}), **more}
    return client.post("/fulfil/scan", data=data, headers=HTMX if htmx else {})


def live():
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Commitment).where(Commitment.released_at.is_(None))))


def hidden(page, name):
    return [tag.get("value") for kind, tag in page.elements if kind == "input" and tag.get("name") == name]


def test_an_empty_page_says_what_will_be_here(picker):
    page = get_page(picker, "/fulfil/")
    assert "No order waits for phones" in page.text
    assert [tag["data-scan"] for _, tag in page.elements if "data-scan" in tag] == ["#work"]


def test_it_begins_with_the_order_due_first(picker, phone):
    waiting_order(phone, hours=9)
    first = waiting_order(phone, hours=2)
    page = get_page(picker, "/fulfil/")
    assert f"Begin with {first.number}" in page.text and f"/fulfil/?order={first.id}" in page.links()
    make.make_items(phone, 2, location=shelf("A3"))
    page = get_page(picker, f"/fulfil/?order={first.id}")
    assert "0 of 1" in page.text and "2 to choose from, nearest <strong>A3</strong>" in page.text
    assert "Done, next order" in page.text


def test_an_order_is_scanned_and_then_its_phones(picker, phone):
    order, item = waiting_order(phone, number="AB-1"), make.make_item(phone)
    answer = scan(picker, "AB-1")
    page = check_partial(picker, answer, "work")
    assert 'data-outcome="order"' in page.text and hidden(page, "order")[0] == str(order.id)
    assert answer.headers["HX-Replace-Url"] == f"/fulfil/?order={order.id}"
    page = check_partial(picker, scan(picker, item.esn, order), "work")
    assert 'data-outcome="ok"' in page.text and f"{item.esn} is committed to order AB-1" in page.text
    assert [each.item_id for each in live()] == [item.id]
    assert {"next-up", "scan-log"} <= set(page.ids), "what stands beside it is replaced with it"
    event = db.session.scalars(sa.select(Event).where(Event.kind == "committed")).first()
    assert (event.source, event.user_id) == ("scan", picker.user.id)


def test_without_a_script_the_answer_follows_a_redirect_once(picker, phone):
    order, item = waiting_order(phone), make.make_item(phone)
    answer = scan(picker, item.esn, order, htmx=False)
    assert (answer.status_code, answer.location) == (303, f"/fulfil/?order={order.id}")
    page = get_page(picker, answer.location)
    assert f"{item.esn} is committed" in page.text and 'data-outcome="ok"' in page.text
    assert "data-outcome" not in get_page(picker, answer.location).text
    answer = scan(picker, item.esn[:-1], order, htmx=False)
    assert answer.status_code == 422
    assert "digits are missing" in check_page(picker, answer).text


def test_a_refused_scan_stays_in_sight(picker, phone):
    order = waiting_order(phone)
    answer = scan(picker, "NOTHERE99", order)
    assert answer.status_code == 422
    page = check_partial(picker, answer, "work")
    assert 'data-outcome="bad"' in page.text and page.text.count("NOTHERE99 is not in stock") == 2
    assert get_page(picker, f"/fulfil/?order={order.id}").text.count("NOTHERE99 is not in stock") == 1


def test_a_wrong_phone_goes_below_and_is_taken_back(picker, phone):
    order, wrong = waiting_order(phone), make.make_item(make.make_variation("S2"))
    page = check_partial(picker, scan(picker, wrong.esn, order), "work")
    assert 'data-outcome="warn"' in page.text and "Not on the channel order" in page.text
    undo = page.form("/fulfil/release")["fields"]
    answer = picker.post("/fulfil/release", data=undo, headers=HTMX)
    page = check_partial(picker, answer, "work")
    assert 'data-outcome="undone"' in page.text and "Not on the channel order" not in page.text
    assert live() == []
    answer = picker.post("/fulfil/release", data=undo, headers=HTMX)
    assert answer.status_code == 422 and "was released by Tom" in answer.text


def test_direct_commit_marks_an_item_and_takes_the_next_phone(picker, phone):
    order, wrong = waiting_order(phone), make.make_item(make.make_variation("S2"))
    item = make.order_items(order)[0]
    page = get_page(picker, f"/fulfil/?order={order.id}")
    assert f"/fulfil/?order={order.id}&direct={item.id}" in page.links()
    page = get_page(picker, f"/fulfil/?order={order.id}&direct={item.id}")
    assert "whatever its SKU" in page.text and hidden(page, "direct") == [str(item.id)]
    page = check_partial(picker, scan(picker, wrong.esn, order, direct=item.id), "work")
    assert 'data-outcome="ok"' in page.text and hidden(page, "direct") == []
    assert [(each.order_item_id, each.is_direct) for each in live()] == [(item.id, True)]


def test_the_loser_of_two_pickers_is_told_who_and_when(client_as, picker, phone):
    maria = client_as("picker", email="maria@example.com", name="Maria")
    order, item = waiting_order(phone), make.make_item(phone)
    scan(maria, item.esn, order)
    answer = scan(picker, item.esn, order)
    assert answer.status_code == 422
    assert f"{item.esn} is on this order already, by Maria a moment ago." in answer.text
    assert "Maria scans phones to this order too" in answer.text


def test_many_are_pasted_at_once(picker, phone):
    order = waiting_order(phone, phone)
    good = make.make_items(phone, 2)
    pasted = {"order": order.id, "codes": "\n".join(each.esn for each in good)}
    page = check_partial(picker, picker.post("/fulfil/paste", data=pasted, headers=HTMX), "work")
    assert "2 of 2 phones are committed." in page.text and 'data-outcome="ok"' in page.text
    wrong = make.make_item(make.make_variation("S2"))
    answer = picker.post("/fulfil/paste", data={"order": order.id, "codes": f"{wrong.esn} NOTHERE99"})
    assert answer.status_code == 422
    page = check_page(picker, answer)
    assert "1 of 2 phones are committed, 1 of them on lines below" in page.text
    assert "NOTHERE99 is not in stock" in page.text
    for data, says in (
        ({"order": order.id}, "Nothing was pasted"),
        ({"codes": "x"}, "Scan an order number first"),
        ({"order": order.id, "codes": " ".join(f"N{n}" for n in range(501))}, "at most 500"),
    ):
        answer = picker.post("/fulfil/paste", data=data, headers=HTMX)
        assert answer.status_code == 422 and says in answer.text


def test_items_are_made_to_match_the_phones(picker, phone):
    order, wrong = waiting_order(phone), make.make_item(make.make_variation("S2"))
    assert "Update order items" not in get_page(picker, f"/fulfil/?order={order.id}").text
    scan(picker, wrong.esn, order)
    page = get_page(picker, f"/fulfil/?order={order.id}")
    assert "Update order items to match committed inventory" in page.text
    answer = picker.post("/fulfil/match", data={"order": order.id})
    page = get_page(picker, answer.location)
    assert "updated to match its phones" in page.text and "Not on the channel order" not in page.text
    assert [(each.ordered, each.is_set_aside) for each in db.session.scalars(sa.select(OrderItem))] == [
        (1, True),
        (1, False),
    ]


def test_an_order_with_all_its_phones_is_shipped_and_the_next_one_comes(picker, phone):
    order, following = waiting_order(phone, hours=1), waiting_order(phone, hours=2)
    assert "/fulfil/ship" not in get_page(picker, f"/fulfil/?order={order.id}").text
    scan(picker, make.make_item(phone).esn, order)
    page = get_page(picker, f"/fulfil/?order={order.id}")
    fields = page.form("/fulfil/ship")["fields"]
    answer = picker.post("/fulfil/ship", data={**fields, "tracking": "1Z999AA10123456784", "carrier": ""})
    assert (answer.status_code, answer.location) == (303, f"/fulfil/?order={following.id}")
    assert "The shipment is added" in get_page(picker, answer.location).text
    assert [each.carrier for each in db.session.scalars(sa.select(Shipment))] == ["UPS"]


def test_an_odd_tracking_number_is_asked_about(picker, phone):
    order = waiting_order(phone)
    scan(picker, make.make_item(phone).esn, order)
    fields = get_page(picker, f"/fulfil/?order={order.id}").form("/fulfil/ship")["fields"]
    odd = {**fields, "tracking": "HELLO", "carrier": "UPS"}
    page = check_page(picker, picker.post("/fulfil/ship", data=odd))
    assert "Add the shipment anyway?" in page.text and 'value="HELLO"' in page.text
    assert not db.session.scalar(sa.select(Shipment.id))
    answer = picker.post("/fulfil/ship", data={**page.form("/fulfil/ship")["fields"], "carrier": "UPS"})
    assert answer.status_code == 303 and db.session.scalar(sa.select(Shipment.id))
    answer = picker.post("/fulfil/ship", data={**odd, "carrier": "Pigeon"})
    assert answer.status_code == 422


def test_skipped_orders_come_back_last(picker, phone):
    first, second = waiting_order(phone, hours=1), waiting_order(phone, hours=2)
    answer = picker.post("/fulfil/skip", data={"order": first.id})
    assert answer.location == f"/fulfil/?order={second.id}"
    page = get_page(picker, "/fulfil/")
    assert f"Begin with {second.number}" in page.text
    answer = picker.post("/fulfil/skip", data={"order": second.id})
    assert answer.location == f"/fulfil/?order={first.id}"


def test_the_channel_chosen_stays(picker, phone):
    waiting_order(phone, hours=1, channel="Two")
    one = waiting_order(phone, hours=2, channel="One")
    page = get_page(picker, "/fulfil/?channel=One")
    assert f"/fulfil/?order={one.id}&channel=One" in page.links() and "One (1)" in page.text
    item = make.make_item(phone)
    page = check_partial(picker, scan(picker, item.esn, channel="One"), "work")
    assert hidden(page, "order")[0] == str(one.id)
    assert "Nowhere (0)" in get_page(picker, "/fulfil/?channel=Nowhere").text


def test_strange_addresses_are_harmless(picker):
    for query in ("order=999", "order=x", "order=-1", "direct=3", f"channel={'x' * 300}"):
        assert "No order waits" in get_page(picker, f"/fulfil/?{query}").text


def test_viewers_do_not_fulfil(client_as):
    client = client_as("viewer")
    assert client.get("/fulfil/").status_code == 403
    for path in ("scan", "release", "paste", "match", "ship", "skip"):
        assert client.post(f"/fulfil/{path}").status_code == 403
    assert "/fulfil/" not in get_page(client, "/").links()


def test_a_scanned_label_fills_in_the_parcel(picker, phone):
    order = waiting_order(phone)
    scan(picker, make.make_item(phone).esn, order)
    page = check_partial(picker, scan(picker, "1Z999AA10123456784", order), "work")
    assert page.form("/fulfil/ship")["fields"]["tracking"] == "1Z999AA10123456784"
    assert 'data-outcome="label"' in page.text
