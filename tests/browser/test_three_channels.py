"""One SKU on three channels: a sale on any of them lowers the other two, and what Amazon ships itself stays."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.accessibility import check, look_at
from tests.browser.waiting import until
from wholecell import jobs
from wholecell.channels.amazon import listing_reading
from wholecell.db import db, transaction
from wholecell.models import Integration, InventoryStatus, Listing, QuantityPush, SalesOrder, Warehouse
from wholecell.sandbox import Sandbox
from wholecell.services import receiving
from wholecell.services import settings as own_settings
from wholecell.services.events import Actor
from wholecell.services.receiving import NewItem

pytestmark = pytest.mark.browser

ME = Actor()
SKU, FBA = "IP13-UNL-128-MN-A", "IP13-UNL-128-MN-A-FBA"
KINDS = ("backmarket", "amazon", "walmart")
TITLE = "iPhone 13 128GB - Midnight"
ROW = {"title": TITLE, "price": "329.00", "currency": "USD", "quantity": 3}
LOGINS = {
    "backmarket": {
        "Token": "sandbox-backmarket-token",
        "Company": "Second Ring",
        "Contact email": "maya@example.com",
    },
    "amazon": {
        "Seller id": "A1SANDBOXSELLER",
        "LWA client id": "sandbox-amazon-client",
        "LWA client secret": "sandbox-amazon-secret",
        "Refresh token": "sandbox-amazon-refresh",
    },
    "walmart": {"Client ID": "sandbox-walmart-client", "Client secret": "sandbox-walmart-secret"},
}


@pytest.fixture
def sandbox(monkeypatch):
    """Three marketplaces with the limits of their documents; Amazon's report is there, and looked for, sooner."""
    monkeypatch.setattr(listing_reading, "LOOK_AGAIN", 2.0)
    with Sandbox() as running:
        for kind in KINDS:
            monkeypatch.setenv(f"WHOLECELL_{kind.upper()}_BASE_URL", running.base_url(kind))
        running.shop.account("amazon").settings |= {"report_seconds": 1.0, "order_lag_seconds": 0.0}
        running.shop.account("walmart").settings["holds_back"] = 0
        running.shop.seed("backmarket", [{**ROW, "sku": SKU, "grade": "EXCELLENT"}])
        running.shop.seed("amazon", [{**ROW, "sku": SKU}, {**ROW, "sku": FBA, "quantity": 7, "fulfillment": "AMAZON"}])
        running.shop.seed("walmart", [{**ROW, "sku": SKU}])
        yield running


@pytest.fixture
def scheduled(site):
    with transaction() as session:
        own_settings.put(session, ME, own_settings.ORDERS_EVERY, 1 / 30)
    scheduler = jobs.start(site.app)
    yield
    jobs.stop(site.app, scheduler)


@pytest.fixture
def phones(site):
    """Three phones of the SKU; the SKU of what Amazon ships itself is in the catalog, without a phone."""
    available, warehouse = make.named(InventoryStatus, "Available").id, make.named(Warehouse, "Main warehouse").id
    variation = make.make_variation(SKU, product=make.make_product("iPhone 13", capacity="128GB", color="Midnight"))
    make.make_variation(FBA, grade="B")
    for number in range(3):
        receiving.receive(NewItem(make.imei(710_000 + number), variation.id, available, warehouse), ME)


def connect(page, site, kind):
    """Enter the login, import the listings, switch on orders, arm."""
    page.goto(f"{site.url}/integrations/connect/{kind}")
    for label, value in LOGINS[kind].items():
        page.get_by_label(label, exact=True).fill(value)
    if kind == "backmarket":
        page.get_by_label("Main market").select_option("en-us")
    check(page)
    page.get_by_role("button", name="Try the login and connect").click()
    page.wait_for_url(re.compile(r"/integrations/\d+"))
    number = re.search(r"/integrations/(\d+)", page.url)[1]
    page.goto(f"{site.url}/integrations/{number}/listings")
    page.get_by_role("button", name="Sync Listings").click()
    expect(page.get_by_text("Listings synced")).to_be_visible(timeout=90_000)
    with transaction() as session:
        session.execute(sa.update(Integration).where(Integration.id == int(number)).values(imports_orders=True))
    page.goto(f"{site.url}/integrations/{number}/preview")
    page.get_by_role("button", name="Arm").first.click()
    expect(page.get_by_text("Armed").first).to_be_visible()
    return int(number)


def test_a_sale_on_any_channel_lowers_the_others(site, page, sandbox, phones, scheduled):
    shop = sandbox.shop
    page.set_default_timeout(20_000)
    site.sign_in(page)
    numbers = [connect(page, site, kind) for kind in KINDS]

    def shown():
        return [shop.shown(kind, sku=SKU).quantity for kind in KINDS]

    until(lambda: orders_read() == 3)
    assert shown() == [3, 3, 3]
    for sold, left in zip(KINDS, (2, 1, 0), strict=True):
        shop.sell(sold, sku=SKU)
        until(lambda left=left: shown() == [left] * 3)
        until(lambda left=left: count(SalesOrder.id) == 3 - left)

    page.goto(f"{site.url}/listings/")
    expect(page.get_by_role("link", name=TITLE).first).to_be_visible()
    look_at(page)
    own_stock = db.session.scalar(sa.select(Listing).where(Listing.sku == FBA))
    assert (own_stock.is_pushable, count(QuantityPush.id, QuantityPush.listing_id == own_stock.id)) == (False, 0)
    assert shop.shown("amazon", sku=FBA).amazon_quantity == 7
    for path in (f"/integrations/{numbers[1]}/history", f"/listings/{own_stock.id}"):
        page.goto(site.url + path)
        look_at(page)


def orders_read():
    return count(Integration.id, Integration.orders_imported_at.is_not(None))


def count(column, *where):
    return db.session.scalar(sa.select(sa.func.count(column)).where(*where))
