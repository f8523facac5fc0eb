"""One SKU on five channels: a sale on any of them lowers the others; FBA stock and an auction stay."""

import re
from pathlib import PurePosixPath
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.accessibility import check, look_at
from tests.browser.waiting import until
from tests.by_hand_world import make_by_hand, upload
from wholecell import jobs
from wholecell.channels.amazon import listing_reading
from wholecell.channels.ebay import order_reading
from wholecell.db import db, transaction
from wholecell.models import Integration, InventoryStatus, Listing, QuantityPush, SalesOrder, Warehouse
from wholecell.sandbox import Sandbox
from wholecell.services import receiving
from wholecell.services import settings as own_settings
from wholecell.services.events import Actor
from wholecell.services.receiving import NewItem

pytestmark = pytest.mark.browser

ME = Actor()
SKU, FBA, OTHER = "IP13-UNL-128-MN-A", "IP13-UNL-128-MN-A-FBA", "IP13-UNL-128-MN-C"
KINDS = ("backmarket", "amazon", "walmart", "ebay")
TITLE = "iPhone 13 128GB - Midnight"
ROW = {"title": TITLE, "price": "329.00", "currency": "USD", "quantity": 5}
AUCTION = "iPhone 13 128GB, auction"
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
FILES = {
    "listings": f"listing_id,sku,title,price,quantity\nBCDE2345,{SKU},{TITLE},329.00,5\n",
    "orders": f"order_id,order_date,sku,quantity,unit_price\nSW-1001,2026-01-05,{SKU},1,329.00\n",
}


@pytest.fixture
def sandbox(monkeypatch, site):
    """Four marketplaces with the limits of their documents, but quicker to answer: Amazon's report and eBay's orders
    are there, and looked for, sooner."""
    monkeypatch.setattr(listing_reading, "LOOK_AGAIN", 2.0)
    monkeypatch.setattr(order_reading, "LAG", order_reading.LAG * 0)
    with Sandbox() as running:
        for kind in KINDS:
            monkeypatch.setenv(f"WHOLECELL_{kind.upper()}_BASE_URL", running.base_url(kind))
        running.shop.account("amazon").settings |= {"report_seconds": 1.0, "order_lag_seconds": 0.0}
        running.shop.account("walmart").settings["holds_back"] = 0
        # What a seller enters once at eBay beside the name of the address.
        running.shop.account("ebay").settings["accepted_url"] = f"{site.url}/integrations/signed-in/ebay"
        running.shop.seed("backmarket", [{**ROW, "sku": SKU, "grade": "EXCELLENT"}])
        running.shop.seed("amazon", [{**ROW, "sku": SKU}, {**ROW, "sku": FBA, "quantity": 7, "fulfillment": "AMAZON"}])
        running.shop.seed("walmart", [{**ROW, "sku": SKU}])
        grades = [{**ROW, "sku": sku, "group": TITLE, "specifics": {"Grade": sku[-1]}} for sku in (SKU, OTHER)]
        running.shop.seed("ebay", [*grades, {**ROW, "sku": SKU, "title": AUCTION, "type": "Chinese", "quantity": 1}])
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
    """Five phones of the SKU; the SKU of what Amazon ships itself is in the catalog, without a phone."""
    available, warehouse = make.named(InventoryStatus, "Available").id, make.named(Warehouse, "Main warehouse").id
    variation = make.make_variation(SKU, product=make.make_product("iPhone 13", capacity="128GB", color="Midnight"))
    make.make_variation(FBA, grade="B")
    for number in range(5):
        receiving.receive(NewItem(make.imei(710_000 + number), variation.id, available, warehouse), ME)


def sign_in_at_ebay(page, site, sandbox):
    """The keys of the app once; then over eBay's own page and back: the code is in the address, our state with it."""
    page.goto(f"{site.url}/settings/apps")
    keys = sandbox.shop.account("ebay").settings
    card = page.locator("#ebay")
    for label, key in (("App ID", "client_id"), ("Cert ID", "client_secret"), ("RuName", "ru_name")):
        card.get_by_label(label).fill(keys[key])
    card.get_by_role("button", name="Save").click()
    card.get_by_role("link", name="Connect a login").click()
    page.get_by_role("button", name="Go on to signing in").click()
    check(page)
    page.get_by_role("link", name="Continue to eBay").click()
    asked = parse_qs(urlsplit(page.url).query)
    with page.expect_request(re.compile("/integrations/signed-in/ebay")) as back:
        page.get_by_role("button", name="Agree").click()
    answered = parse_qs(urlsplit(back.value.url).query)
    assert answered["state"] == asked["state"] and answered["code"]
    page.wait_for_url(re.compile(r"/integrations/\d+/listings$"))  # neither code nor state stays in the address


