"""The tabs of an integration that ships for us, as people see and use them."""

import re

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.factories import QueryCounter
from tests.ship_world import UPS, use_fake_channel
from tests.shipping_world import ShippingWorld
from tests.web.pages import get_page
from wholecell.channels.contract import CameShipment
from wholecell.db import db, transaction
from wholecell.models import (
    Event,
    HandedOrder,
    Integration,
    OrderExport,
    SalesChannel,
    SalesOrder,
    ShipmentNotice,
    ShippingSettings,
)
from wholecell.services import incoming_shipments, shipping_settings


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return ShippingWorld()


def url(world, tab=""):
    return f"/integrations/{world.shipper_id}/{tab}"


def shown(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def test_it_is_connected_and_told_what_to_do_next(client_as):
    client = client_as("admin")
    get_page(client, "/integrations/connect/shipstation")
    answer = client.post("/integrations/connect/shipstation", data={"name": "Ship", "mode": "custom"})
    integration = db.session.scalar(sa.select(Integration))
    assert answer.status_code == 303 and answer.location == f"/integrations/{integration.id}/"
    assert integration.is_by_hand and db.session.get(ShippingSettings, integration.id) is not None
    page = get_page(client, answer.location)
    assert "Make user name and password" in page.text and "/channels/shipstation/custom-store" in page.text
    assert "on_hold" in page.text
    answer = client.post(f"/integrations/{integration.id}/password")
    password = re.search(r'id="store-password" value="([^"]+)"', answer.text)[1]
    row = db.session.get(ShippingSettings, integration.id, populate_existing=True)
    assert answer.status_code == 201 and row.user_name in answer.text
    again = get_page(client, f"/integrations/{integration.id}/")
    assert password not in again.text and row.user_name in again.text
    auth = (row.user_name, password)
    assert client.get("/channels/shipstation/custom-store?action=export", auth=auth).status_code == 200
    get_page(client, "/integrations/")
    get_page(client, "/")


def test_a_try_plays_the_program_and_changes_nothing(world, client_as):
    client = client_as("admin")
    assert client.post(url(world, "try-out")).status_code == 303  # no password yet
    client.post(url(world, "password"))
    world.order(1)
    before = [db.session.scalar(sa.select(sa.func.count(model.id))) for model in (Event, SalesOrder, ShipmentNotice)]
    answer = client.post(url(world, "try-out"))
    said = shown(answer.text)
    assert answer.status_code == 200 and "1 order goes next, written as ShipStation reads it: yes" in said
    for title in ("A wrong password is refused", "Another action is refused", "Orders are given as ShipStation reads"):
        assert title in said, title
    assert said.count(": no") == 1
    assert "A harmful notice is refused: yes" in said and "would be stored: yes" in said
    assert "ShipStation reaches: no" in said  # http://localhost
    after = [db.session.scalar(sa.select(sa.func.count(model.id))) for model in (Event, SalesOrder, ShipmentNotice)]
    assert before == after and db.session.scalar(sa.select(HandedOrder.order_id)) is None
    assert db.session.scalar(sa.select(OrderExport.id)) is None and world.settings.called_at is None


def test_a_channel_of_another_spelling_is_not_sent_and_the_page_says_why(world, client_as):
    client = client_as("manager")
    world.order(1)
    page = get_page(client, url(world))
    chosen = {"line_format": "phones", "address_source": "customer", "attributes": ["grade", "model"]}
    make.save(SalesChannel(name="Back market"))
    answer = client.post(url(world, "handing"), data={**chosen, "channels": ["Back market"]})
    assert answer.status_code == 303
    for tab in ("", "handing"):
        page = shown(get_page(client, url(world, tab)).text)
        assert "Back market matches nothing. Orders carry exactly Backmarket" in page
        assert "1 open order of Backmarket does not go: Backmarket is not ticked" in page
    assert "No order waits" in page
    settings = world.settings
    assert (settings.line_format, settings.attributes) == ("phones", ["model", "grade"])
    assert client.post(url(world, "handing"), data={**chosen, "channels": ["Nowhere"]}).status_code == 422
    assert client.post(url(world, "handing"), data={**chosen, "line_format": "x"}).status_code == 422
    assert "sales channels to send" in get_page(client, url(world, "exchanged?show=changes")).text.lower()


def test_a_channel_ticked_twice_and_orders_made_by_hand_are_spoken_of_as_they_are(world, client_as):
    client = client_as("viewer")
    by_hand = "1 open order of Wholesale does not go: Wholesale is not ticked."
    make.make_order(channel="Wholesale", items=[{"sku": "S0"}], external_id=None)
    page = shown(get_page(client, url(world)).text)
    assert by_hand in page and "gets them directly" not in page and "ticked at" not in page
    second = make.make_integration("shipstation", "Second", is_by_hand=True)
    with transaction() as session:
        shipping_settings.ensure(session, second.id)
    for tab in ("", "handing"):
        page = shown(get_page(client, url(world, tab)).text)
        assert "Backmarket is ticked at Second too. Its orders go to each of them" in page


def test_orders_that_wait_or_lack_something_are_listed(world, client_as):
    client = client_as("viewer")
    whole, partial = world.order(1, number="WHOLE-1"), world.order(1, number="PART-1", ship_city="", ship_country="")
    page = get_page(client, url(world, "handing"))
    assert "WHOLE-1" in page.text and "PART-1" not in page.text
    page = get_page(client, url(world, "handing?view=incomplete"))
    assert "PART-1" in page.text and "city, country as two letters" in page.text and "WHOLE-1" not in page.text
    get_page(client, url(world, "handing?view=handed"))
    get_page(client, url(world, "handing?view=nonsense"))
    db.session.add(HandedOrder(integration_id=world.shipper_id, order_id=whole, problem="No such place."))
    db.session.commit()
    assert "No such place." in get_page(client, url(world, "handing?view=refused")).text
    assert partial


def test_what_was_told_stands_in_history(world, client_as):
    client = client_as("viewer")
    for show in ("shipments", "exports", "changes", "x"):
        get_page(client, url(world, f"exchanged?show={show}"))
    order_id = world.order(1)
    came = CameShipment(world.reference(order_id), "77", "UPS", "Ground", UPS, None, cost_cents=799)
    for each in (came, came, CameShipment("", "nobody's", "UPS", "", UPS, None)):
        incoming_shipments.take(world.shipper_id, each)
    page = shown(get_page(client, url(world, "exchanged")).text)
    assert "1 shipment of Shipper not stored" in get_page(client, "/integrations/").text
    for words in ("2 times", "7.99", "Unknown order", "There is no order nobody&#39;s here"):
        assert words in page, words


def test_lists_take_the_same_queries_however_long(world, client_as):
    client = client_as("viewer")
    get_page(client, url(world))
    counts = []
    for _ in range(2):
        for _ in range(4):
            order_id = world.order(1)
            incoming_shipments.take(
                world.shipper_id, CameShipment(world.reference(order_id), "1", "UPS", "", UPS, None)
            )
            world.order(1, ship_city="")
        found = []
        for tab in ("", "handing?view=incomplete", "exchanged"):
            with QueryCounter() as statements:
                get_page(client, url(world, tab))
            found.append(len(statements))
        counts.append(found)
    assert counts[0] == counts[1]


def test_other_pages_of_it_are_not_there(world, client_as):
    client = client_as("admin")
    for tab in ("orders", "updates", "listings", "preview"):
        assert client.get(url(world, tab)).status_code == 404
    other = make.make_integration()
    for tab in ("handing", "exchanged"):
        assert client.get(f"/integrations/{other.id}/{tab}").status_code == 404
    assert client.post(f"/integrations/{other.id}/password").status_code == 404
