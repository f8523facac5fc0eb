"""The engine against the pretend Swappa: numbers out, an order in, its shipment with IMEIs out."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import parcel
from wholecell.channels.contract import RateLimit
from wholecell.channels.swappa import access
from wholecell.db import db
from wholecell.models import Integration, InventoryItem, Listing, OrderItem, SalesOrder, Shipment, SyncRun
from wholecell.sandbox import Sandbox, Shop
from wholecell.services import commit, integration_page, integrations, offers, shipments, sync
from wholecell.services.events import Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()
LOGIN = {"mode": "rest", "way": "token", "token": "sandbox-swappa-token"}


class Seller:
    """Three phones of A, listed on Swappa as nine, connected and armed."""

    def __init__(self, app, sandbox):
        self.shop, self.vault = sandbox.shop, Vault(app.extensions["wholecell"].credentials_keys)
        row = {"title": "iPhone 13", "price": "289.00", "currency": "USD", "quantity": 9}
        (self.offer,) = self.shop.seed("swappa", [row | {"sku": "A"}])
        make.make_items(make.make_variation("A"), 3)
        self.id = integration_page.connect("swappa", "Swappa", LOGIN, self.vault, ME).id
        self.run(Kind.IMPORT_LISTINGS)
        integrations.arm(self.id, ME)
        self.push()

    def run(self, kind):
        db.session.remove()
        sync.run_work(self.id, kind, self.vault)
        db.session.remove()
        found = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert (found.kind, found.state, found.problem) == (kind, "done", "")

    def push(self):
        db.session.remove()
        while offers.compute_requested():
            pass
        self.run(Kind.PUSH_QUANTITIES)


@pytest.fixture
def seller(app, monkeypatch):
    monkeypatch.setattr(access, "REQUESTS", RateLimit("requests", count=100, seconds=1.0, burst=100))
    with Sandbox(Shop()) as sandbox:
        sandbox.shop.reset(empty=True)
        for name, url in sandbox.variables("swappa").items():
            monkeypatch.setenv(name, url)
        yield Seller(app, sandbox)


def one(model):
    return db.session.scalars(sa.select(model)).one()


def test_an_order_from_its_sale_to_its_shipment(seller):
    assert (one(Listing).last_synced, seller.offer.quantity) == (3, 3)
    sale = seller.shop.sell("swappa", sku="A", quantity=2)
    seller.run(Kind.IMPORT_ORDERS)
    order, item = one(SalesOrder), one(OrderItem)
    assert (order.external_id, order.channel_status, order.buyer) == (str(sale.id), "paid", sale.person["name"])
    order_id, item_id = order.id, item.id
    seller.push()
    assert one(Listing).last_synced == 1
    phones = db.session.scalars(sa.select(InventoryItem.esn).order_by(InventoryItem.id).limit(2)).all()
    chosen = [commit.commit(order_id, esn, ME).commitment_id for esn in phones]
    shipments.add(order_id, parcel(*chosen), ME, is_sure=True)
    seller.run(Kind.SEND_SHIPMENTS)
    assert one(Shipment).state == "sent"
    (told,) = sale.shipments.values()
    assert told["items"] == [{"listing_id": seller.offer.id, "imeis": phones}]
    seller.run(Kind.IMPORT_ORDERS)
    assert one(SalesOrder).channel_status == "shipped"
    assert db.session.get(OrderItem, item_id).shipped == 2
    seller.run(Kind.REPAIR)
    assert one(Listing).last_imported == 1
    assert not db.session.get(Integration, seller.id).login_problem
