"""An eBay account signed in to in the browser and run by the real engine, over a real socket."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import sqlalchemy as sa

from tests import factories as make
from tests.channels.ebay.conftest import KEYS
from tests.channels.ebay.test_document import VARIED
from tests.ship_world import parcel
from tests.web.clients import signed_in
from tests.web.pages import get_page
from wholecell.channels.ebay import order_reading
from wholecell.channels.ebay.limits import TRADING
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    BudgetState,
    Integration,
    InventoryItem,
    Listing,
    OrderItem,
    SalesOrder,
    Shipment,
    SyncRun,
    Work,
)
from wholecell.services import commit, integrations, offers, shipments, sync
from wholecell.services.events import Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()
FORM = {"platform": "production", "site": "us", "inventory_batch": "1", "schema": "1423", "name": "eBay US"}
OTHER = {"sku": "M", "inventory_api": True}


@pytest.fixture
def seller(app, world, monkeypatch):
    """A seller with three phones each of A and V-Red on eBay, whose app's keys are entered."""
    monkeypatch.setenv("WHOLECELL_EBAY_BASE_URL", world.sandbox.base_url("ebay"))
    monkeypatch.setattr(order_reading, "LAG", order_reading.LAG * 0)
    world.client, world.vault = signed_in(app, "admin"), Vault(app.extensions["wholecell"].credentials_keys)
    keys = {f"ebay-{name}": value for name, value in KEYS.items()}
    assert world.client.post("/settings/apps/ebay", data=keys).status_code == 303
    world.seed("A", *VARIED, OTHER, {"sku": "", "type": "Chinese"})
    for sku in ("A", "V-Red", "M"):
        make.make_items(make.make_variation(sku), 3)
    return world


def agree(world, answer):
    """Follow our page to eBay's, agree there, and come back with the code."""
    assert answer.status_code == 303, answer.text
    page = get_page(world.client, answer.location)
    (address,) = {link for link in page.links() if "/oauth2/authorize" in link}
    page = requests.get(address, timeout=5)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text)) | {"answer": "agree"}
    back = urlsplit(requests.post(page.url, fields, timeout=5, allow_redirects=False).headers["Location"])
    return world.client.get(back.path, query_string=dict(parse_qsl(back.query)), follow_redirects=True)


def connected(world):
    """The integration connected in the browser, its listings imported."""
    agree(world, world.client.post("/integrations/connect/ebay", data=FORM))
    run(world, Kind.IMPORT_LISTINGS)


def the_one():
    db.session.remove()
    return db.session.scalars(sa.select(Integration)).one()


def run(world, kind):
    with transaction() as session:
        session.execute(sa.update(Work).values(not_before=None))
    sync.run_work(the_one().id, kind, world.vault)
    db.session.remove()
    found = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
    assert (found.kind, found.state, found.problem) == (kind, "done", "")


def listing(sku):
    db.session.remove()
    return db.session.scalars(sa.select(Listing).where(Listing.sku == sku)).one()


def offer(**numbers):
    """Have these numbers offered, whatever the phones say."""
    with transaction() as session:
        for sku, number in numbers.items():
            session.execute(sa.update(Listing).where(Listing.sku == sku).values(last_offered=number))


def push(world):
    db.session.remove()
    while offers.compute_requested():
        pass
    run(world, Kind.PUSH_QUANTITIES)


def armed(world):
    connected(world)
    integrations.arm(the_one().id, ME)
    push(world)


def test_a_sign_in_is_kept_secret_and_stays_the_sellers(seller):
    connected(seller)
    one = the_one()
    assert (one.login["user_name"], one.login["platform"]) == ("sandbox_phones", "production")
    secrets = seller.vault.open(one.secrets)
    assert set(secrets) == {"refresh_token"}
    for tab in ("", "listings", "preview", "history"):
        assert secrets["refresh_token"] not in get_page(seller.client, f"/integrations/{one.id}/{tab}").text
    again = agree(seller, seller.client.post("/integrations/connect/ebay", data={**FORM, "name": "Again"}))
    assert f"connected already, as {one.name}" in again.text and the_one().id == one.id, "each order would come twice"
    auction = db.session.scalars(sa.select(Listing).where(Listing.detail == "Auction")).one()
    assert not auction.is_pushable and auction.url
    red = listing("V-Red")
    assert (red.group_id, red.last_imported) == ("176500000009", 5)


