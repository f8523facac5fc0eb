"""Exports page by page while orders change: none is lost, none is told twice in one export."""

import os
import random
from datetime import timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories as make
from tests.shipping_world import ADDRESS, ME, ShippingWorld
from wholecell.db import db, transaction, utcnow
from wholecell.models import HandedOrder, Integration, OrderExport, OrderExportPage, OrderItem, SalesOrder
from wholecell.models import SalesOrderStatus as Status
from wholecell.services import order_exports, shipping_settings
from wholecell.services.bulk import insert_rows, table
from wholecell.services.events import event_row, record, record_many

# The rule is the same on either database; a server answers each of many small questions more slowly.
ORDERS = 1000 if os.environ.get("WHOLECELL_TEST_DATABASE_URL") else 5000
CHANGED = 150  # between two pages, of which a page loses some where the pages are not fixed


@pytest.fixture
def world(app):
    return ShippingWorld()


def many(world, count, at):
    """So many orders of one line, each with a line of its timeline, all within two hours before."""
    status = make.named(Status, "Awaiting shipment").id
    orders, items, key = table(SalesOrder), table(OrderItem), table(SalesOrder).c.id
    row = {"integration_id": world.integration_id, "channel": "Backmarket", "status_id": status, **ADDRESS}
    with transaction() as session:
        ids = [
            each[0]
            for each in insert_rows(
                session, orders, [{**row, "number": f"N{i}", "external_id": f"{i} {at}"} for i in range(count)], key
            )
        ]
        insert_rows(session, items, [{"order_id": each, "sku": "S0", "ordered": 1} for each in ids])
        for number, some in enumerate(ids[start : start + 100] for start in range(0, count, 100)):
            rows = [event_row("order", each, "imported", None, "new") for each in some]
            record_many(session, ME, rows, at - timedelta(hours=2) + timedelta(minutes=number))
    return ids


def change(ids, status=None):
    """Change these orders as people and channels do: the timeline says so."""
    with transaction() as session:
        if status is not None:
            session.execute(sa.update(SalesOrder).where(SalesOrder.id.in_(ids)).values(status_id=status))
        record_many(session, ME, [event_row("order", each, "status", None, "other") for each in ids])


def fetch(world, since, until, between=lambda page: None, now=None):
    """All pages as ShipStation asks for them; the ids told, in order."""
    told, page, pages = [], 1, 1
    while page <= pages:
        found = order_exports.page(world.shipper_id, since, until, page, now)
        pages = found.pages
        told += [each.order_id for each in found.orders]
        between(page)
        page += 1
    return told


def shuffled(ids, seed, cancelled):
    """Before each further page some orders change, mostly those that come soon; some are cancelled."""
    chance = random.Random(seed)

    def between(page):
        soon = ids[page * 50 : page * 50 + 2 * CHANGED]
        if page % 10 == 0 and len(soon) > CHANGED:
            change(chance.sample(soon, CHANGED))
            change(chance.sample(ids, 5), cancelled)

    return between


def test_of_thousands_of_orders_that_change_meanwhile_none_is_lost_and_none_told_twice(world):
    start = utcnow()
    ids = many(world, ORDERS, start)
    cancelled = make.named(Status, "Canceled", counts_as_open=False, allows_commitment=False).id
    since, until = start - timedelta(hours=3), start
    told = fetch(world, since, until, shuffled(ids, 7, cancelled))
    assert len(told) == len(set(told))
    never = set(ids) - set(told)  # cancelled before it ever went
    gone = set(db.session.scalars(sa.select(SalesOrder.id).where(SalesOrder.status_id == cancelled)))
    assert never <= gone and len(never) < 50
    changed = gone & set(told)
    later = utcnow()
    order_exports.page(world.shipper_id, later, later, 1)
    pages = db.session.scalars(sa.select(OrderExportPage).where(OrderExportPage.export_id == 2))
    then = [each for page in pages for each in page.order_ids]
    assert changed <= set(then) and len(then) == len(set(then))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(HandedOrder)) == len(told)


