"""The engine against the pretend ShipStation by its API: orders out and in, shipments in and on, hints."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.channels.shipstation.conftest import KEYS, MANUAL, SHOPIFY
from tests.ship_world import ME, UPS, use_fake_channel
from tests.shipping_world import ShippingWorld
from wholecell.channels.contract import RateLimit
from wholecell.channels.shipstation import calls
from wholecell.db import db, transaction, utcnow
from wholecell.jobs import wanted
from wholecell.models import HandedOrder, Integration, SalesOrder, SyncRun, Work
from wholecell.services import (
    integration_page,
    integrations,
    outgoing_due,
    shipment_notices,
    shipments,
    shipping_settings,
    shipping_stores,
    sync,
)
from wholecell.services.refusal import Refusal
from wholecell.services.shipping_stores import StoreChoice
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


class Seller(ShippingWorld):
    """Orders of a marketplace, and ShipStation by its API: ours go to one store, another one's come here."""

    def __init__(self, app, world, monkeypatch):
        super().__init__()
        self.pretend, self.vault = world, Vault(app.extensions["wholecell"].credentials_keys)
        monkeypatch.setenv("WHOLECELL_SHIPSTATION_BASE_URL", world.sandbox.base_url("shipstation"))
        login = {"mode": "api", **KEYS}
        self.shipper_id = integration_page.connect("shipstation", "By API", login, self.vault, ME).id
        with transaction() as session:
            shipping_settings.ensure(session, self.shipper_id)
        self.hand(channels=frozenset({"Backmarket"}))
        shipping_stores.read(self.shipper_id, self.vault)

    def choose(self, target=str(MANUAL), *imported):
        shipping_stores.save(self.shipper_id, StoreChoice(frozenset(imported), target, True), ME)
        saved = integrations.settings_of(db.session.get(Integration, self.shipper_id))
        new = replace(saved, orders=replace(saved.orders, imports=bool(imported)))
        integrations.save_settings(self.shipper_id, new, ME)

    def do(self, kind):
        db.session.remove()
        sync.run_work(self.shipper_id, kind, self.vault)
        db.session.remove()
        run = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert (run.kind, run.state, run.problem) == (kind, "done", "")
        return run.counts

    def parcels(self, order_id):
        db.session.remove()
        return [
            (each.tracking_number, each.state.value, each.voided_at is None) for each in shipments.of_order(order_id)
        ]


@pytest.fixture
def seller(app, world, monkeypatch):
    monkeypatch.setattr(calls, "CALLS", RateLimit("calls", count=1000, seconds=1.0, burst=1000))
    use_fake_channel(monkeypatch)
    return Seller(app, world, monkeypatch)


def test_an_order_goes_there_and_its_shipments_come_back_and_on(seller):
    seller.choose()
    order_id = seller.order(2)
    assert outgoing_due.integrations_with_due() == [seller.shipper_id]
    assert seller.do(Kind.SEND_ORDERS) == {"sent": 1}
    there = seller.pretend.there(seller.reference(order_id))
    assert (there.store_id, there.status) == (MANUAL, "awaiting_shipment")
    assert db.session.get(HandedOrder, (seller.shipper_id, order_id)).external_id == str(there.id)
    assert (seller.shipper_id, Kind.IMPORT_SHIPMENTS) in wanted(utcnow())
    line = there.items[0]["lineItemKey"]
    seller.pretend.do("label", order=there.number, items=[{"line": line, "quantity": 1}], tracking=UPS, carrier="ups")
    assert seller.do(Kind.IMPORT_SHIPMENTS)["added"] == 1
    assert seller.parcels(order_id) == [(UPS, "waiting", True)]
    assert seller.status(order_id) == "Awaiting shipment"  # one of its phones has not left
    seller.run()
    assert [parcel.tracking_number for parcel in seller.channel.parcels] == [UPS]
    seller.pretend.do("label", order=there.number, tracking="1Z5R89390357567136", carrier="ups")
    seller.do(Kind.IMPORT_SHIPMENTS)
    assert seller.status(order_id) == "Shipped"
    seller.pretend.do("void", shipment="1Z5R89390357567136")  # before it was told on
    seller.do(Kind.IMPORT_SHIPMENTS)
    assert seller.parcels(order_id) == [(UPS, "sent", True), ("1Z5R89390357567136", "waiting", False)]
    seller.run()
    assert len(seller.channel.parcels) == 1
    assert seller.status(order_id) == "Awaiting shipment"
    assert seller.do(Kind.SEND_ORDERS) == {}  # it knows what it shipped


