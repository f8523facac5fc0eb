"""What pages say of channels that keep units back, ship orders themselves, answer late, or whose login ends."""

import pytest

from tests import factories as make
from tests.push_world import World
from tests.web.pages import get_page
from tests.web.test_integrations_orders import form_of, saved, shop, wanted  # noqa: F401
from wholecell.db import db
from wholecell.models import Integration, Listing
from wholecell.services import integrations

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
    client.post(f"/integrations/{key}/", data=data)
    listing = world.listing().id
    page = get_page(client, f"/listings/{listing}")
    assert "2 offered + 1 on this channel's own open orders = 3" in page.text
    assert "1 on its own orders" in get_page(client, "/listings/").text
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
    db.session.execute(make.sa.text("UPDATE work SET wanted_at = NULL"))
    db.session.commit()
    client.post(url, data={**data, "imports_orders": "y"})
    assert wanted()
    assert "Import orders the channel ships" in get_page(client, f"/integrations/{shop}/history").text
