"""A Walmart account connected in the browser and run by the real engine, over a real socket."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.channels.walmart.conftest import LOGIN
from tests.ship_world import parcel
from tests.web.clients import signed_in
from tests.web.pages import check_page, get_page
from wholecell.channels.walmart import pushing
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    Integration,
    IntegrationNote,
    InventoryItem,
    Listing,
    OrderItem,
    SalesOrder,
    Shipment,
    SyncRun,
    Work,
)
from wholecell.services import commit, integrations, offers, shipment_wishes, shipments, sync
from wholecell.services.events import Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()
FORM = LOGIN | {"name": "Walmart US"}


def connected(world):
    """The integration connected in the browser, its listings imported."""
    assert world.client.post("/integrations/connect/walmart", data=FORM).status_code == 303
    run(world, Kind.IMPORT_LISTINGS)


def run(world, kind):
    db.session.remove()
    sync.run_work(the_one().id, kind, world.vault)
    db.session.remove()
    found = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
    assert (found.kind, found.state, found.problem) == (kind, "done", "")


def the_one():
    return db.session.scalars(sa.select(Integration)).one()


def listing(sku):
    db.session.remove()
    return db.session.scalars(sa.select(Listing).where(Listing.external_id == sku)).one()


def push(world):
    db.session.remove()
    while offers.compute_requested():
        pass
    run(world, Kind.PUSH_QUANTITIES)


@pytest.fixture
def seller(app, world, monkeypatch):
    """A seller with three phones of A and two of B on Walmart."""
    monkeypatch.setenv("WHOLECELL_WALMART_BASE_URL", world.sandbox.base_url("walmart"))
    world.client, world.vault = signed_in(app, "admin"), Vault(app.extensions["wholecell"].credentials_keys)
    world.seed("A", "x/y +1", quantity=9)
    make.make_items(make.make_variation("A"), 3)
    make.make_items(make.make_variation("x/y +1"), 2)
    return world


def test_the_login_is_asked_for_tried_and_kept_secret(seller):
    get_page(seller.client, "/integrations/connect/walmart")
    connected(seller)
    one = the_one()
    assert one.login == {"platform": "us", "client_id": LOGIN["client_id"]}
    assert seller.vault.open(one.secrets) == {"client_secret": LOGIN["client_secret"]}
    for tab in ("", "listings", "preview", "history"):
        page = get_page(seller.client, f"/integrations/{one.id}/{tab}")
        assert LOGIN["client_secret"] not in page.text
    assert all("eyJraWQiOiI" not in note.text for note in db.session.scalars(sa.select(IntegrationNote)))


def test_a_missing_permission_is_said_at_the_form(seller):
    seller.set(scopes={"inventory": "view_only"})
    answer = seller.client.post("/integrations/connect/walmart", data=FORM)
    assert answer.status_code == 422
    assert "lack permission for inventory. They have: " in check_page(seller.client, answer).text


def test_one_token_serves_all_runs(seller):
    connected(seller)
    before = len(seller.calls("POST", "/v3/token"))
    run(seller, Kind.IMPORT_LISTINGS)
    run(seller, Kind.IMPORT_ORDERS)
    assert len(seller.calls("POST", "/v3/token")) == before


def test_numbers_reach_walmart_and_readings_agree(seller):
    connected(seller)
    assert (listing("A").last_imported, listing("A").last_sellable) == (9, 9)
    integrations.arm(the_one().id, ME)
    push(seller)
    for sku, number in (("A", 3), ("x/y +1", 2)):
        found = listing(sku)
        assert (found.last_synced, found.last_imported, found.is_number_unknown) == (number, number, False)
        assert seller.account.exact(sku).quantity == number
    with transaction() as session:
        session.execute(sa.update(Listing).values(last_imported=None, last_sellable=None))
    run(seller, Kind.REPAIR)
    assert (listing("A").last_imported, listing("A").last_sellable) == (3, 3)


def test_a_first_fill_goes_by_file_and_is_answered_later(seller, monkeypatch):
    monkeypatch.setattr(pushing, "FEED_FROM", 2)
    for sku in ("A", "x/y +1"):
        seller.account.exact(sku).quantity = 0
    seller.set(outcomes={"x/y +1": "SYSTEM_ERROR"})
    connected(seller)
    integrations.arm(the_one().id, ME)
    push(seller)
    receipt = listing("A").receipt
    assert "@" in receipt and listing("x/y +1").receipt == receipt
    seller.shop.clock.advance(400)
    with transaction() as session:
        session.execute(sa.update(Listing).values(receipt_asked_at=utcnow() - timedelta(minutes=16)))
    push(seller)
    assert (listing("A").last_synced, listing("A").receipt) == (3, "")
    assert (listing("x/y +1").last_synced, listing("x/y +1").is_number_unknown) == (2, False), "sent again by itself"


def test_an_order_from_its_sale_to_its_shipment(seller):
    connected(seller)
    integrations.arm(the_one().id, ME)
    push(seller)
    sale = seller.sell("A", 2)
    run(seller, Kind.IMPORT_ORDERS)
    order = db.session.scalars(sa.select(SalesOrder)).one()
    assert (order.external_id, order.channel_status, order.is_to_accept) == (str(sale.id), "Created", True)
    order_id, item_id = order.id, db.session.scalars(sa.select(OrderItem.id)).one()
    push(seller)
    assert listing("A").last_synced == 1
    shipment_wishes.ask_accept([order_id], ME)
    run(seller, Kind.SEND_SHIPMENTS)
    assert db.session.get(SalesOrder, order_id).channel_status == "Acknowledged"
    phones = db.session.scalars(sa.select(InventoryItem.esn).order_by(InventoryItem.id).limit(2)).all()
    chosen = [commit.commit(order_id, esn, ME).commitment_id for esn in phones]
    shipments.add(order_id, parcel(*chosen), ME, is_sure=True)
    run(seller, Kind.SEND_SHIPMENTS)
    assert db.session.scalars(sa.select(Shipment)).one().state == "sent"
    run(seller, Kind.IMPORT_ORDERS)
    db.session.remove()
    assert db.session.get(SalesOrder, order_id).channel_status == "Shipped"
    assert db.session.get(OrderItem, item_id).shipped == 2
    push(seller)
    assert listing("A").last_offered == 1


@pytest.mark.parametrize(
    ("holds_back", "is_told", "sent", "left"),
    [(1, False, 1, 0), (1, True, 3, 1), (0, False, 1, 1)],
)
def test_units_that_walmart_keeps_back_itself_are_added_where_a_person_says_so(seller, holds_back, is_told, sent, left):
    seller.set(holds_back=holds_back)
    connected(seller)
    with transaction() as session:
        session.execute(sa.update(Integration).values(adds_own_orders=is_told))
    integrations.arm(the_one().id, ME)
    push(seller)
    seller.sell("A", 2)
    run(seller, Kind.IMPORT_ORDERS)
    push(seller)
    assert (listing("A").last_offered, listing("A").last_synced) == (sent, sent)
    (reading,) = seller.link.quantities(["A"])
    assert (reading.quantity, reading.sellable) == (sent, left)


def test_a_revoked_key_stops_the_integration_and_says_so(seller):
    connected(seller)
    seller.shop.set_tokens("walmart", {"other:keys"})
    db.session.remove()
    sync.run_work(the_one().id, Kind.IMPORT_ORDERS, seller.vault)
    db.session.remove()
    assert the_one().login_problem == "Walmart refused the client ID and secret."


def test_too_many_calls_make_the_run_wait(seller):
    seller.set(replenishment="seconds")
    connected(seller)
    seller.account.limits["orders"].most = 0
    db.session.remove()
    sync.run_work(the_one().id, Kind.IMPORT_ORDERS, seller.vault)
    db.session.remove()
    waiting = db.session.scalars(sa.select(Work).where(Work.kind == Kind.IMPORT_ORDERS)).one()
    assert waiting.not_before > utcnow()
    assert waiting.not_before_reason == "Walmart asked us to slow down."