def test_an_order_that_left_otherwise_is_marked_there_and_stays_one_shipment_here(seller):
    seller.choose()
    order_id = seller.order(1)
    seller.do(Kind.SEND_ORDERS)
    seller.ship(order_id)
    seller.do(Kind.SEND_ORDERS)
    assert seller.pretend.there(seller.reference(order_id)).status == "shipped"
    assert seller.do(Kind.IMPORT_SHIPMENTS) == {"not read": 0, "of other orders": 0, "known": 1}
    assert seller.parcels(order_id) == [(UPS, "waiting", True)]


def test_orders_of_a_chosen_store_come_and_ours_do_not_come_back(seller):
    with pytest.raises(Refusal):
        seller.choose(str(SHOPIFY), str(SHOPIFY))
    with pytest.raises(Refusal):
        seller.choose("77")
    seller.choose(str(MANUAL), str(SHOPIFY))
    ours = seller.order(1)
    seller.do(Kind.SEND_ORDERS)
    seller.pretend.there(seller.reference(ours)).store_id = SHOPIFY  # whatever store it came to lie in
    sold = seller.pretend.sell()
    assert seller.do(Kind.IMPORT_ORDERS)["new"] == 1
    row = db.session.scalars(sa.select(SalesOrder).where(SalesOrder.integration_id == seller.shipper_id)).one()
    assert (row.external_id, row.number, row.channel) == (str(sold.id), sold.number, "ShipStation")
    imported = row.id
    assert seller.status(imported) == "Awaiting shipment"
    seller.do(Kind.SEND_ORDERS)
    assert db.session.get(HandedOrder, (seller.shipper_id, imported)) is None  # it is there already
    seller.pretend.do("label", order=sold.number, tracking=UPS, carrier="ups")
    seller.do(Kind.IMPORT_SHIPMENTS)
    assert seller.parcels(imported) == [(UPS, "here only", True)]
    assert seller.status(imported) == "Shipped"
    shown = shipping_stores.show(seller.shipper_id)
    assert [(store.title, store.is_imported, store.is_target) for store in shown.rows][:2] == [
        ("Manual Orders (ShipStation)", False, True),
        ("Second Ring Outlet (Shopify)", True, False),
    ]


def test_a_hint_makes_us_look_and_nothing_else(seller, app):
    with pytest.raises(Refusal):
        shipment_notices.begin(seller.shipper_id, "http://shop.example/{secret}", seller.vault, ME)
    for _ in range(2):
        shipment_notices.begin(seller.shipper_id, "https://shop.example/{secret}", seller.vault, ME)
    (hook,) = seller.pretend.account.webhooks.values()  # the one before is ended
    secret = vars(hook)["url"].rpartition("/")[2]
    assert len(secret) > 40
    good = {"resource_url": "https://ssapi6.shipstation.com/shipments?batchId=1", "resource_type": "SHIP_NOTIFY"}
    odd = {"resource_url": "https://evil.example/shipments"}
    client = app.test_client()

    def post(key, body):
        return client.post(f"/channels/shipstation/shipped/{key}", data=json.dumps(body)).status_code

    def is_wanted():
        db.session.remove()
        return db.session.get(Work, (seller.shipper_id, Kind.IMPORT_SHIPMENTS)).wanted_at is not None

    assert [post("x" * 43, good), post(secret, odd), post(secret[:-1], good)] == [404, 400, 404]
    assert not is_wanted()
    calls_before = len(seller.pretend.shop.calls)
    assert post(secret, good) == 200 and is_wanted()
    assert len(seller.pretend.shop.calls) == calls_before  # the address it names is not called


def test_a_store_that_is_gone_is_said_once_a_day(seller):
    seller.choose(str(MANUAL), str(SHOPIFY))
    seller.pretend.account.stores[SHOPIFY].active = False
    db.session.execute(sa.update(Integration).values(checked_at=None))
    db.session.commit()
    for _ in range(2):
        seller.do(Kind.IMPORT_SHIPMENTS)
    notes = db.session.get(Integration, seller.shipper_id).account_notes
    assert notes == [f"Store {SHOPIFY} is not in ShipStation any more, or is switched off there."]
    assert [call.path for call in seller.pretend.shop.calls].count(
        "/shipstation/stores"
    ) == 3  # connected, read, checked
