"""Where an order goes, corrected by hand: kept over refreshes, and never for a buyer who was erased."""

import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import told
from tests.shipping_world import ADDRESS, ShippingWorld
from tests.web.pages import get_page
from wholecell.db import db, utcnow
from wholecell.models import SalesOrder
from wholecell.services import outgoing_orders

ENTERED = {name.removeprefix("ship_"): value for name, value in ADDRESS.items()}


def test_an_incomplete_order_is_completed_and_goes(app, client_as):
    world, client = ShippingWorld(), client_as("manager")
    order_id = world.order(1, ship_city="", ship_country="")
    listed = get_page(client, f"/integrations/{world.shipper_id}/handing?view=incomplete")
    assert f"/orders/{order_id}/address" in listed.text
    assert "Ada Byron" in get_page(client, f"/orders/{order_id}/address").text
    answer = client.post(f"/orders/{order_id}/address", data={**ENTERED, "country": "USA"})
    assert answer.status_code == 422 and "two letters of the country" in answer.text
    answer = client.post(f"/orders/{order_id}/address", data={**ENTERED, "country": "us"})
    assert answer.status_code == 303
    assert (world.row(order_id).ship_city, world.row(order_id).ship_country) == ("Albany", "US")
    assert told(order_id)[-1] == ("address", None, "changed")
    assert len(outgoing_orders.build(db.session(), world.settings, [order_id])) == 1
    lines = len(told(order_id))
    client.post(f"/orders/{order_id}/address", data=ENTERED)
    assert len(told(order_id)) == lines
    assert "Change the address" in get_page(client, f"/orders/{order_id}").text


def test_nothing_about_an_erased_buyer_comes_back(app, client_as):
    client = client_as("manager")
    order = make.make_order(erased_at=utcnow())
    assert client.post(f"/orders/{order.id}/address", data=ENTERED).status_code == 303
    assert db.session.scalar(sa.select(SalesOrder.ship_name)) == "" and told(order.id) == []
    assert "the address" not in get_page(client, f"/orders/{order.id}").text
    assert client.get("/orders/99/address").status_code == 404
    assert client.post("/orders/99/address", data=ENTERED).status_code == 404
