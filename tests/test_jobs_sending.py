"""From the click to the channel: what is told about orders leaves within a second, once, whoever looks."""

import time

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.engine_world import LOGIN
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, SalesOrder, Shipment, SyncRun
from wholecell.sandbox import Sandbox
from wholecell.services import commit, integrations, shipments, sync
from wholecell.services.events import Actor
from wholecell.services.shipments import NewShipment
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()
UPS = "1Z5R89390357567127"


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox() as running:
        for limit in running.shop.account("backmarket").limits.values():
            limit.most = None
        offer = {"grade": "GOOD", "price": "100.00", "currency": "USD", "quantity": 3}
        running.shop.seed_backmarket([{"sku": "S0", "title": "Phone", **offer}])
        monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", running.base_url("backmarket"))
        yield running


@pytest.fixture
def sold(app, settings, sandbox):
    """An order that a customer of the sandbox placed, waiting to be accepted: ours, theirs, and a phone for it."""
    vault = Vault(settings.credentials_keys)
    key = integrations.add("backmarket", "Back Market", LOGIN, vault, ME).id
    with transaction() as session:
        session.get_one(Integration, key).imports_orders = True
    theirs = sandbox.shop.sell("backmarket", sku="S0")
    phone = make.make_item(make.make_variation("S0")).esn  # before anybody else writes
    db.session.remove()
    sync.run_work(key, Kind.IMPORT_ORDERS, vault)
    db.session.remove()
    return db.session.scalar(sa.select(SalesOrder.id)), theirs, phone


def until(true, seconds=15):
    """How long it took until it was true; fails when it never was."""
    began = time.monotonic()
    while not true():
        db.session.remove()
        assert time.monotonic() < began + seconds
        time.sleep(0.02)
    return time.monotonic() - began


def pack(order_id, esn):
    """Scan the phone for the order and put it in a shipment."""
    done = commit.commit(order_id, esn, ME)
    new = NewShipment("UPS", "Ground", UPS, "", utcnow(), [done.commitment_id])
    return shipments.add(order_id, new, ME)


def states(theirs):
    return [int(line.state) for line in theirs.lines]


def test_a_click_reaches_the_channel_within_a_second_or_so(sold, schedulers):
    order_id, theirs, esn = sold
    assert db.session.get(SalesOrder, order_id).is_to_accept
    schedulers()
    key = pack(order_id, esn)
    db.session.remove()
    assert shipments.of_order(order_id)[0].problem == "It is sent as soon as the order is accepted."
    shipments.ask_accept([order_id], ME)
    # Half a second until somebody looks, and the calls themselves; a busy machine gets some more.
    assert until(lambda: states(theirs) == [3]) < 5
    until(lambda: db.session.get(Shipment, key, populate_existing=True).state == "sent")
    assert (theirs.tracking_number, theirs.shipper, theirs.lines[0].imei) == (UPS, "UPS Ground", esn)
    (unit,) = shipments.of_order(order_id)[0].units
    assert unit.esn_sent_at and not unit.esn_problem


def test_ten_schedulers_tell_it_once(sold, schedulers, sandbox):
    order_id, theirs, esn = sold
    schedulers(10)
    shipments.ask_accept([order_id], ME)
    until(lambda: states(theirs) == [2])
    until(lambda: not db.session.get(SalesOrder, order_id, populate_existing=True).is_to_accept)
    key = pack(order_id, esn)
    until(lambda: db.session.get(Shipment, key, populate_existing=True).state == "sent")
    time.sleep(1.2)  # all of them have looked again
    assert [call.status for call in sandbox.shop.calls if call.method == "POST"] == [200, 200]
    runs = sa.select(sa.func.count()).where(SyncRun.kind == Kind.SEND_SHIPMENTS)
    assert db.session.scalar(runs) <= 2  # one where the shipment came while that of the accept was still running


def test_the_next_import_agrees_with_what_was_told(sold, settings):
    order_id, theirs, esn = sold
    vault = Vault(settings.credentials_keys)
    integration_id = db.session.get(SalesOrder, order_id).integration_id
    shipments.ask_accept([order_id], ME)
    pack(order_id, esn)
    for kind in (Kind.SEND_SHIPMENTS, Kind.IMPORT_ORDERS):
        db.session.remove()
        sync.run_work(integration_id, kind, vault)
    db.session.remove()
    order = db.session.get(SalesOrder, order_id)
    assert (states(theirs), order.channel_status, order.is_to_be_scanned) == ([3], "shipped", False)
    assert db.session.get(make.SalesOrderStatus, order.status_id).title == "Shipped"
