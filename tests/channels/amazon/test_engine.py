"""The engine and the connector together over a real socket: what waits goes on, what is sold and counted is told."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from tests.channels.amazon.test_document import LOGIN
from wholecell.channels import discover
from wholecell.channels.amazon import limits, mapping, order_reading, pushing
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    Integration,
    Listing,
    OrderItem,
    ProductVariation,
    RateLimitState,
    SalesOrder,
    SyncRun,
    Work,
)
from wholecell.sandbox import Sandbox
from wholecell.services import connect, integrations, offers, recompute, shipments, sync
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox() as running:
        monkeypatch.setenv("WHOLECELL_AMAZON_BASE_URL", running.base_url("amazon"))
        account = running.shop.account("amazon")
        account.settings |= {"order_lag_seconds": 0.0, "feed_seconds": 0.0}
        for limit in account.limits.values():
            limit.most = None
        row = {"title": "iPhone 12", "price": "99.90", "currency": "USD", "quantity": 9}
        running.shop.seed(
            "amazon", [*({**row, "sku": f"S{i}"} for i in range(6)), {**row, "sku": "FBA", "fulfillment": "AMAZON"}]
        )
        yield running


class World:
    def __init__(self, shop):
        self.shop, self.vault = shop, Vault([Fernet.generate_key().decode()])
        for number in range(6):
            make.make_items(make.make_variation(f"S{number}"), 3)
        self.id = integrations.add("amazon", "Amazon US", LOGIN, self.vault, SYSTEM).id

    def run(self, kind):
        with transaction() as session:
            session.execute(sa.update(Work).values(not_before=None))
        run = sync.run_work(self.id, kind, self.vault)
        db.session.remove()
        return db.session.get_one(SyncRun, run.run_id)

    def listings(self):
        db.session.remove()
        query = sa.select(Listing).where(Listing.integration_id == self.id).order_by(Listing.sku)
        return {row.sku: row for row in db.session.scalars(query)}

    def import_listings(self):
        assert self.run(Kind.IMPORT_LISTINGS).state == "waiting"
        self.shop.clock.advance(61)
        run = self.run(Kind.IMPORT_LISTINGS)
        assert (run.state, run.problem) == ("done", "")

    def push(self):
        while offers.compute_requested():
            pass
        return self.run(Kind.PUSH_QUANTITIES)

    def shown(self):
        return [self.shop.shown("amazon", sku=f"S{number}").quantity for number in range(6)]


@pytest.fixture
def world(app, sandbox):
    return World(sandbox.shop)


def test_a_new_integration_uses_the_channels_name_and_tells_of_no_shipment(world):
    row = db.session.get_one(Integration, world.id)
    assert (row.sends_shipments, row.order_customer, row.login["platform"]) == (False, "channel name", "na")
    assert not {"client_secret", "refresh_token"} & set(row.login)


def test_listings_come_in_two_runs_under_one_row_and_then_only_what_changed(world):
    world.import_listings()
    listings = world.listings()
    assert len(listings) == 7
    assert (listings["FBA"].is_pushable, listings["FBA"].last_imported) == (False, None)
    assert db.session.scalar(sa.select(sa.func.count(SyncRun.id))) == 1
    since = db.session.get_one(Integration, world.id).listings_read_at
    assert since < utcnow()
    world.shop.change("amazon", "S1", quantity=5)
    assert world.run(Kind.IMPORT_LISTINGS).state == "done"
    assert world.listings()["S1"].last_imported == 5
    assert not [call for call in world.shop.calls if call.path.endswith("/reports/2021-06-30/reports")][1:]


@pytest.mark.parametrize(("feed_from", "salt"), [(2, 0), (2, 3), (5000, 0)])
def test_quantities_arrive_one_by_one_or_as_a_feed(world, monkeypatch, feed_from, salt):
    monkeypatch.setattr(pushing, "FEED_FROM", feed_from)
    monkeypatch.setattr(mapping, "salt_of", lambda _: salt)
    world.import_listings()
    for number in range(3):
        world.shop.change("amazon", f"S{number}", quantity=0)
    world.run(Kind.IMPORT_LISTINGS)
    integrations.arm(world.id, SYSTEM)
    with transaction() as session:
        session.get_one(Integration, world.id).imports_orders = False
    world.push()
    if feed_from == 2:
        assert [world.listings()[f"S{number}"].receipt != "" for number in range(6)] == [True] * 3 + [False] * 3
        with transaction() as session:
            session.execute(sa.update(Listing).values(receipt_asked_at=utcnow() - timedelta(minutes=6)))
        world.push()
    assert world.shown() == [3] * 6
    assert all(row.last_synced == 3 and not row.receipt for sku, row in world.listings().items() if sku != "FBA")


def test_orders_stop_at_the_limit_of_searches_and_come_in_whole(world, monkeypatch):
    monkeypatch.setattr(order_reading, "PAGE_SIZE", 2)
    world.import_listings()
    sold = [world.shop.sell_lines("amazon", [("S0", 1)]).number for _ in range(5)]
    with transaction() as session:
        session.get_one(Integration, world.id).order_minimum_at = utcnow() - timedelta(days=30)
    # Three searches are left of the bucket: the open orders take them all.
    free = utcnow().timestamp() + (limits.SEARCH_ORDERS.burst - 3) * limits.SEARCH_ORDERS.seconds
    with transaction() as session:
        session.add(RateLimitState(integration_id=world.id, name=limits.SEARCH_ORDERS.name, next_at=free))
    states = []
    for _ in range(8):
        run = world.run(Kind.IMPORT_ORDERS)
        states.append(run.state)
        if run.state == "done":
            break
        assert run.problem == "Amazon allows 1 order search every 3 minutes."
        with transaction() as session:  # three minutes pass
            earlier = RateLimitState.next_at - limits.SEARCH_ORDERS.seconds - 1
            session.execute(sa.update(RateLimitState).values(next_at=earlier))
    assert states == ["waiting"] * 3 + ["done"], "a run for each page of the second window"
    numbers = db.session.scalars(sa.select(SalesOrder.external_id)).all()
    assert sorted(numbers) == sorted(sold)
    assert db.session.scalar(sa.select(sa.func.count(OrderItem.id))) == 5
    began = db.session.scalars(sa.select(SyncRun.started_at).where(SyncRun.kind == Kind.IMPORT_ORDERS)).one()
    until = db.session.get_one(Integration, world.id).orders_changed_until
    assert abs(until - began) < timedelta(seconds=2), "what changed since the first page is read next"


def test_a_shipment_is_told_where_that_is_ticked(world):
    world.import_listings()
    sold = world.shop.sell_lines("amazon", [("S0", 1)])
    world.run(Kind.IMPORT_ORDERS)
    order = db.session.scalars(sa.select(SalesOrder)).one()
    assert order.external_id == sold.number
    with transaction() as session:
        session.get_one(Integration, world.id).sends_shipments = True
    new = shipments.NewShipment("UPS", "Ground", "1Z999AA10123456784", "", utcnow())
    shipments.add(order.id, new, SYSTEM, is_sure=True)
    run = world.run(Kind.SEND_SHIPMENTS)
    assert (run.state, run.counts) == ("done", {"sent": 1})
    assert [package.tracking for package in sold.packages.values()] == ["1Z999AA10123456784"]


@pytest.mark.parametrize(("is_guarded", "shown"), [(True, [3, 2, 2, 4]), (False, [3, 5, 4, 4])])
def test_a_number_rises_only_when_amazon_can_have_told_of_the_sales(world, monkeypatch, is_guarded, shown):
    """A sale of the last two minutes is in no search yet, and must not be offered once more meanwhile."""
    if not is_guarded:
        monkeypatch.setattr(order_reading, "_until", lambda _, began_at: began_at)
    world.import_listings()
    integrations.arm(world.id, SYSTEM)
    with transaction() as session:
        session.get_one(Integration, world.id).imports_orders = True
    found = [look_for_orders_and_push(world)]
    world.shop.account("amazon").settings["order_lag_seconds"] = 120.0
    world.shop.sell_lines("amazon", [("S0", 1)])
    variation = db.session.scalars(sa.select(ProductVariation).where(ProductVariation.sku == "S0")).one()
    make.make_items(variation, 2)
    with transaction() as session:
        recompute.request(session, Cause.SCAN, SYSTEM, variations=[variation.id])
    offers.compute_all()
    found.append(look_for_orders_and_push(world))
    world.shop.clock.advance(125)
    found += [look_for_orders_and_push(world), look_for_orders_and_push(world)]
    assert found == shown, "after the sale was seen, once more orders are looked for"


def look_for_orders_and_push(world):
    assert world.run(Kind.IMPORT_ORDERS).state == "done"
    world.push()
    return world.shown()[0]


def test_a_listing_that_changes_hands_is_noticed_by_the_next_reading(world):
    """To send a number for what Amazon ships would open a second channel; what came back is ours to count again."""
    world.import_listings()
    integrations.arm(world.id, SYSTEM)
    listing = next(each for each in world.shop.account("amazon").listings.values() if each.sku == "S1")
    before = list(listing.submitted), listing.amazon_quantity
    listing.submitted, listing.amazon_quantity = [{"fulfillment_channel_code": "AMAZON_NA"}], 4
    assert world.run(Kind.REPAIR).state == "done"
    assert not world.listings()["S1"].is_pushable
    world.push()
    assert listing.submitted == [{"fulfillment_channel_code": "AMAZON_NA"}], "no number was sent"
    listing.submitted, listing.amazon_quantity = before
    world.run(Kind.REPAIR)
    assert world.listings()["S1"].is_pushable
    world.push()
    assert world.shown()[1] == 3


def test_two_marketplaces_of_one_seller_share_the_limits_of_amazon(world):
    canada = {**LOGIN, "marketplace": "A2EUQ1WTGCTBG2"}
    others = [canada, {**canada, "seller_id": "A2OTHERSELLER"}, {**canada, "platform": "eu"}]
    found = [
        integrations.add("amazon", f"Amazon {number}", login, world.vault, SYSTEM)
        for number, login in enumerate(others)
    ]
    for each in [db.session.get_one(Integration, world.id), *found]:
        connect.connector_for(each, world.vault)._access.state.take(limits.SEARCH_ORDERS)
    new = connect.connector_to_try(discover()["amazon"], canada, None)
    new._access.state.take(limits.SEARCH_ORDERS)
    rows = db.session.execute(sa.select(RateLimitState.integration_id, RateLimitState.next_at)).all()
    used = {key: round((at - utcnow().timestamp()) / limits.SEARCH_ORDERS.seconds) for key, at in rows}
    assert used == {world.id: 3, found[1].id: 1, found[2].id: 1}
