"""Pickers who scan at the same moment: one phone has one order, one unit one phone. Each with its unguarded twin."""

import threading

import pytest
import sqlalchemy as sa

from tests.order_moves import ME, Shop, lines
from tests.races import race
from wholecell.db import db
from wholecell.models import Commitment, OrderItem
from wholecell.services import commit as committing
from wholecell.services.commit import Committed, CommittedAlready, commit

PICKERS = 8
INDEX = next(each for each in Commitment.__table__.indexes if each.name == "uq_commitment_live_item")


def live():
    return db.session.scalar(sa.select(sa.func.count()).where(Commitment.released_at.is_(None)))


@pytest.fixture
def no_locks(app, monkeypatch):
    """Everybody has checked before anybody writes, as without locks; call it with the number of pickers."""
    insert = committing._insert

    def switch(pickers):
        barrier = threading.Barrier(pickers)

        def late(session, *args, **options):
            session.commit()  # gives up what was locked
            barrier.wait(10)
            return insert(session, *args, **options)

        monkeypatch.setattr(committing, "_insert", late)

    return switch


@pytest.fixture
def no_index(app):
    db.session.commit()
    INDEX.drop(db.engine)
    yield
    db.session.rollback()
    db.session.execute(sa.delete(Commitment))
    db.session.commit()
    INDEX.create(db.engine)


def one_phone(pickers=PICKERS):
    """Each picker scans the same phone for an order of their own; gives what each was told."""
    shop = Shop(1)
    orders = [shop.order() for _ in range(pickers)]
    ids, code = [order.id for order in orders], shop.phones[0].esn
    numbers = {order.id: order.number for order in orders}
    return numbers, race(lambda index: commit(ids[index], code, ME), pickers)


def assert_one_won(numbers, results):
    (won,) = [each for each in results if isinstance(each, Committed)]
    lost = [each for each in results if each is not won]
    assert all(isinstance(each, CommittedAlready) for each in lost), lost
    assert {each.held.number for each in lost} == {numbers[won.order_id]}
    assert all(f"committed to order {numbers[won.order_id]} already" in str(each) for each in lost)
    assert live() == 1


def test_of_many_who_scan_one_phone_one_gets_it_and_the_others_are_told(app):
    for _ in range(3):
        db.session.execute(sa.delete(Commitment))
        db.session.commit()
        assert_one_won(*one_phone())


def test_the_index_alone_decides_too(app, no_locks):
    no_locks(PICKERS)
    assert_one_won(*one_phone())


def test_without_index_and_locks_one_phone_is_sold_twice(app, no_locks, no_index):
    """The twin."""
    no_locks(2)
    _, results = one_phone(2)
    assert [type(each) for each in results] == [Committed, Committed]
    assert live() == 2


def one_unit():
    """Two pickers scan a phone each for the one unit an order lacks; gives its lines."""
    shop = Shop(2)
    order = shop.order()
    order_id, codes = order.id, [phone.esn for phone in shop.phones]
    results = race(lambda index: commit(order_id, codes[index], ME))
    assert all(isinstance(each, Committed) for each in results), results
    return lines(order)


def test_of_two_phones_for_one_unit_the_second_gets_a_line_below(app):
    for _ in range(5):
        assert one_unit() == [(1, 1, False, False), (1, 1, True, False)]
        db.session.execute(sa.delete(Commitment))
        db.session.execute(sa.delete(OrderItem).where(OrderItem.is_extra))
        db.session.commit()


def test_without_the_orders_lock_one_unit_gets_two_phones(app, no_locks):
    """The twin."""
    no_locks(2)
    assert one_unit() == [(1, 2, False, False)]
