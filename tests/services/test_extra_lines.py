"""Phones on extra lines move up as soon as an item of their order wants them."""

import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, lines, requests
from wholecell.db import db, transaction
from wholecell.models import OrderItem
from wholecell.services import skus
from wholecell.services.commit import commit, move_extras


def change(item, **values):
    db.session.execute(sa.update(OrderItem).where(OrderItem.id == item.id).values(**values))
    db.session.commit()


def moved(*orders):
    return move_all([each.id for each in orders])


def move_all(ids):
    with transaction() as session:
        return move_extras(session, ids, ME)


def test_a_raised_quantity_takes_phones_from_below(app):
    shop = Shop()
    order = shop.order()
    for phone in shop.phones[:4]:
        commit(order.id, phone.esn, ME)
    change(make.order_items(order)[0], ordered=3)
    requests()
    assert moved(order) == 2
    assert lines(order) == [(3, 3, False, False), (1, 1, True, False)]
    assert kinds("item", shop.phones[1]) == ["committed", "moved up"]
    assert requests() == {(shop.variation.id, order.id, "commitment")}
    assert moved(order) == 0


def test_each_phone_moves_only_within_its_order_and_to_what_wants_it(app):
    shop = Shop()
    other = make.make_item(make.make_variation("SKU-B"))
    known, unknown = shop.order(), shop.order({"sku": "UNKNOWN"})
    commit(known.id, other.esn, ME)
    commit(unknown.id, shop.phones[0].esn, ME)
    assert moved(known, unknown) == 0
    change(make.order_items(unknown)[0], variation_id=shop.variation.id)
    assert moved(known, unknown) == 1
    assert lines(known) == [(1, 0, False, False), (1, 1, True, False)]
    assert lines(unknown) == [(1, 1, False, False)]


def test_many_orders_take_a_fixed_number_of_queries(app, count_queries):
    shop = Shop()
    orders = [shop.order({"sku": "UNKNOWN"}) for _ in range(6)]
    for order, phone in zip(orders, shop.phones, strict=False):
        commit(order.id, phone.esn, ME)
    ids, counts = [order.id for order in orders], []
    for some in (ids[:1], ids):
        with count_queries() as statements:
            assert move_all(some) == 0
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_sku_that_makes_the_last_phone_move_up_ends_the_scanning(app):
    shop = Shop()
    order = shop.order({"sku": "NEW"}, status="Shipped", is_to_be_scanned=True)
    commit(order.id, shop.phones[0].esn, ME)
    db.session.expire_all()
    assert order.is_to_be_scanned, "the phone is on a line below"
    skus.set_sku(shop.variation.id, "NEW", ME)
    db.session.expire_all()
    assert not order.is_to_be_scanned
    assert kinds("order", order)[-1] == "scanned"