def log_in(page, site, kind):
    page.goto(f"{site.url}/integrations/connect/{kind}")
    for label, value in LOGINS[kind].items():
        page.get_by_label(label, exact=True).fill(value)
    if kind == "backmarket":
        page.get_by_label("Main market").select_option("en-us")
    check(page)
    page.get_by_role("button", name="Try the login and connect").click()
    page.wait_for_url(re.compile(r"/integrations/\d+"))


def connect(page, site, sandbox, kind):
    """Enter the login, see the listings come in by themselves, switch on orders, arm."""
    if kind == "ebay":
        sign_in_at_ebay(page, site, sandbox)
    else:
        log_in(page, site, kind)
    number = re.search(r"/integrations/(\d+)", page.url)[1]
    expect(page.get_by_text("Listings synced")).to_be_visible(timeout=90_000)
    with transaction() as session:
        session.execute(sa.update(Integration).where(Integration.id == int(number)).values(imports_orders=True))
    page.goto(f"{site.url}/integrations/{number}/preview")
    page.get_by_role("button", name="Arm").first.click()
    expect(page.get_by_text("Armed").first).to_be_visible()
    return int(number)


def send_a_file(page, site, number, kind):
    page.goto(f"{site.url}/uploads/new?kind={kind}&integration={number}")
    page.get_by_label("CSV or XLSX file").set_input_files(
        {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": FILES[kind].encode()}
    )
    page.get_by_role("button", name="Read it, change nothing yet").click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Applied").first).to_be_visible()


def enter_by_hand(page, site, number, left):
    """The number waits on its page and on Today, goes out as a file, and is stored once somebody says so."""
    here = f"{site.url}/integrations/{number}/updates"
    row = listing(SKU, number)
    page.goto(f"{site.url}/listings/{row.id}")
    expect(page.get_by_text(f"Waiting for manual update: {row.last_imported} becomes {left}")).to_be_visible()
    page.goto(here)
    page.get_by_role("button", name="File of what changed").click()
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    text = download.value.path().read_text("utf-8-sig")
    assert PurePosixPath(download.value.suggested_filename).suffix == ".csv"
    assert re.search(rf"BCDE2345,.*\b{left}\b", text), text
    assert listing(SKU, number).last_synced is None
    page.get_by_role("button", name="I have entered these").click()
    expect(page.get_by_text("No number waits")).to_be_visible()
    assert listing(SKU, number).last_synced == left


@pytest.fixture
def hosts(page):
    """Every host the browser talked to."""
    seen = set()
    page.on("request", lambda request: seen.add(urlsplit(request.url).netloc))
    return seen


def test_a_sale_on_any_channel_lowers_the_others(site, page, hosts, sandbox, phones, scheduled):
    shop = sandbox.shop
    page.set_default_timeout(20_000)
    site.sign_in(page)
    numbers = [connect(page, site, sandbox, kind) for kind in KINDS]
    by_hand = make_by_hand()
    upload(by_hand, "listings", FILES["listings"])

    def shown():
        return [shop.shown(kind, sku=SKU).quantity for kind in KINDS]

    until(lambda: orders_read() == len(KINDS))
    assert shown() == [5, 5, 5, 5]
    for sold, left in zip(KINDS, (4, 3, 2, 1), strict=True):
        shop.sell(sold, sku=SKU)
        until(lambda left=left: shown() == [left] * 4)
        until(lambda left=left: count(SalesOrder.id) == 5 - left)
        until(lambda left=left: listing(SKU, by_hand).last_offered == left)
    send_a_file(page, site, by_hand, "orders")
    until(lambda: shown() == [0] * 4)
    enter_by_hand(page, site, by_hand, 0)

    page.goto(f"{site.url}/listings/")
    expect(page.get_by_role("link", name=TITLE).first).to_be_visible()
    look_at(page)
    auction = next(each for each in shop.account("ebay").listings.values() if each.title == AUCTION)
    unmoved = [listing(FBA), db.session.scalars(sa.select(Listing).filter_by(title=AUCTION)).one()]
    assert [(each.is_pushable, count(QuantityPush.id, QuantityPush.listing_id == each.id)) for each in unmoved] == [
        (False, 0),
        (False, 0),
    ]
    assert (shop.shown("amazon", sku=FBA).amazon_quantity, auction.quantity) == (7, 1)
    other = listing(OTHER)
    assert (other.is_connected, other.group_id) == (False, listing(SKU, numbers[3]).group_id)
    page.goto(f"{site.url}/listings/{unmoved[1].id}")
    look_at(page)
    assert hosts == {urlsplit(site.url).netloc, urlsplit(sandbox.url).netloc}


def listing(sku, integration_id=None):
    """The one with this SKU that is no auction, as it is now."""
    db.session.remove()
    query = sa.select(Listing).where(Listing.sku == sku, Listing.title != AUCTION)
    if integration_id is not None:
        query = query.where(Listing.integration_id == integration_id)
    return db.session.scalars(query).one()


def orders_read():
    return count(Integration.id, Integration.orders_imported_at.is_not(None))


def count(column, *where):
    return db.session.scalar(sa.select(sa.func.count(column)).where(*where))
