"""Orders that are not to be filled: the buyer asks to cancel, they are cancelled, or the channel ships them."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.fulfil_world import parcel, shelf, waiting_order
from tests.ship_world import use_fake_channel
from tests.web.pages import get_page
from tests.web.test_fulfil import scan
from wholecell.db import db
from wholecell.models import Integration, OrderItem, SalesOrder
from wholecell.services import order_queue


@pytest.fixture
def phone(app):
    return make.make_variation("S1", product=make.make_product("iPhone XR"))


@pytest.fixture
def shop(app):
    return make.make_integration(name="Shop EU")


@pytest.fixture
def asked(phone, shop):
    """An order whose buyer wants it no more."""
    order = waiting_order(phone, integration=shop, is_cancel_asked=True, hours=1)
    db.session.execute(sa.update(OrderItem).values(external_line_id="1"))
    db.session.commit()
    return order


def test_the_wish_is_told_wherever_the_order_stands(client_as, asked):
    client = client_as("manager")
    assert "cancel asked" in get_page(client, "/orders/").text
    page = get_page(client, f"/orders/{asked.id}")
    assert "The buyer asks to cancel." in page.text
    today = get_page(client, "/").text
    assert "The buyer asks to cancel" in today and f'Answer<span class="vh"> for order {asked.number}' in today
    assert asked.number in get_page(client, "/orders/?only=cancel").text


@pytest.mark.parametrize("is_able", [True, False])
def test_it_is_answered_here_where_the_channel_can_be_told(client_as, asked, monkeypatch, is_able):
    use_fake_channel(monkeypatch, **({} if is_able else {"connect": None}), order_url="https://example.com/o/{id}")
    client = client_as("manager")
    text = get_page(client, f"/orders/{asked.id}").text
    notice = text.split("The buyer asks to cancel.")[1].split("</section>")[0]
    assert ("Cancel on Back Market" in notice, "answer it on Back Market" in notice) == (is_able, not is_able)
    if is_able:
        item = make.order_items(asked)[0].id
        assert client.post(f"/orders/{asked.id}/items/{item}/cancel").status_code == 303
        db.session.expire_all()
        assert db.session.get(OrderItem, item).cancel_wanted_at is not None
    else:
        assert f"https://example.com/o/{asked.external_id}" in notice


def test_one_that_left_says_nothing_any_more(client_as, asked):
    parcel(asked, "sent")
    text = get_page(client_as("manager"), f"/orders/{asked.id}").text
    assert "asks to cancel" not in text


def test_fulfil_warns_before_phones_are_scanned_and_fills_others_first(client_as, phone, asked):
    client = client_as("picker")
    phones = make.make_items(phone, 2, location=shelf("A1"))
    answer = scan(client, asked.number)
    assert f"The buyer asks to cancel order {asked.number}" in answer.text and 'data-outcome="warn"' in answer.text
    assert "The buyer asks to cancel this order." in get_page(client, f"/fulfil/?order={asked.id}").text
    other = waiting_order(phone, hours=9)
    assert [each.id for each in order_queue.due()] == [other.id, asked.id]
    assert "cancel asked" in get_page(client, "/fulfil/").text
    assert f"committed to order {other.number}" in scan(client, phones[0].esn).text


def test_a_label_is_asked_for_only_where_none_was_printed(client_as, phone, shop):
    client = client_as("picker")
    phones = make.make_items(phone, 2, location=shelf("A1"))
    for word, is_wanted in (("3", True), ("shipped", False)):
        order = waiting_order(phone, integration=shop, channel_status=word)
        order.is_to_be_scanned = not is_wanted
        db.session.commit()
        text = scan(client, phones.pop().esn, order).text
        assert ("Scan the shipping label" in text) == is_wanted
        said = scan(client, "1Z5R89390357567127", order).text
        assert ("its label is not needed" in said) != is_wanted


@pytest.mark.parametrize("how", ["status", "units", "channel"])
def test_an_order_that_is_not_ours_to_fill_shows_no_forms(client_as, phone, shop, how):
    fields = {"item": {"sku": "S1"}, "status": "Awaiting shipment"}
    fields |= {
        "status": {"status": "Canceled"},
        "units": {"item": {"sku": "S1", "ordered": 2, "cancelled": 1, "refunded_before_shipping": 1}},
        "channel": {"is_fulfilled_by_channel": True, "item": {"sku": "UNHEARD OF", "title": "Their phone"}},
    }[how]
    item, status = fields.pop("item"), fields.pop("status")
    order = make.make_order(status, [item], shop, channel_status="3", **fields)
    client = client_as("manager")
    text = get_page(client, f"/orders/{order.id}").text
    for words in ("Scan or paste phones", "Add a shipment", "Add shipment", "Scan phones", "Direct Commit"):
        assert words not in text, words
    listed = get_page(client, "/orders/?tab=all").text
    if how == "channel":
        assert "Fulfilled by the channel" in text
        assert "The channel ships order" in scan(client, order.number).text
        assert "Unknown SKU" not in text and "Their phone" in text and "It is shown to look at only" in text
        assert "by the channel" in listed and "Unknown SKU" not in listed.split("<tbody>")[1].split("</tbody>")[0]
    db.session.execute(
        sa.update(SalesOrder).values(status_id=make.named(make.SalesOrderStatus, "Awaiting shipment").id)
    )
    db.session.execute(sa.update(SalesOrder).values(is_fulfilled_by_channel=False))
    db.session.execute(sa.update(OrderItem).values(cancelled=0))
    db.session.commit()
    assert "Scan or paste phones" in get_page(client, f"/orders/{order.id}").text


@pytest.mark.parametrize("sends", [True, False])
def test_the_order_says_where_its_shipments_are_not_sent(client_as, phone, shop, monkeypatch, sends):
    use_fake_channel(monkeypatch)
    db.session.get(Integration, shop.id).sends_shipments = sends
    order = waiting_order(phone, integration=shop)
    text = get_page(client_as("manager"), f"/orders/{order.id}").text
    assert ("Shipments are not sent to Back Market" in text) != sends
    assert (f'/integrations/{shop.id}/#orders">the settings of Shop EU' in text) != sends
    assert ("Add and tell Back Market" in text) == sends
