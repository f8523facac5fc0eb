"""A buyer takes the last phone: every other listing of it falls to 0 by itself, a picker scans it and ships it."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.accessibility import check, look_at
from tests.browser.waiting import until
from tests.engine_world import LOGIN
from wholecell import jobs
from wholecell.db import db, transaction
from wholecell.models import Integration, InventoryStatus, Listing, QuantityPush, SalesOrder, SyncRun, Warehouse
from wholecell.sandbox import Sandbox, Shop, create_sandbox
from wholecell.sandbox.backmarket.states import LineState, OrderState
from wholecell.services import integrations, listings, receiving, work
from wholecell.services import settings as own_settings
from wholecell.services.events import Actor
from wholecell.services.receiving import NewItem
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

pytestmark = pytest.mark.browser

ME = Actor()
SKU, OTHER = "IP13-UNL-128-MN-A", "IP13-UNL-128-MN-B"
IMEI, TRACKING = make.imei(700_001), "1Z999AA10123456784"
EUROPE = {**LOGIN, "token": "token-of-the-second-account", "platform": "europe", "market": "fr-fr"}
OFFER = {"title": "iPhone 13 128GB - Midnight", "grade": "EXCELLENT", "price": "329.00", "quantity": 1}
ORDER_LINES = [
    "Order arrived Paid, to accept seen on the channel",
    "Status To accept seen on the channel",
    "Is to be accepted on the channel Tom Baker",
    "Accepted on the channel seen on the channel",
    "The channel says Paid, to accept becomes Accepted, to ship seen on the channel",
    "Status To accept becomes Awaiting shipment seen on the channel",
    f"Phone committed {IMEI} Tom Baker, scanned",
    "Status Awaiting shipment becomes Shipped Tom Baker",
    f"Shipment added UPS {TRACKING} Tom Baker",
    f"The channel took the shipment {TRACKING} seen on the channel",
    f"Units shipped {SKU}: 0 becomes {SKU}: 1 seen on the channel",
    "The channel says Accepted, to ship becomes Shipped seen on the channel",
]
PHONE_LINES = [
    "Taken in as iPhone 13 128GB Midnight Unlocked A",
    "Committed to order 61200001 Tom Baker, scanned",
    "Shipped with order 61200001 Tom Baker",
]


class TwoAccounts:
    """One pretend Back Market with two sellers' accounts, told apart by their tokens as the real one does."""

    def __init__(self):
        self.home, self.abroad = Shop(), Shop()
        self.home.seed_backmarket(
            [{**OFFER, "sku": sku, "currency": "USD"} for sku in (SKU, "CLEARANCE-13", OTHER)],
        )
        self.abroad.seed_backmarket([{**OFFER, "sku": SKU, "currency": "EUR"}])
        account = self.abroad.account("backmarket")
        account.settings["platform"] = "eu"
        account.tokens = {EUROPE["token"]}

    def by_token(self, home):
        abroad = create_sandbox(self.abroad)

        def app(environ, start_response):
            is_abroad = EUROPE["token"] in environ.get("HTTP_AUTHORIZATION", "")
            return (abroad if is_abroad else home)(environ, start_response)

        return app

    def shown(self):
        """The numbers of the four listings: the one sold from, its double here, the one abroad, another phone's."""
        there = self.abroad.shown("backmarket", sku=SKU).quantity
        sold, double, other = (self.home.shown("backmarket", sku=sku).quantity for sku in (SKU, "CLEARANCE-13", OTHER))
        return [sold, double, there, other]


@pytest.fixture
def accounts(monkeypatch):
    accounts = TwoAccounts()
    with Sandbox(accounts.home, wrap=accounts.by_token) as running:
        monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", running.base_url("backmarket"))
        yield accounts


@pytest.fixture
def picker(site, page):
    """A page on which a picker is signed in."""
    page.hosts = set()
    page.on("request", lambda request: page.hosts.add(request.url.split("/")[2]))
    page.set_default_timeout(15_000)
    site.sign_in(page, make.make_user("tom@example.com", "picker", name="Tom Baker"))
    return page


@pytest.fixture
def scheduled(site, picker):
    """The scheduler beside the pages, as the app runs it; orders are looked for every second."""
    look_for_orders_every(1 / 60)
    scheduler = jobs.start(site.app)
    yield
    jobs.stop(site.app, scheduler)


def look_for_orders_every(minutes):
    with transaction() as session:
        own_settings.put(session, ME, own_settings.ORDERS_EVERY, minutes)


