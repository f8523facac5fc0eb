"""The scheduler beside the pages: work that was asked for starts, changes leave by themselves, each once."""

import time

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.engine_world import LOGIN
from wholecell.db import db, transaction
from wholecell.models import Integration, InventoryItem, InventoryStatus, Listing, QuantityPush, SyncRun
from wholecell.sandbox import Sandbox
from wholecell.services import integrations, recompute, work
from wholecell.services import settings as own_settings
from wholecell.services.events import Actor
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox() as running:
        monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", running.base_url("backmarket"))
        yield running


@pytest.fixture
def connected(app, settings, sandbox):
    """An integration that was connected through the service, with one listing of three phones."""
    offer = {"grade": "GOOD", "price": "100.00", "currency": "USD", "quantity": 3}
    sandbox.shop.seed_backmarket([{"sku": "S0", "title": "Phone", **offer}])
    make.make_items(make.make_variation("S0"), 3)
    return integrations.add("backmarket", "Back Market", LOGIN, Vault(settings.credentials_keys), ME).id


def until(true, seconds=15):
    """Wait until it is true, looking often."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        db.session.remove()
        if true():
            return True
        time.sleep(0.05)
    return False


def last_run(kind):
    return db.session.scalar(sa.select(SyncRun).where(SyncRun.kind == kind).order_by(SyncRun.id.desc()).limit(1))


def to_repair(count=1):
    status = make.named(InventoryStatus, "Repair").id
    with transaction() as session:
        for item in session.scalars(sa.select(InventoryItem).where(InventoryItem.status_id != status).limit(count)):
            item.status_id = status
            recompute.request(session, Cause.ITEM, ME, variations=[item.variation_id])


def test_the_login_is_stored_encrypted(connected, settings):
    row = db.session.get(Integration, connected)
    assert "token" not in row.login
    assert LOGIN["token"] not in row.secrets
    assert Vault(settings.credentials_keys).open(row.secrets) == {"token": LOGIN["token"]}


def test_from_the_button_to_the_channel_without_another_click(connected, sandbox, schedulers):
    schedulers()
    work.ask(connected, Kind.IMPORT_LISTINGS, ME)
    assert until(lambda: (run := last_run(Kind.IMPORT_LISTINGS)) is not None and run.state == "done")
    assert db.session.scalar(sa.select(Listing.is_connected))
    integrations.arm(connected, ME)
    to_repair()
    assert until(lambda: sandbox.shop.shown("backmarket", sku="S0").quantity == 2)


def test_ten_schedulers_send_each_number_once(connected, sandbox, schedulers):
    schedulers(10)
    work.ask(connected, Kind.IMPORT_LISTINGS, ME)
    assert until(lambda: (run := last_run(Kind.IMPORT_LISTINGS)) is not None and run.state == "done")
    integrations.arm(connected, ME)
    for left in (2, 1, 0):
        to_repair()
        assert until(lambda left=left: sandbox.shop.shown("backmarket", sku="S0").quantity == left)
    assert until(lambda: db.session.scalar(sa.select(sa.func.count()).select_from(QuantityPush)) == 3)
    posts = [call for call in sandbox.shop.calls if call.method == "POST"]
    assert len(posts) == 3
    assert db.session.scalar(sa.select(sa.func.count()).where(SyncRun.kind == Kind.IMPORT_LISTINGS)) == 1


def test_a_sale_there_is_imported_and_lowers_another_channels_number(connected, schedulers, sandbox, settings):
    vault = Vault(settings.credentials_keys)
    second = integrations.add("backmarket", "Second", LOGIN, vault, ME).id
    with transaction() as session:
        session.execute(sa.update(Integration).where(Integration.id == connected).values(imports_orders=True))
        own_settings.put(session, ME, own_settings.ORDERS_EVERY, 1 / 60)
    work.ask(connected, Kind.IMPORT_LISTINGS, ME)
    schedulers()
    until(lambda: db.session.scalar(sa.select(Integration.orders_imported_at).where(Integration.id == connected)))
    until(lambda: db.session.scalar(sa.select(Listing.last_offered)) == 3)
    with transaction() as session:  # as a writer from its first word: the scheduler writes beside it
        make.make_listing(session.get(Integration, second), sku="S0", external_id="elsewhere")
        recompute.request(session, Cause.CONNECTION, ME, integrations=[second])
    until(lambda: numbers_offered() == [3, 3])
    sandbox.shop.sell("backmarket", sku="S0", quantity=2)
    until(lambda: numbers_offered() == [1, 1])
    assert numbers_offered() == [1, 1]


def numbers_offered():
    return list(db.session.scalars(sa.select(Listing.last_offered).order_by(Listing.id)))
