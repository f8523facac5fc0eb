"""Orders moved among statuses by people, many at once, and taken back."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.order_moves import ME, Shop, kinds, requests
from wholecell.db import db
from wholecell.models import InventoryStatus, OrderNote, SalesOrder, SalesOrderStatus, StatusMapping
from wholecell.services import order_changes, undo
from wholecell.services.commit import commit
from wholecell.services.inventory import Bulk, change_many
from wholecell.services.order_changes import AsksFirst, add_note, dismiss_scan, set_status, undo_status
from wholecell.services.refusal import Refusal


def status(title):
    return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))


def titles(*orders):
    db.session.rollback()
    query = sa.select(SalesOrderStatus.title).join(SalesOrder, SalesOrder.status_id == SalesOrderStatus.id)
    return [db.session.scalar(query.where(SalesOrder.id == order.id)) for order in orders]


def test_open_statuses_change_without_a_question_and_nothing_is_counted_anew(app):
    shop = Shop()
    order = shop.order()
    done = set_status([order.id], status("Packed"), ME)
    assert (done.changed, titles(order)) == (1, ["Packed"])
    assert kinds("order", order) == ["status"]
    assert shop.numbers() == (10, 1, 9)
    assert set_status([order.id], status("Packed"), ME).batch_id is None


def test_leaving_units_without_phones_asks_first(app):
    shop = Shop()
    order = shop.order({"sku": "SKU-A", "ordered": 2})
    with pytest.raises(AsksFirst, match="2 units of order .* have no phone yet"):
        set_status([order.id], status("Shipped"), ME)
    assert titles(order) == ["Awaiting shipment"]
    requests()
    set_status([order.id], status("Shipped"), ME, is_sure=True)
    assert shop.numbers() == (10, 0, 10)
    assert requests() == {(shop.variation.id, order.id, "order")}


def test_a_filled_order_ships_without_a_question(app):
    shop = Shop()
    order = shop.order()
    commit(order.id, shop.phones[0].esn, ME)
    set_status([order.id], status("Shipped"), ME)
    assert shop.numbers() == (9, 0, 9)


def mapped(shop, word, title):
    make.save(StatusMapping(integration_id=shop.integration.id, word=word, status_id=title and status(title)))
    order = shop.order(integration=shop.integration, channel_status=word)
    commit(order.id, shop.phones.pop().esn, ME)
    return order


def test_leaving_what_the_channel_still_calls_open_asks_first(app):
    shop = Shop()
    waiting, gone, new = mapped(shop, "1", "Awaiting shipment"), mapped(shop, "9", "Shipped"), mapped(shop, "2", None)
    for order in (waiting, new):
        with pytest.raises(AsksFirst, match=f"The channel still says that order {order.number} is open"):
            set_status([order.id], status("Completed"), ME)
    set_status([gone.id], status("Completed"), ME)
    with pytest.raises(AsksFirst, match="2 orders are open"):
        set_status([waiting.id, gone.id, new.id], status("Shipped"), ME)
    set_status([waiting.id], status("Completed"), ME, is_sure=True)
    assert db.session.get(SalesOrder, waiting.id).channel_status == "1"


def test_an_order_to_be_scanned_keeps_counting_whatever_its_status(app):
    shop = Shop()
    order = shop.order(status="Shipped", is_to_be_scanned=True)
    set_status([order.id], status("Completed"), ME)
    assert shop.numbers() == (10, 1, 9)
    dismiss_scan(order.id, ME)
    assert shop.numbers() == (10, 0, 10)
    assert kinds("order", order) == ["status", "not from this stock"]
    assert (shop.variation.id, order.id, "order") in requests()
    with pytest.raises(Refusal, match="not to be scanned any more"):
        dismiss_scan(order.id, ME)


def test_a_batch_is_taken_back_where_it_still_stands(app):
    shop = Shop()
    unmapped = shop.order(status=None)
    waiting, later = shop.order(), shop.order()
    done = set_status([unmapped.id, waiting.id, later.id], status("Shipped"), ME, is_sure=True)
    assert shop.numbers() == (10, 0, 10)
    set_status([later.id], status("Completed"), ME)
    assert undo_status(done.batch_id, ME) == "Taken back on 2 orders. Left as they are: 1 changed again since."
    assert titles(unmapped, waiting, later) == [None, "Awaiting shipment", "Completed"]
    assert shop.numbers() == (10, 2, 8)
    with pytest.raises(Refusal, match="taken back already"):
        undo_status(done.batch_id, ME)


def test_the_timelines_undo_takes_back_batches_of_phones_and_of_orders(app):
    shop = Shop(1)
    order = shop.order()
    done = set_status([order.id], status("Packed"), ME)
    repair = db.session.scalar(sa.select(InventoryStatus.id).where(InventoryStatus.name == "Repair"))
    moved = change_many([shop.phones[0].id], Bulk(status_id=repair), ME, "To repair")
    assert undo.take_back(done.batch_id, ME) == "Taken back on 1 order."
    assert titles(order) == ["Awaiting shipment"]
    assert undo.take_back(moved.batch_id, ME) == "Taken back on 1 phone."


def test_a_status_that_is_gone_is_refused(app):
    with pytest.raises(Refusal, match="not in the list"):
        set_status([Shop(0).order().id], 4711, ME)


def test_many_orders_take_a_fixed_number_of_queries(app, count_queries):
    shop = Shop()
    ids = [shop.order().id for _ in range(40)]
    counts = []
    for some in (ids[:2], ids[2:]):
        with count_queries() as statements:
            set_status(some, status("Packed"), ME)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_notes_are_kept_apart_from_the_timeline(app):
    order = Shop(0).order()
    add_note(order.id, "  Customer asked for a blue one ", ME)
    assert db.session.scalar(sa.select(OrderNote.text)) == "Customer asked for a blue one"
    assert kinds("order", order) == ["note added"]
    for text in (" ", "x" * (order_changes.LONGEST_NOTE + 1)):
        with pytest.raises(Refusal):
            add_note(order.id, text, ME)
