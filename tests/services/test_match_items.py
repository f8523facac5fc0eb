"""One button makes order items say what was really committed."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, lines, requests
from tests.order_world import OrderWorld
from wholecell.db import db
from wholecell.models import InventoryItem
from wholecell.services import order_items
from wholecell.services.commit import commit, commit_direct, match_changes, match_items


def shown(order):
    fields = ("before_units", "after_units", "new_variation_id", "is_set_aside", "becomes_ordinary")
    return [tuple(getattr(each, name) for name in fields) for each in match_changes(order.id)]


def test_nothing_to_do_on_a_filled_order(app):
    shop = Shop()
    order = shop.order()
    commit(order.id, shop.phones[0].esn, ME)
    assert match_changes(order.id) == []
    assert match_items(order.id, ME) == 0
    assert kinds("order", order) == ["committed"]


def test_quantities_follow_the_phones_up_and_down(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 3}, {"variation_id": shop.variation.id})
    more = make.order_items(order)[1]
    for phone in shop.phones[:2]:
        commit_direct(more.id, phone.esn, ME)
    commit(order.id, shop.phones[2].esn, ME)
    assert shown(order) == [(3, 1, None, False, False), (1, 2, None, False, False)]
    requests()
    assert match_items(order.id, ME) == 2
    assert lines(order) == [(1, 1, False, False), (2, 2, False, False)]
    assert shop.numbers() == (7, 0, 7)
    assert (shop.variation.id, order.id, "order") in requests()
    assert kinds("order", order)[-2:] == ["matched to phones"] * 2


def test_an_item_without_phones_is_set_aside_and_the_extra_line_takes_its_place(app):
    shop = Shop()
    other = make.make_item(make.make_variation("SKU-B"))
    order = shop.order()
    commit(order.id, other.esn, ME)
    assert shown(order) == [(1, 0, None, True, False), (1, 1, None, False, True)]
    match_items(order.id, ME)
    assert lines(order) == [(1, 0, False, True), (1, 1, False, False)]
    assert shop.numbers() == (10, 0, 10)
    order_items.set_aside(make.order_items(order)[0].id, False, ME)
    assert shop.numbers() == (10, 1, 9)


def test_an_unknown_item_becomes_what_its_phones_are(app):
    shop = Shop()
    other = make.make_item(make.make_variation("SKU-B"))
    order = shop.order({"sku": "UNKNOWN"})
    item = make.order_items(order)[0]
    for phone in (shop.phones[0], other, shop.phones[1]):
        commit_direct(item.id, phone.esn, ME)
    assert shown(order) == [(1, 2, shop.variation.id, False, False), (0, 1, other.variation_id, False, True)]
    match_items(order.id, ME)
    assert lines(order) == [(2, 2, False, False), (1, 1, False, False)]
    assert [each.variation_id for each in make.order_items(order)] == [shop.variation.id, other.variation_id]
    assert match_changes(order.id) == []


def test_phones_that_do_not_fit_join_the_line_that_is_there_for_them(app):
    shop = Shop()
    others = make.make_items(make.make_variation("SKU-B"), 2)
    order = shop.order()
    item = make.order_items(order)[0]
    commit(order.id, others[0].esn, ME)
    for phone in (shop.phones[0], others[1]):
        commit_direct(item.id, phone.esn, ME)
    assert shown(order) == [(1, 1, None, False, False), (1, 2, None, False, True)]
    match_items(order.id, ME)
    assert lines(order) == [(1, 1, False, False), (2, 2, False, False)]
    assert match_changes(order.id) == []


def test_cancelled_units_stay_cancelled(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 3, "cancelled": 1})
    commit(order.id, shop.phones[0].esn, ME)
    match_items(order.id, ME)
    assert lines(order) == [(2, 1, False, False)]
    assert shop.numbers() == (9, 0, 9)


@pytest.mark.parametrize(("cancelled", "wanted"), [((1,), 1), ((2,), 1), ((1, 2), 1), ((3,), 0), ((1, 3), 0)], ids=str)
def test_units_taken_off_here_are_the_first_that_the_channel_cancels(app, cancelled, wanted):
    world = OrderWorld()
    world.channel.put_order("1", [("1", "S0", 3)])
    world.press()
    phone = sa.select(InventoryItem.esn).where(InventoryItem.variation_id == world.variations[0])
    commit(world.order().id, db.session.scalar(phone), ME)
    match_items(world.order().id, ME)
    for units in cancelled:
        world.change_line(cancelled=units)
        world.press()
    world.channel.change_order("1")
    world.press()
    (item,) = world.items()
    assert (item.cancelled, item.ordered - item.cancelled) == (cancelled[-1], wanted)