# Before each page: what changes, by its place among the orders, and how.
moves = st.lists(st.tuples(st.integers(0, 39), st.sampled_from(["change", "cancel", "no city", "city"])), max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(moves, min_size=5, max_size=5))
def test_whatever_changes_before_whichever_page(world, plan):
    """Each order that could go all along is told exactly once, and what changed is told again next time."""
    start = utcnow()
    db.session.execute(sa.update(SalesOrder).values(channel="of an earlier example"))
    ids = many(world, 40, start)
    cancelled = make.named(Status, "Canceled", counts_as_open=False, allows_commitment=False).id
    stays, changed = set(ids), set()

    def between(page):
        for place, kind in plan[page - 1] if page <= len(plan) else ():
            order_id = ids[place]
            changed.add(order_id)
            if kind in ("city", "no city"):
                city = "Albany" if kind == "city" else ""
                db.session.execute(sa.update(SalesOrder).where(SalesOrder.id == order_id).values(ship_city=city))
                db.session.commit()
            if kind in ("cancel", "no city"):
                stays.discard(order_id)
            change([order_id], cancelled if kind == "cancel" else None)

    with patch.object(order_exports, "SIZE", 10):
        told = fetch(world, start - timedelta(hours=3), start, between)
        later = utcnow()
        then = fetch(world, later, later)
    assert len(told) == len(set(told)) and stays <= set(told)
    whole = sa.select(SalesOrder.id).where(SalesOrder.id.in_(changed), SalesOrder.ship_city != "")
    can_go = set(db.session.scalars(whole)) & (set(told) | stays)
    assert can_go <= set(then) and len(then) == len(set(then))


def test_without_fixed_pages_orders_would_be_lost(world, monkeypatch):
    """The guard off: each page is counted anew, as by an OFFSET."""
    monkeypatch.setattr(order_exports, "_latest", lambda *_: None)
    monkeypatch.setattr(order_exports, "goes_next", lambda *_: sa.false())
    start = utcnow()
    ids = many(world, 200, start)
    soon = iter([ids[:60]])
    told = fetch(world, start - timedelta(hours=3), start - timedelta(minutes=1), lambda _: change(next(soon, [])))
    assert set(ids) - set(told)


def test_both_ends_of_the_span_count_and_the_past_is_the_past(world):
    now = utcnow().replace(second=0, microsecond=0)
    ids = [world.order(1) for _ in range(4)]
    past = now - timedelta(days=9)
    with transaction() as session:
        for order_id, minutes in zip(ids, (0, 10, 11, 20), strict=True):
            row = [event_row("order", order_id, "imported", None, "new")]
            record_many(session, ME, row, past + timedelta(minutes=minutes))
    assert fetch(world, past + timedelta(minutes=2), past + timedelta(minutes=10)) == ids[:3]  # 2 minutes of margin
    assert fetch(world, past + timedelta(minutes=12), past + timedelta(minutes=19)) == ids[1:3] + ids[3:]
    assert fetch(world, past + timedelta(hours=1), past + timedelta(hours=2)) == []
    assert db.session.scalar(sa.select(sa.func.max(OrderExport.finished_at))) is None


def test_what_qualifies_only_now_goes_whatever_the_span_says(world):
    now = utcnow()
    old = world.order(1, ship_city="")
    with transaction() as session:
        record_many(session, ME, [event_row("order", old, "imported", None, "new")], now - timedelta(days=30))
    assert fetch(world, now - timedelta(minutes=5), now) == []
    db.session.execute(sa.update(SalesOrder).values(ship_city="Albany"))
    db.session.commit()
    assert fetch(world, now, now) == [old]
    assert fetch(world, now, now) == [old]  # its answer may have been lost: asked for once more from the same time
    later = now + timedelta(minutes=30)
    assert fetch(world, later, later, now=later) == []


def test_a_gap_that_the_program_leaves_is_closed(world):
    now = utcnow()
    order_id = world.order(1)
    start = now - timedelta(hours=1)
    assert fetch(world, start, start, now=start) == [order_id]
    change([order_id])
    with transaction() as session:
        record(session, ME, "order", order_id, "units", 1, 2)
    late = now + timedelta(minutes=40)
    assert fetch(world, now + timedelta(minutes=30), late, now=late) == [order_id]


def test_a_page_fetched_again_is_the_same_and_pages_are_kept_for_a_day(world):
    now = utcnow()
    ids = [world.order(1) for _ in range(3)]
    assert fetch(world, now, now) == ids
    again = order_exports.page(world.shipper_id, now, now, 1)
    assert [each.order_id for each in again.orders] == ids
    assert order_exports.page(world.shipper_id, now, now, 9).orders == []
    order_exports.page(world.shipper_id, now, now, 1, now + timedelta(days=2))
    exports = db.session.scalar(sa.select(sa.func.count(sa.distinct(OrderExportPage.export_id))))
    assert exports == 0


def test_two_integrations_have_their_own(world):
    order_id, now = world.order(1), utcnow()
    other = make.make_integration("shipstation", "Other", is_by_hand=True).id
    with transaction() as session:
        shipping_settings.ensure(session, other)
    assert db.session.get(Integration, other) is not None
    assert fetch(world, now, now) == [order_id]
    assert [each.order_id for each in order_exports.page(other, now, now, 1).orders] == [order_id]
    assert len(order_exports.next_orders(db.session(), world.settings)) == 0