def test_numbers_reach_ebay_by_both_interfaces_and_readings_agree(seller):
    armed(seller)
    for sku in ("A", "V-Red", "M"):
        found = listing(sku)
        assert (found.last_synced, found.is_number_unknown, found.rejected_at) == (3, False, None), sku
        assert seller.shop.shown("ebay", sku=sku).quantity == 3
    assert seller.shop.shown("ebay", sku="V-Blue").quantity == 5, "not connected"
    revisions = len(seller.calls("ReviseInventoryStatus"))
    assert revisions <= 1 + 3
    with transaction() as session:
        session.execute(sa.update(Listing).values(last_imported=None))
    run(seller, Kind.REPAIR)
    assert [listing(sku).last_imported for sku in ("A", "V-Red", "M")] == [3, 3, 3]
    spent = db.session.scalars(sa.select(BudgetState).where(BudgetState.kind == "ebay")).one()
    assert (spent.name, spent.used > 0) == (TRADING.name, True)


def test_an_order_from_its_sale_to_its_shipment(seller):
    armed(seller)
    sale = seller.shop.sell("ebay", sku="V-Red", quantity=2, buyer=1)
    run(seller, Kind.IMPORT_ORDERS)
    order = db.session.scalars(sa.select(SalesOrder)).one()
    assert (order.external_id, order.channel_status) == (sale.number, "NOT_STARTED")
    order_id, item_id = order.id, db.session.scalars(sa.select(OrderItem.id)).one()
    assert db.session.get(OrderItem, item_id).listing_id == listing("V-Red").id
    push(seller)
    assert listing("V-Red").last_synced == 1 == seller.shop.shown("ebay", sku="V-Red").quantity
    phones = db.session.scalars(sa.select(InventoryItem.esn).order_by(InventoryItem.id)).all()[3:5]
    chosen = [commit.commit(order_id, esn, ME).commitment_id for esn in phones]
    for number, commitment in zip(("1Z999AA10123456784", "1Z999AA10123456793"), chosen, strict=True):
        shipments.add(order_id, parcel(commitment, tracking=number), ME, is_sure=True)
        run(seller, Kind.SEND_SHIPMENTS)
        run(seller, Kind.IMPORT_ORDERS)
        db.session.remove()
        shipped = db.session.get(OrderItem, item_id).shipped
        word = db.session.get(SalesOrder, order_id).channel_status
        assert (shipped, word) == ((1, "IN_PROGRESS") if number.endswith("84") else (2, "FULFILLED"))
    assert {each.state for each in db.session.scalars(sa.select(Shipment))} == {"sent"}
    seller.set(mask_days=0)
    sale.changed = seller.shop.clock()
    run(seller, Kind.IMPORT_ORDERS)
    kept = db.session.get(SalesOrder, order_id)
    assert kept.ship_name and kept.ship_street, "what eBay blanks stays"


def test_a_day_that_is_nearly_used_up_is_left_to_falls(seller):
    armed(seller)
    run(seller, Kind.IMPORT_ORDERS)
    offer(A=9)
    with transaction() as session:
        session.execute(sa.update(BudgetState).values(used=TRADING.count - TRADING.kept_back, count=TRADING.count))
    run(seller, Kind.PUSH_QUANTITIES)
    work = db.session.get(Work, (the_one().id, Kind.PUSH_QUANTITIES))
    assert work.rises_not_before > utcnow() and "5,000 listing calls a day" in work.rises_reason
    offer(**{"V-Red": 1})
    run(seller, Kind.PUSH_QUANTITIES)
    assert [seller.shop.shown("ebay", sku=sku).quantity for sku in ("A", "V-Red")] == [3, 1]
    with transaction() as session:
        session.execute(sa.update(BudgetState).values(used=0))
        session.execute(sa.update(Work).values(rises_not_before=None))
    run(seller, Kind.PUSH_QUANTITIES)
    assert seller.shop.shown("ebay", sku="A").quantity == 9, "the same rise leaves once calls are left"


def test_a_sign_in_that_ended_stops_the_integration_and_says_so(seller):
    connected(seller)
    seller.set(username="renamed")
    seller.account.access.clear()
    sync.run_work(the_one().id, Kind.IMPORT_ORDERS, seller.vault)
    assert "does not accept the sign-in any more" in the_one().login_problem
    seller.set(user_id="An0ther")
    answer = agree(seller, seller.client.post(f"/integrations/{the_one().id}/login", data=FORM))
    assert "belongs to sandbox_phones" in answer.text
    seller.set(user_id="SbxUs3rId01")
    agree(seller, seller.client.post(f"/integrations/{the_one().id}/login", data=FORM))
    one = the_one()
    assert (one.login_problem, one.login["user_name"]) == ("", "renamed")
