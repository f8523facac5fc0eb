"""What the Fulfil page shows, in a fixed number of queries."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.fulfil_world import shelf, waiting_order
from wholecell.db import db, utcnow
from wholecell.models import Shipment, ShipmentUnit
from wholecell.services import commit, fulfil_page, release
from wholecell.services.events import Actor


@pytest.fixture
def phone(app):
    return make.make_variation("S1", product=make.make_product("iPhone XR"), conditions=["CG"])


@pytest.fixture
def me(app):
    return make.make_user("tom@example.com", "picker", name="Tom").id


def load(order, me, **more):
    db.session.commit()
    now = utcnow()
    return fulfil_page.load(order and order.id, me, now - timedelta(hours=1), now + timedelta(hours=12), **more)


def test_the_current_order_with_what_it_lacks_and_where_it_is(phone, me):
    place = shelf("B2")
    make.make_items(phone, 3, location=place)
    order = waiting_order(phone, phone)
    unknown = {"sku": "NOBODY", "title": "Some phone"}
    db.session.add(make.OrderItem(order_id=order.id, ordered=1, **unknown))
    db.session.commit()
    taken = make.make_item(phone, location=place)
    commit.commit(order.id, taken.esn, Actor(me, "scan"))
    page = load(order, me)
    first, second, third = page.current.needs
    assert [each.esn for each in first.held] == [taken.esn]
    assert (first.phone.text, first.phone.others) == ("iPhone XR 64GB Black A CG", 0)
    assert (second.choice.units, second.choice.nearest) == (3, "B2")
    assert (third.phone, third.choice.units) == (None, 0)
    assert (page.current.wanted, page.current.lacking, page.current.next_id) == (3, 2, second.item.id)
    assert not page.current.is_complete and page.current.is_matching and page.current.others == []
    assert page.next == []
    assert [(each.esn, each.number, each.kind) for each in page.scans] == [(taken.esn, order.number, "committed")]


def test_extra_lines_surplus_and_set_aside_items(phone, me):
    order = waiting_order(phone)
    item = make.order_items(order)[0]
    db.session.add(make.OrderItem(order_id=order.id, ordered=5, variation_id=phone.id, is_set_aside=True))
    db.session.commit()
    for each in make.make_items(phone, 2):
        commit.commit_direct(item.id, each.esn, Actor(me, "scan"))
    below = make.make_item(make.make_variation("S2"))
    done = commit.commit(order.id, below.esn, Actor(me, "scan"))
    page = load(order, me)
    own, extra = page.current.needs
    assert (own.surplus, extra.item.is_extra, page.current.wanted) == (1, True, 1)
    assert page.current.is_complete and not page.current.is_matching
    release.release(done.commitment_id, Actor(me, "scan"))
    assert len(load(order, me).current.needs) == 1, "an extra line without phones is not shown"
    assert [each.kind for each in load(order, me).scans][:2] == ["released", "committed below"]


def test_who_else_is_on_the_order(phone, me):
    maria = make.make_user("maria@example.com", "picker", name="Maria").id
    order = waiting_order(phone, phone)
    commit.commit(order.id, make.make_item(phone).esn, Actor(maria, "scan"))
    commit.commit(order.id, make.make_item(phone).esn, Actor(me, "scan"))
    assert load(order, me).current.others == [("Maria", "a moment ago")]
    assert load(order, maria).current.others == [("Tom", "a moment ago")]
    assert [each.number for each in load(order, maria).scans] == [order.number], "the last scans are one's own"


def test_phones_in_a_parcel_are_not_packed_twice(phone, me):
    order = waiting_order(phone, phone)
    done = [commit.commit(order.id, make.make_item(phone).esn, Actor(me, "scan")) for _ in range(2)]
    parcel = make.save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1", state="here only"))
    make.save(ShipmentUnit(shipment_id=parcel.id, commitment_id=done[0].commitment_id))
    assert load(order, me).current.unpacked == [done[1].commitment_id]
    parcel = db.session.get(Shipment, parcel.id)
    parcel.voided_at = utcnow()
    db.session.commit()
    assert len(load(order, me).current.unpacked) == 2


def test_what_comes_next(phone, me):
    other = make.make_variation("S2")
    make.make_item(phone, location=shelf("C3"))
    first, second = waiting_order(phone, hours=1), waiting_order(other, other, hours=2)
    page = load(None, me)
    assert page.current is None and page.next_order.id == first.id
    assert [(row.head.id, row.units, row.choice.units) for row in page.next] == [(first.id, 1, 1), (second.id, 2, 0)]
    assert [row.head.id for row in load(first, me).next] == [second.id]
    assert [row.head.id for row in load(None, me, skipped=[first.id]).next] == [second.id, first.id]
    assert load(make.make_order("Completed"), me).current.status == "Completed"


def test_an_order_that_is_gone_is_no_order(phone, me):
    assert fulfil_page.load(99, me, utcnow(), utcnow()).current is None


def test_as_many_queries_for_many_orders_and_phones(phone, me, count_queries):
    def queries(order):
        db.session.commit()
        with count_queries() as seen:
            fulfil_page.load(order.id, me, utcnow(), utcnow() + timedelta(hours=8))
        return len(seen)

    order = waiting_order(phone, phone)
    waiting_order(phone)
    commit.commit(order.id, make.make_item(phone).esn, Actor(me, "scan"))
    few = queries(order)
    many = waiting_order(*(make.make_variation(f"M{n}") for n in range(12)), phone, phone)
    for _ in range(9):
        waiting_order(make.make_variation())
    for each in make.make_items(phone, 2, location=shelf("A1")):
        commit.commit(many.id, each.esn, Actor(me, "scan"))
    assert queries(many) == few <= 14
