"""Sales channels: named exactly as orders carry them."""

import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from tests.push_world import ME
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import SalesChannel, SalesOrder
from wholecell.services import integrations, sales_channel_list
from wholecell.services.vault import Vault

URL = "/settings/sales-channels"


def names():
    db.session.expire_all()
    return list(db.session.scalars(sa.select(SalesChannel.name).order_by(SalesChannel.name)))


def key(name):
    return db.session.scalar(sa.select(SalesChannel.id).where(SalesChannel.name == name))


def connect(name="BM EU"):
    return integrations.add("backmarket", name, {"token": "t"}, Vault([Fernet.generate_key().decode()]), ME)


def test_a_channel_comes_with_its_integration_named_letter_for_letter(app):
    connect()
    connect("BM US")
    assert names() == ["Backmarket"]
    (row,) = sales_channel_list.rows()
    assert row.integrations == ("BM EU", "BM US")


def test_channels_are_added_renamed_and_deleted(client_as):
    client = client_as("manager")
    assert "No sales channel yet" in get_page(client, URL).text
    assert client.post(URL, data={"name": " Whole  sale "}).status_code == 303
    order = make.make_order(items=[{"sku": "X"}], channel="Whole sale")
    wholesale = key("Whole sale")
    assert client.post(f"{URL}/{wholesale}", data={"name": "Wholesale"}).status_code == 303
    assert names() == ["Wholesale"]
    assert db.session.get(SalesOrder, order.id).channel == "Wholesale"
    answer = client.post(f"{URL}/{wholesale}/delete")
    assert answer.status_code == 422
    assert "1 order carries the name Wholesale" in check_page(client, answer).text
    client.post(URL, data={"name": "Shop"})
    assert client.post(f"{URL}/{key('Shop')}/delete").status_code == 303
    assert names() == ["Wholesale"]


def test_a_name_that_is_taken_is_refused_where_it_was_typed(client_as):
    client = client_as("manager")
    client.post(URL, data={"name": "Wholesale"})
    client.post(URL, data={"name": "Shop"})
    answer = client.post(URL, data={"name": "wholesale"})
    assert answer.status_code == 422
    assert "already a sales channel named Wholesale" in check_page(client, answer).text
    answer = client.post(f"{URL}/{key('Shop')}", data={"name": "Wholesale"})
    assert f'id="problem-{key("Shop")}"' in check_page(client, answer).text
    assert "needs a name" in client.post(URL, data={"name": " "}).text
    assert "longer than 60" in client.post(URL, data={"name": "x" * 61}).text


def test_renaming_a_connected_channel_warns_first(client_as):
    one = connect()
    by_hand = make.make_order(channel="Backmarket", items=[{"sku": "X"}]).id
    imported = make.make_order(channel="Backmarket", items=[{"sku": "X"}], integration=one).id
    client = client_as("manager")
    url = f"{URL}/{key('Backmarket')}"
    answer = client.post(url, data={"name": "Back Market"})
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert "letter for letter" in page.text and "Rename anyway" in page.text
    assert names() == ["Backmarket"]
    assert client.post(url, data={"name": "Back Market", "is_sure": "y"}).status_code == 303
    assert names() == ["Back Market"]
    channels = {key: db.session.get(SalesOrder, key).channel for key in (by_hand, imported)}
    assert channels == {by_hand: "Back Market", imported: "Backmarket"}


def test_a_connected_channel_is_not_deleted(client_as):
    connect()
    answer = client_as("manager").post(f"{URL}/{key('Backmarket')}/delete")
    assert answer.status_code == 422 and "Orders of BM EU carry the name Backmarket" in answer.text
    assert names() == ["Backmarket"]


def test_pickers_do_not_change_channels(client_as):
    client = client_as("picker")
    assert client.get(URL).status_code == 403
    for url in (URL, f"{URL}/1", f"{URL}/1/delete"):
        assert client.post(url, data={"name": "X"}).status_code == 403