@pytest.fixture
def shop(site, accounts, scheduled):
    """Both accounts connected, in step and armed; one phone that three listings count, one that a fourth does."""
    product = make.make_product("iPhone 13", capacity="128GB", color="Midnight")
    last = make.make_variation(SKU, product=product)
    last_id = last.id
    available, warehouse = make.named(InventoryStatus, "Available").id, make.named(Warehouse, "Main warehouse").id
    receiving.receive(NewItem(IMEI, last_id, available, warehouse), ME)
    make.make_item(make.make_variation(OTHER, grade="B", product=product))
    vault = Vault(site.app.extensions["wholecell"].credentials_keys)
    ids = [
        integrations.add("backmarket", "Back Market US", LOGIN, vault, ME).id,
        integrations.add("backmarket", "Back Market EU", EUROPE, vault, ME).id,
    ]
    for each in ids:
        work.ask(each, Kind.IMPORT_LISTINGS, ME)
    until(lambda: count(sa.select(Listing.id).where(Listing.is_connected)) == 3)
    double = db.session.scalar(sa.select(Listing.id).where(Listing.sku == "CLEARANCE-13"))
    listings.choose(double, [], [last_id], ME)
    with transaction() as session:
        session.execute(sa.update(Integration).values(imports_orders=True))
    for each in ids:
        integrations.arm(each, ME)
    until(lambda: count(sa.select(Integration.id).where(Integration.orders_imported_at.is_not(None))) == 2)
    assert accounts.shown() == [1, 1, 1, 1]
    return accounts


def count(query):
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery()))


def test_the_last_phone_is_ordered_scanned_and_shipped(site, picker, shop):
    page = picker
    sold = shop.home.sell("backmarket", sku=SKU)
    until(lambda: shop.shown() == [0, 0, 0, 1])
    assert seconds_from_import_to_calls() < 5
    look_for_orders_every(60)
    page.goto(f"{site.url}/orders/1")
    page.get_by_role("button", name="Accept", exact=True).press("Enter")
    expect(page.get_by_text("is being told")).to_be_visible()
    until(lambda: there(shop, sold).lines[0].state == LineState.ACCEPTED)

    page.keyboard.type("gf")
    page.wait_for_url("**/fulfil/")
    scan(page, str(sold.id), f"Order {sold.id}: 1 phone to scan.")
    scan(page, IMEI, IMEI)
    check(page)
    scan(page, TRACKING, "That is a number of UPS")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("The shipment is added, and the order is done.")).to_be_visible()
    until(lambda: there(shop, sold).state == OrderState.PROCESSED)
    assert [(line.state, line.imei) for line in there(shop, sold).lines] == [(LineState.SHIPPED, IMEI)]
    assert (there(shop, sold).tracking_number, there(shop, sold).shipper) == (TRACKING, "UPS")
    assert shop.shown() == [0, 0, 0, 1]
    work.ask(db.session.scalar(sa.select(SalesOrder.integration_id)), Kind.IMPORT_ORDERS, ME)
    until(lambda: db.session.scalar(sa.select(SalesOrder.channel_status)) == "shipped")

    page.goto(f"{site.url}/orders/1")
    assert timeline(page) == ORDER_LINES
    changed = page.locator("section:has(#h-did) tbody tr")
    expect(changed).to_have_count(3)
    for row in changed.all():
        expect(row.locator(".change")).to_have_text(re.compile(r"1\s*becomes\s*0"))
        expect(row).to_contain_text(re.compile(r"after \d\.\d s"))
    look_at(page)
    page.goto(f"{site.url}/inventory/1")
    check(page)
    assert timeline(page) == PHONE_LINES
    double = db.session.scalar(sa.select(Listing.id).where(Listing.sku == "CLEARANCE-13"))
    page.goto(f"{site.url}/listings/{double}")
    sent = page.locator("section:has(#h-push) tbody tr")
    expect(sent).to_have_text(re.compile(rf"1\s*becomes\s*0\s*Fewer to sell\s*order {sold.id}\s*Accepted, shows 0"))
    assert timeline(page)[-1] == "Counts the channel's own SKU becomes iPhone 13 128GB Midnight Unlocked A"
    check(page)
    assert page.hosts == {site.url.split("/")[2]}


def there(shop, sold):
    """The order as Back Market has it."""
    return shop.home.order("backmarket", sold.id)


def scan(page, code, answer):
    """What a scanner in keyboard mode does; the field is ready for the next code."""
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.locator("#work [data-said]")).to_contain_text(answer)
    assert page.evaluate("document.activeElement.id") == "code"


def timeline(page):
    """The lines from the first on, without who and when."""
    return [" ".join(text.split()) for text in page.locator(".timeline-wc li > div").all_inner_texts()][::-1]


def seconds_from_import_to_calls():
    """From the end of the import that saw the order to the last number sent because of it."""
    db.session.remove()
    arrived = db.session.scalar(sa.select(SalesOrder.created_at))
    others = sa.select(Listing.id).where(sa.or_(Listing.sku == "CLEARANCE-13", Listing.currency == "EUR"))
    sent = sa.select(QuantityPush.at).where(QuantityPush.new == 0, QuantityPush.listing_id.in_(others))
    until(lambda: count(sent) == 2)  # a call's row is written a moment after the answer
    runs = sa.select(sa.func.min(SyncRun.finished_at))
    ended = db.session.scalar(runs.where(SyncRun.kind == Kind.IMPORT_ORDERS, SyncRun.finished_at >= arrived))
    return (max(db.session.scalars(sent)) - ended).total_seconds()
