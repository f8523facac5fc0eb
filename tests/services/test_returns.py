"""A phone that came back: off its order, with status and grade, and its unit wanted no more."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, lines
from wholecell.db import db
from wholecell.models import Commitment, Grade, InventoryItem, InventoryStatus, OrderItem, Shipment, ShipmentUnit
from wholecell.services.commit import commit, commit_direct
from wholecell.services.refusal import Refusal
from wholecell.services.returns import last_order, return_phone, send_replacement


def named(model, name):
    return db.session.scalar(sa.select(model.id).where(model.name == name))


def sent(shop, **item):
    order = shop.order({"sku": "SKU-A", **item})
    done = commit(order.id, shop.phones[0].esn, ME)
    parcel = make.save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z5", state="sent"))
    make.save(ShipmentUnit(shipment_id=parcel.id, commitment_id=done.commitment_id))
    return order, done


def test_a_return_sets_status_and_grade_in_one_step(app):
    shop = Shop()
    order, done = sent(shop)
    phone = shop.phones[0]
    before = last_order(phone.id)
    assert (before.number, before.is_live, before.tracking_number) == (order.number, True, "1Z5")
    return_phone(phone.id, ME, status_id=named(InventoryStatus, "Repair"), grade_id=named(Grade, "C"))
    row = db.session.get(InventoryItem, phone.id)
    assert row.status_id == named(InventoryStatus, "Repair")
    assert row.variation_id != shop.variation.id
    assert shop.numbers() == (9, 0, 9), "the unit is not wanted again, and the phone is in repair"
    assert kinds("item", phone) == ["committed", "returned", "status", "regraded"]
    assert kinds("order", order) == ["committed", "returned"]
    after = last_order(phone.id)
    assert (after.number, after.is_live, after.is_returned) == (order.number, False, True)
    assert db.session.get(Commitment, done.commitment_id).is_returned


def test_a_phone_on_no_order_cannot_be_returned(app):
    shop = Shop()
    assert last_order(shop.phones[0].id) is None
    with pytest.raises(Refusal, match="on no order"):
        return_phone(shop.phones[0].id, ME, status_id=named(InventoryStatus, "Available"), grade_id=None)
    order, _ = sent(shop)
    with pytest.raises(Refusal, match="status is not in the list"):
        return_phone(shop.phones[0].id, ME, status_id=4711, grade_id=None)
    assert lines(order) == [(1, 1, False, False)]


def test_a_replacement_is_wanted_again_once(app):
    shop = Shop()
    order, done = sent(shop)
    return_phone(shop.phones[0].id, ME, status_id=named(InventoryStatus, "Available"), grade_id=None)
    assert shop.numbers() == (10, 0, 10)
    send_replacement(done.order_item_id, ME)
    assert shop.numbers() == (10, 1, 9)
    with pytest.raises(Refusal, match="nothing to replace"):
        send_replacement(done.order_item_id, ME)
    assert not commit(order.id, shop.phones[1].esn, ME).is_extra


def test_one_too_many_comes_back_without_taking_the_other_ones_unit(app):
    shop = Shop()
    order, done = sent(shop)
    commit_direct(done.order_item_id, shop.phones[1].esn, ME)
    return_phone(shop.phones[1].id, ME, status_id=named(InventoryStatus, "Available"), grade_id=None)
    assert db.session.get(OrderItem, done.order_item_id).returned == 0
    assert lines(order) == [(1, 1, False, False)]


def test_a_replacement_for_a_phone_of_an_extra_line_stays_wanted(app):
    shop = Shop()
    other = make.make_items(make.make_variation("SKU-B"), 2)
    order = shop.order()
    done = commit(order.id, other[0].esn, ME)
    return_phone(other[0].id, ME, status_id=named(InventoryStatus, "Available"), grade_id=None)
    send_replacement(done.order_item_id, ME)
    commit(order.id, make.make_item(make.make_variation("SKU-C")).esn, ME)
    assert commit(order.id, other[1].esn, ME).order_item_id == done.order_item_id
    assert lines(order) == [(1, 0, False, False), (1, 1, False, False), (1, 1, True, False)]
