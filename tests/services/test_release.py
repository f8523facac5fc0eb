"""Phones taken off orders, one by one and those that a cancellation freed."""

import pytest

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, lines, requests
from wholecell.db import db, utcnow
from wholecell.models import Commitment, OrderItem, Shipment, ShipmentUnit
from wholecell.services.commit import commit, commit_direct, release, release_all, release_unwanted
from wholecell.services.refusal import Refusal


def test_a_released_phone_is_free_and_wanted_again(app):
    shop = Shop()
    order = shop.order()
    done = commit(order.id, shop.phones[0].esn, ME)
    requests()
    release(done.commitment_id, ME)
    assert shop.numbers() == (10, 1, 9)
    assert kinds("order", order) == ["committed", "released"]
    assert kinds("item", shop.phones[0]) == ["committed", "released"]
    assert requests() == {(shop.variation.id, order.id, "commitment")}
    with pytest.raises(Refusal, match="released a moment ago already"):
        release(done.commitment_id, ME)
    assert not commit(order.id, shop.phones[0].esn, ME).is_extra


def test_the_last_phone_takes_its_extra_line_along(app):
    shop = Shop()
    other = make.make_items(make.make_variation("SKU-B"), 2)
    order = shop.order()
    done = [commit(order.id, phone.esn, ME) for phone in other]
    release(done[0].commitment_id, ME)
    assert lines(order) == [(1, 0, False, False), (1, 1, True, False)]
    release(done[1].commitment_id, ME)
    assert lines(order) == [(1, 0, False, False)]
    assert commit(order.id, other[0].esn, ME).order_item_id == done[0].order_item_id, "it comes back with a phone"


def cancel(order, units):
    db.session.get(OrderItem, make.order_items(order)[0].id).cancelled = units
    db.session.commit()


def test_a_cancellation_frees_what_does_not_fit_first_and_then_the_last_scanned(app):
    shop = Shop()
    wrong = make.make_item(make.make_variation("SKU-B"))
    order = shop.order({"sku": "SKU-A", "ordered": 3})
    item = make.order_items(order)[0]
    commit_direct(item.id, wrong.esn, ME)
    kept, last = (commit(order.id, phone.esn, ME) for phone in shop.phones[:2])
    cancel(order, 2)
    assert release_unwanted(order.id, ME) == 2
    live = [each.id for each in db.session.query(Commitment).filter(Commitment.released_at.is_(None))]
    assert live == [kept.commitment_id] != [last.commitment_id]
    assert release_unwanted(order.id, ME) == 0
    assert shop.numbers() == (9, 0, 9)


def test_overcommitted_without_a_cancellation_is_nothing_to_release(app):
    shop = Shop()
    order = shop.order()
    for phone in shop.phones[:2]:
        commit_direct(make.order_items(order)[0].id, phone.esn, ME)
    assert release_unwanted(order.id, ME) == 0


def test_a_fully_cancelled_order_gives_its_extra_phones_back_too(app):
    shop = Shop()
    order = shop.order()
    commit(order.id, make.make_item(make.make_variation("SKU-B")).esn, ME)
    commit(order.id, shop.phones[0].esn, ME)
    cancel(order, 1)
    assert release_unwanted(order.id, ME) == 2
    assert lines(order) == [(1, 0, False, False)]


def test_what_is_in_a_parcel_stays_with_its_order(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 2})
    shipped, packed = (commit(order.id, phone.esn, ME) for phone in shop.phones[:2])
    parcel = make.save(Shipment(order_id=order.id, carrier="UPS", tracking_number="1Z5", state="sent"))
    make.save(ShipmentUnit(shipment_id=parcel.id, commitment_id=shipped.commitment_id))
    with pytest.raises(Refusal, match="in the shipment 1Z5"):
        release(shipped.commitment_id, ME)
    assert release_all(order.id, ME) == 1
    assert db.session.get(Commitment, packed.commitment_id).released_at
    parcel.voided_at = utcnow()
    db.session.commit()
    release(shipped.commitment_id, ME)
    assert lines(order) == [(2, 0, False, False)]
