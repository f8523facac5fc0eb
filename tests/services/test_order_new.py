from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.factories import (
    commit_phone,
    make_integration,
    make_items,
    make_order,
    make_user,
    make_variation,
    named,
    order_items,
)
from wholecell.models import Customer, Event, OrderNote, RecomputeRequest, SalesOrder, SalesOrderStatus
from wholecell.services import order_edit, order_new, order_offers
from wholecell.services.events import SYSTEM, Actor
from wholecell.services.order_new import NewLine, NewOrder, create
from wholecell.services.refusal import Refusal


@pytest.fixture
def new(session):
    """An order that can be saved."""
    make_integration()
    lines = [NewLine(make_variation("X-1").id, 2, 9_500), NewLine(make_variation().id)]
    return NewOrder("Gadget Loop LLC", "Wholesale", named(SalesOrderStatus, "Awaiting shipment").id, lines)


def asked(session, order_id):
    query = sa.select(RecomputeRequest.variation_id).where(RecomputeRequest.order_id == order_id)
    return set(session.scalars(query))


def clear(session):
    session.execute(sa.delete(RecomputeRequest))
    session.commit()


def test_an_order_is_saved_with_everything_that_was_typed(session, new):
    me = make_user(role="manager").id
    address = {"name": "Dock 4", "street": "1 Main St", "country": "US", "phone": "555-0100"}
    key = create(
        replace(new, address=address, shipping_cents=1_500, note=" Call first ", email="buy@gadget.example"),
        Actor(user_id=me),
    )
    order = session.get(SalesOrder, key)
    assert (order.number, order.integration_id, order.external_id, order.channel) == (
        "WH-1001",
        None,
        None,
        "Wholesale",
    )
    assert (order.total_cents, order.ship_name, order.ship_country) == (2 * 9_500 + 1_500, "Dock 4", "US")
    customer = session.get(Customer, order.customer_id)
    assert (customer.name, customer.email, customer.phone) == ("Gadget Loop LLC", "buy@gadget.example", "555-0100")
    first, second = order_items(order)
    assert (first.variation_id, first.ordered, first.price_cents, first.sku) == (
        new.lines[0].variation_id,
        2,
        9_500,
        "X-1",
    )
    assert (second.ordered, second.price_cents, second.sku) == (1, None, None)
    assert session.scalars(sa.select(OrderNote.text)).one() == "Call first"
    assert asked(session, key) == {line.variation_id for line in new.lines}
    event = session.scalars(sa.select(Event).where(Event.subject == "order")).one()
    assert (event.kind, event.new, event.user_id) == ("created", "WH-1001", me)
    words = session.scalars(sa.select(sa.func.coalesce(Event.new, "") + sa.func.coalesce(Event.old, ""))).all()
    assert not any("Gadget" in text or "555" in text for text in words)


def test_numbers_follow_each_other_and_pass_those_typed_by_hand(session, new):
    create(replace(new, number="WH-1002"), SYSTEM)
    made = [session.get(SalesOrder, create(new, SYSTEM)).number for _ in range(3)]
    assert made == ["WH-1001", "WH-1003", "WH-1004"]
    with pytest.raises(Refusal, match="There is an order WH-1003 already"):
        create(replace(new, number="WH-1003"), SYSTEM)


def test_the_same_name_in_other_letters_is_the_same_customer(session, new):
    first, second = (
        session.get(SalesOrder, create(replace(new, customer=name), SYSTEM)) for name in ("ACME", " acme ")
    )
    assert first.customer_id == second.customer_id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"customer": "  "}, "customer"),
        ({"channel": ""}, "channel"),
        ({"status_id": 999}, "status"),
        ({"status_id": None}, "status"),
        ({"lines": []}, "lines"),
        ({"lines": [NewLine(999)]}, "lines"),
        ({"lines": [NewLine(1, 0)]}, "lines"),
        ({"lines": [NewLine(1, 10_001)]}, "lines"),
        ({"lines": [NewLine(1)] * 301}, "lines"),
        ({"number": "x" * 81}, "number"),
        ({"currency": "dollars"}, "currency"),
        ({"email": "at home"}, "email"),
        ({"address": {"country": "USA"}}, "ship_country"),
        ({"address": {"street": "x" * 201}}, "ship_street"),
    ],
)
def test_what_cannot_be_saved_is_told_by_field(session, new, change, field):
    wrong = replace(new, **change)
    assert set(order_new.problems(session(), wrong)) == {field}
    with pytest.raises(Refusal):
        create(wrong, SYSTEM)
    assert session.scalar(sa.select(sa.func.count()).select_from(SalesOrder)) == 0


def test_a_customers_name_of_400_letters_with_emoji_is_kept_short(session, new):
    key = create(replace(new, customer="😀" * 400), SYSTEM)
    assert len(session.get(Customer, session.get(SalesOrder, key).customer_id).name) == 200


