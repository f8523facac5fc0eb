"""The demo shop: its figures, and that its first round of pushes puts the sandbox right."""

import pytest
import sqlalchemy as sa
from stdnum import imei

from tests import factories as make
from wholecell.channels import addresses, base_url, discover
from wholecell.commands.demo import pretended
from wholecell.db import db
from wholecell.demo import orders, seed
from wholecell.demo.catalog import plan
from wholecell.models import (
    Integration,
    InventoryItem,
    InventoryStatus,
    Listing,
    Location,
    OrderItem,
    Product,
    ProductVariation,
    QuantityPush,
    Role,
    SalesOrder,
    Shipment,
    User,
    Warehouse,
)
from wholecell.sandbox import Sandbox, Shop
from wholecell.sandbox.backmarket.states import LineState
from wholecell.services import pacing, sync
from wholecell.services.availability import quantities
from wholecell.services.order_state import is_to_accept, is_unknown_sku
from wholecell.services.oversold import shortages
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@pytest.fixture
def vault(settings):
    return Vault(settings.credentials_keys)


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox() as sandbox:
        monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", sandbox.base_url(seed.KIND))
        monkeypatch.setattr(pacing.SharedLimiter, "take", lambda *_: None)  # the sandbox does not mind
        yield sandbox


@pytest.fixture
def shop(app, sandbox, vault):
    shop_plan = plan()
    seed.put_up(sandbox.shop, shop_plan)
    seed.seed(shop_plan, vault, sandbox.shop)
    return sandbox.shop


def count(model, *where):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def connected():
    return db.session.scalars(sa.select(Listing).where(Listing.is_connected)).all()


def test_the_same_shop_every_time():
    assert plan() == plan()
    assert plan() != plan(seed=1)


def test_figures(shop):
    assert count(Product) == 40
    assert count(ProductVariation, ProductVariation.sku.is_not(None)) == 200
    assert count(InventoryItem) == 1500
    assert count(Warehouse) == 3
    assert count(Listing) == 60
    assert len(connected()) == 50
    assert count(Integration, Integration.armed_at.is_not(None)) == 1
    assert all(imei.is_valid(esn) for esn in db.session.scalars(sa.select(InventoryItem.esn)))
    roles = db.session.scalars(sa.select(Role.name).join(User.roles))
    assert sorted(roles) == ["admin", "manager", "picker", "viewer"]


def test_every_status_warehouse_and_location_has_phones(shop):
    for column, model in (("status_id", InventoryStatus), ("warehouse_id", Warehouse), ("location_id", Location)):
        used = sa.select(getattr(InventoryItem, column))
        assert count(model) > 0
        assert count(model, model.id.not_in(used.where(getattr(InventoryItem, column).is_not(None)))) == 0


def test_orders_of_every_kind_of_work(shop):
    assert count(SalesOrder) == len(orders.SALES) + 2
    assert count(SalesOrder, is_to_accept()) == 3
    assert count(OrderItem, is_unknown_sku()) == 1
    assert count(Shipment, Shipment.state == "sent") == 2
    states = [[line.state for line in order.lines] for order in shop.visible_orders(seed.KIND)]
    assert states.count([LineState.SHIPPED]) == 2
    assert count(SalesOrder, SalesOrder.integration_id.is_(None)) == 1
    assert shortages() == []


def test_a_sandbox_started_anew_gives_no_number_twice(shop):
    shop.reset()
    make.make_order(integration=make.make_integration("ebay"), external_id="14-13750-10001")  # numbered in its own way
    seed.recall(shop)
    [listing] = [each for each in shop.account(seed.KIND).listings.values() if each.sku == orders.STRANGERS[0][0]]
    sold = shop.sell(seed.KIND, sku=listing.sku)
    assert not count(SalesOrder, SalesOrder.external_id == str(sold.id))


def test_one_round_of_pushes_puts_the_sandbox_right(shop, vault):
    before = {each.external_id: shop.account(seed.KIND).listings[each.external_id].quantity for each in connected()}
    offers = quantities()
    wrong = [each for each in connected() if before[each.external_id] != offers[each.id].offered]
    assert len(wrong) >= 10
    [integration_id] = db.session.scalars(sa.select(Integration.id))
    sold = [each for each in connected() if each.order_seen_at is not None and each not in wrong]
    run = sync.run_work(integration_id, Kind.PUSH_QUANTITIES, vault)
    assert run.counts == {"sent": len(wrong) + len(sold), "accepted": len(wrong) + len(sold)}
    assert count(QuantityPush) == len(wrong) + len(sold)
    for each in connected():
        assert shop.account(seed.KIND).listings[each.external_id].quantity == offers[each.id].offered


def test_a_sandbox_started_anew_shows_what_it_showed(shop, vault):
    [integration_id] = db.session.scalars(sa.select(Integration.id))
    sync.run_work(integration_id, Kind.PUSH_QUANTITIES, vault)
    shown = {key: listing.quantity for key, listing in shop.account(seed.KIND).listings.items()}
    shop.reset()
    assert shown != {key: listing.quantity for key, listing in shop.account(seed.KIND).listings.items()}
    db.session.remove()
    seed.recall(shop)
    assert shown == {key: listing.quantity for key, listing in shop.account(seed.KIND).listings.items()}


def test_whatever_is_connected_is_the_pretended():
    with Sandbox() as sandbox:
        environ = pretended(sandbox)
        pretends = [channel for kind, channel in discover().items() if kind in sandbox.shop.marketplaces]
        told = {url for channel in pretends for url in addresses(channel, environ).values()}
        assert {base_url(channel, "", environ) for channel in pretends} <= told == set(environ.values())
        assert len(pretends) >= 3


def test_another_marketplace_lists_in_its_own_way():
    pretended_shop = Shop()
    seed.put_up(pretended_shop, plan())
    account = pretended_shop.account("ebay")
    assert len(account.listings) == seed.ELSEWHERE
    varied = [len(item.units) for item in account.items.values() if item.is_varied]
    assert len(varied) == 3 and min(varied) == 3
    assert [item.type for item in account.items.values()].count("Chinese") == 1
