"""The Stores tab of a program that ships for us and that we call: where orders go, whose come here, and hints."""

import pytest

from tests.ship_world import ME
from tests.shipping_world import ShippingWorld
from tests.web.pages import check_page, get_page
from wholecell.channels.contract import CredentialsError, RemoteStore
from wholecell.db import db, transaction
from wholecell.models import HandedOrder, Integration, ShippingSettings
from wholecell.services import shipment_notices, shipping_stores, work


class Account:
    """An account of two stores, which takes any address."""

    def __init__(self):
        self.addresses, self.problem = [], None

    def check(self):
        return ()

    def stores(self):
        if self.problem:
            raise self.problem
        return [RemoteStore("11", "By hand (ShipStation)"), RemoteStore("12", "Web (Shopify)")]

    def tell_of_shipments(self, address):
        self.addresses.append(address)


@pytest.fixture
def account(monkeypatch):
    made = Account()
    for module in (shipping_stores, shipment_notices):
        monkeypatch.setattr(module, "connector_for", lambda *_: made)
    return made


@pytest.fixture
def world(app):
    made = ShippingWorld()
    with transaction() as session:
        session.get_one(Integration, made.shipper_id).is_by_hand = False
        work.ensure_rows(session, made.shipper_id)
    return made


def saved(world):
    db.session.expire_all()
    row = db.session.get(ShippingSettings, world.shipper_id)
    return row.store, row.import_stores, row.sends_orders, db.session.get(Integration, world.shipper_id).imports_orders


def test_stores_are_read_chosen_and_refused(client_as, world, account):
    world.order(1)
    client, url = client_as("manager"), f"/integrations/{world.shipper_id}/stores"
    page = get_page(client, url).text
    assert "not read yet" in page and "1 order would go now" in page
    for tab in ("", "handing"):
        assert "Orders are not sent yet" in get_page(client, f"/integrations/{world.shipper_id}/{tab}").text
    assert client.post(f"{url}/read").status_code == 303
    page = get_page(client, url).text
    assert "2 stores found." in page and "Web (Shopify)" in page
    words = {"word": ["shipped"], "word_status": [""]}
    wrong = {"store": "12", "import_stores": "12", "sends_orders": "y", "imports_orders": "y"}
    answer = client.post(url, data={**wrong, **words, "order_customer": "shipping name"})
    assert answer.status_code == 422 and "Our own orders go to one of these" in check_page(client, answer).text
    answer = client.post(url, data={**wrong, **words, "order_customer": "shipping name", "import_stores": []})
    assert answer.status_code == 422 and "Choose the stores" in check_page(client, answer).text
    assert saved(world) == ("", [], False, False)
    good = {**wrong, **words, "order_customer": "channel name", "store": "11", "accepting": "by hand"}
    assert client.post(url, data=good).status_code == 303
    assert saved(world) == ("11", ["12"], True, True)
    for tab in ("", "handing", "stores"):
        assert "Orders are not sent yet" not in get_page(client, f"/integrations/{world.shipper_id}/{tab}").text
    account.stores = lambda: [RemoteStore("11", "By hand")]
    client.post(f"{url}/read")
    assert "not there any more" in get_page(client, url).text
    account.problem = CredentialsError("It refused the key.", advice="Enter it again.")
    account.stores = lambda: Account.stores(account)
    client.post(f"{url}/read")
    assert "It refused the key. Enter it again." in get_page(client, url).text


def test_who_may_do_what_and_where_there_are_no_stores(client_as, world, account, app):
    url = f"/integrations/{world.shipper_id}/stores"
    viewer, manager, admin = client_as("viewer"), client_as("manager"), client_as("admin")
    assert "Save</button>" not in get_page(viewer, url).text
    assert viewer.post(url).status_code == viewer.post(f"{url}/read").status_code == 403
    assert manager.post(f"{url}/notices").status_code == 403
    assert "reached from the internet by https" in get_page(admin, url).text
    admin.post(f"{url}/notices")
    assert account.addresses == []  # our address is not one by https
    shipment_notices.begin(world.shipper_id, "https://shop.example/{secret}", None, ME)
    assert "tells us as soon as" in get_page(admin, url).text
    with transaction() as session:
        session.get_one(Integration, world.shipper_id).is_by_hand = True
    assert admin.get(url).status_code == admin.get(f"/integrations/{world.integration_id}/stores").status_code == 404


def test_a_refused_order_stands_on_today_until_it_is_tried_again(client_as, world, account):
    order_id = world.order(1)
    client, url = client_as("manager"), f"/integrations/{world.shipper_id}/handing?view=refused"
    assert "could not be handed on" not in get_page(client, "/").text
    row = HandedOrder(integration_id=world.shipper_id, order_id=order_id, problem="Two letters.", advice="Look.")
    db.session.add(row)
    db.session.commit()
    page = get_page(client, "/").text
    assert "could not be handed on" in page and "Two letters." in page and url in page
    again = f"/integrations/{world.shipper_id}/handed/{order_id}/try"
    assert again in get_page(client, url).text
    assert client_as("viewer").post(again).status_code == 403
    assert client.post(again).status_code == 303
    assert "It is sent again within seconds." in get_page(client, url).text
    assert "could not be handed on" not in get_page(client, "/").text
    client.post(again)
    assert "was not refused" in get_page(client, url).text