def test_a_total_that_no_column_holds_is_refused(session, new):
    (dear, plain) = (replace(new.lines[0], ordered=10_000, price_cents=price) for price in (200_001, 1))
    with pytest.raises(Refusal, match="more than 20 million"):
        create(replace(new, lines=[dear]), SYSTEM)
    key = create(replace(new, lines=[plain]), SYSTEM)
    (item,) = order_items(session.get(SalesOrder, key))
    with pytest.raises(Refusal, match="more than 20 million"):
        order_edit.edit_item(item.id, 10_000, 1_000_000_000, SYSTEM)
    with pytest.raises(Refusal, match="more than 20 million"):
        order_edit.add_item(key, dear.variation_id, 10_000, 1_000_000_000, SYSTEM)
    assert session.get(SalesOrder, key, populate_existing=True).total_cents == 10_000


def test_lines_are_added_changed_and_removed_and_the_total_follows(session, new):
    key = create(replace(new, shipping_cents=500), SYSTEM)
    clear(session)
    third = make_variation("X-3").id
    order_edit.add_item(key, third, 4, 1_000, SYSTEM)
    order = session.get(SalesOrder, key)
    first, second, added = order_items(order)
    assert (added.variation_id, added.sku, order.total_cents) == (third, "X-3", 19_000 + 4_000 + 500)
    assert asked(session, key) == {third}
    clear(session)
    assert order_edit.edit_item(first.id, 1, 9_000, SYSTEM)
    assert not order_edit.edit_item(first.id, 1, 9_000, SYSTEM)
    assert asked(session, key) == {first.variation_id}
    clear(session)
    gone = second.variation_id
    order_edit.remove_item(second.id, SYSTEM)
    assert asked(session, key) == {gone}
    session.expire_all()
    assert [item.id for item in order_items(order)] == [first.id, added.id]
    assert order.total_cents == 9_000 + 4_000 + 500
    kinds = session.scalars(sa.select(Event.kind).where(Event.subject == "order").order_by(Event.id)).all()
    assert kinds == ["created", "item added", "item changed", "item removed"]


def test_a_line_with_phones_cannot_shrink_below_them_nor_go(session, new):
    key = create(new, SYSTEM)
    first, _second = order_items(session.get(SalesOrder, key))
    phones = [commit_phone(phone, first) for phone in make_items(make_variation(), 2)]
    with pytest.raises(Refusal, match="release some"):
        order_edit.edit_item(first.id, 1, None, SYSTEM)
    with pytest.raises(Refusal, match="release them first"):
        order_edit.remove_item(first.id, SYSTEM)
    for phone in phones:
        phone.released_at = phone.committed_at
    session.commit()
    order_edit.remove_item(first.id, SYSTEM)  # kept aside: what happened to those phones names it
    session.expire_all()
    assert first.is_set_aside and session.get(SalesOrder, key).total_cents == 0


def test_what_a_channel_ordered_is_not_changed_here(session):
    order = make_order(items=[{"sku": "X"}], integration=make_integration())
    (item,) = order_items(order)
    for change in (
        lambda: order_edit.add_item(order.id, make_variation().id, 1, None, SYSTEM),
        lambda: order_edit.edit_item(item.id, 5, None, SYSTEM),
        lambda: order_edit.remove_item(item.id, SYSTEM),
    ):
        with pytest.raises(Refusal, match="The channel decides"):
            change()
    with pytest.raises(Refusal, match="not on the order any more"):
        order_edit.remove_item(999, SYSTEM)
    with pytest.raises(Refusal, match="not here any more"):
        order_edit.add_item(999, 1, 1, None, SYSTEM)


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "many", "10001", "²", "1" * 400])
def test_odd_quantities_are_refused(text):
    with pytest.raises(Refusal, match="not a quantity"):
        order_edit.read_quantity(text)
    assert order_edit.read_quantity(" 1,000 ") == 1_000


def test_the_form_is_offered_phones_with_what_is_free_and_promised(session, new):
    variation = new.lines[0].variation_id
    make_items(session.get(order_offers.ProductVariation, variation), 3)
    create(new, SYSTEM)
    (found,) = order_offers.search("x-1")
    assert (found.id, found.free, found.promised) == (variation, 3, 2)
    assert order_offers.search(" ") == [] == order_offers.search("no such phone")


def test_the_form_is_offered_customers_and_where_their_last_order_went(session, new):
    create(replace(new, address={"city": "Columbus"}), SYSTEM)
    assert order_offers.customer_names("gad") == ["Gadget Loop LLC"] == order_offers.customer_names("loop")
    assert order_offers.customer_names("%") == [] == order_offers.customer_names("")
    assert order_offers.last_address("GADGET loop llc")["ship_city"] == "Columbus"
    assert order_offers.last_address("nobody") == {}
    assert order_offers.channels() == ["Wholesale"]
    assert order_offers.first_status() == named(SalesOrderStatus, "Awaiting shipment").id


def test_a_quantity_below_what_was_returned_is_refused_in_words_of_that(session, new):
    (item, _second) = order_items(session.get(SalesOrder, create(new, SYSTEM)))
    item.ordered, item.returned = 3, 2
    session.commit()
    with pytest.raises(Refusal, match="^2 units of it were cancelled, refunded or returned.* at least 2"):
        order_edit.edit_item(item.id, 1, None, SYSTEM)
    commit_phone(make_items(make_variation(), 1)[0], item)
    with pytest.raises(Refusal, match="^1 phone is committed to this item: release some first. .* at least 3"):
        order_edit.edit_item(item.id, 2, None, SYSTEM)
