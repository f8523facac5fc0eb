"""The client against the pretend ShipStation on a socket; each call is held against V1's document."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.shipstation.conftest import MANUAL, SHOPIFY
from tests.channels.shipstation.payloads import ORDER, PREFIX, outgoing
from wholecell.channels.contract import CredentialsError, OrderWindow, Stage, TemporaryError
from wholecell.channels.shipstation import paging


def ids(pages):
    return [order.external_id for page in pages for order in page.orders]


def left(connector, since):
    return [one for page in connector.shipments(since) for one in page.shipments]


def test_orders_of_ours_live_there_to_their_end(world):
    connector = world.connect(store=str(MANUAL))
    orders = [outgoing(number) for number in (1, 2, 3, 12)]
    assert [each.refusal for each in connector.send_orders(orders)] == [""] * 4
    there = world.there(f"{PREFIX}-1")
    assert (there.number, there.status, there.store_id) == ("114-1", "awaiting_shipment", MANUAL)
    assert there.placed == ORDER.placed_at
    changed, bad = replace(orders[0], number="114-1b"), replace(orders[1], ship_to=replace(ORDER.ship_to, name=""))
    good, refused = connector.send_orders([changed, bad])
    assert (good.external_id, good.refusal) == (str(there.id), "") and there.number == "114-1b"
    assert refused.refusal == "Ship Name must not be empty"
    (gone,) = connector.send_orders([replace(changed, stage=Stage.CANCELLED)])
    assert (gone.refusal, there.status) == ("", "cancelled")
    assert connector.send_orders([replace(changed, stage=Stage.SHIPPED)]).__next__().refusal == ""
    assert there.status == "cancelled"  # locked there: nothing is marked
    (marked,) = connector.send_orders([replace(orders[2], stage=Stage.SHIPPED)])
    assert (marked.refusal, world.there(f"{PREFIX}-3").status) == ("", "shipped")
    (never,) = connector.send_orders([replace(outgoing(99), stage=Stage.SHIPPED)])
    assert (never.external_id, never.refusal) == ("", "")


@pytest.mark.parametrize("locked", ["refused", "ignored"])
def test_an_order_that_was_shipped_there_meanwhile(world, locked):
    world.set(locked=locked)
    connector, since = world.connect(), datetime.now(UTC) - timedelta(hours=1)
    list(connector.send_orders([ORDER]))
    world.do("label", order=ORDER.number, tracking="9400111899000000000007")
    (update,) = connector.send_orders([replace(ORDER, service="Overnight")])
    assert bool(update.refusal) == (locked == "refused")
    (cancel,) = connector.send_orders([replace(ORDER, stage=Stage.CANCELLED)])
    assert ("shipped this order already" in cancel.refusal) == (locked == "refused")
    (one,) = left(connector, since)
    assert (one.reference, one.number, one.tracking_number) == (ORDER.reference, "114-7", "9400111899000000000007")
    assert (one.carrier, [line.line_id for line in one.lines], one.is_voided) == ("USPS", ["70"], False)


def test_two_parcels_a_mark_a_return_and_a_void(world):
    connector, since = world.connect(), datetime.now(UTC) - timedelta(hours=1)
    two = replace(ORDER, lines=(replace(ORDER.lines[0], quantity=2),))
    list(connector.send_orders([two, outgoing(8)]))
    for tracking in ("T1", "T2"):
        world.do("label", order=ORDER.number, items=[{"line": "70", "quantity": 1}], tracking=tracking)
    world.do("label", order=ORDER.number, is_return=True, tracking="BACK")
    world.do("mark", order="114-8", carrier="ups", tracking="1Z5R89390357567127")
    first, second, marked = left(connector, since)
    assert [(each.tracking_number, each.lines[0].quantity) for each in (first, second)] == [("T1", 1), ("T2", 1)]
    assert (marked.tracking_number, marked.reference) == ("1Z5R89390357567127", "")
    assert marked.order_external_id == str(world.there(f"{PREFIX}-8").id)
    world.do("void", shipment="T2")
    assert [each.tracking_number for each in left(connector, since) if each.is_voided] == ["T2", "T2"]


def test_orders_of_other_stores_come_and_ours_do_not(world):
    list(world.connect(store=str(SHOPIFY)).send_orders([ORDER]))
    web, paid = world.sell(), world.sell(state="awaiting_payment")
    connector = world.connect(import_stores=str(SHOPIFY), reference_prefix=PREFIX)
    assert ids(connector.orders(OrderWindow(is_open_only=True))) == [str(web.id), str(paid.id)]
    since = datetime.now(UTC) - timedelta(hours=1)
    assert sorted(ids(connector.orders(OrderWindow(changed_since=since)))) == [str(web.id), str(paid.id)]
    assert ids(connector.orders(OrderWindow(changed_since=since + timedelta(hours=2)))) == []
    ((order,),) = [page.orders for page in connector.orders_by_id([str(web.id)])]
    assert (order.status, order.lines[0].sku, order.lines[0].price_cents) == ("awaiting_shipment", "A", 28900)
    assert abs(order.placed_at - web.placed) < timedelta(seconds=1)
    assert [store.title for store in connector.stores()] == [
        "Manual Orders (ShipStation)",
        "Second Ring Outlet (Shopify)",
        "Second Ring Parts (WooCommerce)",
    ]
    assert connector.check() == []


@pytest.mark.parametrize("settings", [{"pages_zero": 1}, {"most_rows": 3}, {"poison": "S1004"}])
def test_odd_pages_are_read_to_the_end(world, monkeypatch, settings):
    monkeypatch.setattr(paging, "LARGEST_PAGE", 4)
    sold = [world.sell(number=f"S{1000 + number}") for number in range(10)]
    world.set(**settings)
    connector = world.connect(import_stores=str(SHOPIFY))
    pages = list(connector.orders(OrderWindow(changed_since=datetime.now(UTC) - timedelta(hours=1))))
    missing = {str(sold[4].id)} if "poison" in settings else set()
    assert set(ids(pages)) == {str(each.id) for each in sold} - missing
    assert sum(len(page.unreadable) for page in pages) == len(missing)


def test_refusals(world):
    for limit in world.account.limits.values():
        limit.most = 3
    connector = world.connect()
    with pytest.raises(TemporaryError) as caught:
        for _ in range(4):
            connector.stores()
    assert 0 < caught.value.retry_after <= 60
    world.set(throttled_status=400)
    with pytest.raises(TemporaryError, match="slow down"):
        connector.stores()
    with pytest.raises(CredentialsError):
        replaced = world.connect()
        replaced._calls._http._reading.headers["Authorization"] = "Basic nope"
        replaced.check()
