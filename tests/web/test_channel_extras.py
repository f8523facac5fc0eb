"""What pages say of channels that keep units back, ship orders themselves, answer late, or whose login ends."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import World
from tests.web.pages import get_page
from tests.web.test_integrations_orders import form_of, saved, shop, wanted  # noqa: F401
from wholecell.db import db
from wholecell.models import Integration, Listing
from wholecell.services import guard, integrations, offers, sync_health
from wholecell.services.recompute import Cause

WHY = "It takes what its open orders hold off the number it is given."


@pytest.fixture
def keeps_back(channel_has):
    channel_has(keeps_back_own_orders=WHY)


def test_the_switch_stands_where_the_channel_may_subtract(client_as, shop, channel_has):  # noqa: F811
    client = client_as("manager")
    url = f"/integrations/{shop}/"
    assert "subtracts its own open orders" not in get_page(client, url).text
    db.session.get(Integration, shop).adds_own_orders = True
    db.session.commit()
    client.post(url, data=form_of(client, shop))
    assert integrations.settings_of(db.session.get(Integration, shop)).rule.adds_own_orders, "not shown, so kept"
    channel_has(keeps_back_own_orders=WHY)
    text = get_page(client, url).text
    assert "Back Market subtracts its own open orders" in text and WHY in text
    client.post(url, data=form_of(client, shop))
    db.session.expire_all()
    assert not db.session.get(Integration, shop).adds_own_orders


def test_the_switch_tells_what_saving_would_do(client_as, keeps_back):
    world = World(count=1, stock=3)
    item = {"sku": "S0", "external_line_id": "1", "listing_id": world.listing().id}
    make.make_order(None, [item], integration=world.integration, channel_status="3")
    client = client_as("manager")
    key = world.integration.id
    data = {**form_of(client, key), "adds_own_orders": "y"}
    assert "<dt>Rise</dt><dd>1</dd>" in client.post(f"/integrations/{key}/effect", data=data).text
    db.session.execute(sa.update(Listing).values(is_pushable=False))
    db.session.commit()
    assert "<dt>Rise</dt><dd>0</dd>" in client.post(f"/integrations/{key}/effect", data=data).text
    db.session.execute(sa.update(Listing).values(is_pushable=True))
    db.session.commit()
    client.post(f"/integrations/{key}/", data=data)
    listing = world.listing().id
    page = get_page(client, f"/listings/{listing}")
    assert "2 offered + 1 on this channel's own open orders = 3" in page.text
    assert "1 of it on its own orders" in get_page(client, "/listings/").text
    preview = get_page(client, f"/integrations/{key}/preview?kind=same").text
    assert "on its own open orders" in preview


def test_both_numbers_a_channel_reports_are_shown(client_as, app):
    world = World(count=1, stock=5)
    listing = db.session.get(Listing, world.listing().id)
    listing.last_imported, listing.last_sellable = 5, 3
    db.session.commit()
    text = get_page(client_as("viewer"), f"/listings/{listing.id}").text
    assert "shows <strong>5</strong>, of which <strong>3</strong> can still be bought" in text


def test_orders_the_channel_ships_are_imported_where_one_says_so(client_as, shop, channel_has):  # noqa: F811
    client = client_as("manager")
    url = f"/integrations/{shop}/"
    assert "ships itself" not in get_page(client, url).text
    channel_has(fulfilled_by_channel="FBX")
    assert "Import orders that Back Market ships itself (FBX)" in get_page(client, url).text
    data = {**form_of(client, shop), "imports_channel_fulfilled": "y"}
    client.post(url, data=data)
    assert saved(shop).imports_channel_fulfilled and not wanted(), "order import is off"
    client.post(url, data={**data, "imports_orders": "y", "imports_channel_fulfilled": ""})
    db.session.execute(sa.text("UPDATE work SET wanted_at = NULL"))
    db.session.commit()
    client.post(url, data={**data, "imports_orders": "y"})
    assert wanted()
    assert "Import orders the channel ships" in get_page(client, f"/integrations/{shop}/history").text


def test_listings_that_the_channel_fulfils_are_no_trouble(client_as, app, channel_has):
    channel_has(fulfilled_by_channel="FBX")
    world = World(count=2, stock=5, shown=2)
    listing = db.session.get(Listing, world.listing().id)
    listing.is_pushable, listing.state, listing.title = False, "needs attention", "Theirs to ship"
    db.session.commit()
    client = client_as("manager")
    rows = get_page(client, "/listings/").text.split("<tbody>")[1]
    row = next(each for each in rows.split("<tr>") if "Theirs to ship" in each)
    assert "Fulfilled by the channel" in row and "by the channel</span>" in row and "differs:" not in row
    page = get_page(client, f"/listings/{listing.id}").text
    assert page.count("Back Market ships it from its own stock (FBX)") == 2 and "differs" not in page
    assert "Send now" not in page
    assert "Theirs to ship" not in get_page(client, "/").text
    assert "By the channel" in client.get("/listings/counts").text
    listing = db.session.get(Listing, listing.id)
    listing.state, listing.state_reason, listing.detail = "active", "It is an auction.", "Auction"
    db.session.commit()
    page = get_page(client, f"/listings/{listing.id}").text
    assert "ships it from its own stock" not in page and page.count("It is an auction.") == 2
    assert "Auction, left alone" in page
    table = get_page(client, "/listings/").text
    assert "Auction, left alone" in table and "left alone</span>" in table
    assert "Fulfilled by the channel" not in table and "by the channel</span>" not in table
    listing = db.session.get(Listing, listing.id)
    listing.state, listing.state_reason = "needs attention", ""
    db.session.commit()
    figures = sync_health.health_of(world.integration.id).figures
    assert (figures.rejected, figures.doubtful) == (0, 0)
    listing = db.session.get(Listing, listing.id)
    listing.is_pushable = True
    db.session.commit()
    assert "By the channel" not in client.get("/listings/counts").text
    assert sync_health.health_of(world.integration.id).figures.rejected == 1


def test_the_guard_leaves_out_what_is_not_sent(app):
    world = World(count=10, stock=2)
    world.settle()
    db.session.execute(sa.update(Listing).values(is_pushable=False))
    db.session.commit()
    world.change(Cause.BULK, *range(10), status="Repair", count=2)
    offers.compute_all()
    assert guard.held_on(world.integration.id) is None
    db.session.execute(sa.update(Listing).values(is_pushable=True, last_synced=0))
    db.session.commit()
    world.change(Cause.BULK, *range(10), status="Available", count=2)
    offers.compute_all()
    assert guard.held_on(world.integration.id).rises == 10


def test_the_phones_page_says_whose_number_it_is(client_as, app):
    variation = make.make_variation("S1")
    make.make_listing(make.make_integration(), "S1", is_pushable=False, last_offered=4711)
    text = get_page(client_as("viewer"), f"/catalog/{variation.id}").text
    assert "by the channel" in text and "4,711" not in text
