"""A shipping program calls us: who is let in, what it gets, what becomes of its notices."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.ship_world import ME, UPS, use_fake_channel
from tests.shipping_world import ShippingWorld
from wholecell.db import db, transaction, utcnow
from wholecell.models import Event, HandedOrder, OrderExport, Shipment, ShipmentNotice, ShippingSettings
from wholecell.services import backup, shipments, shipping_login
from wholecell.services.vault import Vault

URL = "/channels/shipstation/custom-store"


class Caller:
    """The program, with its user name and password."""

    def __init__(self, client, name, password):
        self.client, self.auth = client, (name, password)

    def get(self, auth=None, **query):
        return self.client.get(URL, query_string=query, auth=auth or self.auth)

    def export(self, page=1, auth=None):
        now = utcnow()
        dates = {"start_date": now - timedelta(hours=1), "end_date": now}
        return self.get(auth, action="export", page=page, **{k: f"{v:%m/%d/%Y %H:%M}" for k, v in dates.items()})

    def notify(self, body=b"", **query):
        return self.client.post(URL, query_string={"action": "shipnotify", **query}, auth=self.auth, data=body)


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return ShippingWorld()


@pytest.fixture
def caller(world, client, app):
    vault = Vault(app.extensions["wholecell"].credentials_keys)
    return Caller(client, *shipping_login.make(world.shipper_id, vault, ME))


def body(world, order_id, **fields):
    values = {"OrderID": world.reference(order_id), "TrackingNumber": UPS, "Carrier": "UPS", **fields}
    return "<ShipNotice>" + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) + "</ShipNotice>"


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def test_orders_are_given_and_a_notice_is_stored_once(world, caller):
    order_id = world.order(1)
    answer = caller.export()
    assert (answer.status_code, answer.content_type) == (200, "application/xml; charset=utf-8")
    assert f"<OrderID>{world.reference(order_id)}</OrderID>" in answer.text and 'pages="1"' in answer.text
    assert db.session.get(HandedOrder, (world.shipper_id, order_id)).handed_at is not None
    for _ in range(2):
        assert caller.notify(body(world, order_id)).status_code == 200
    assert [each.tracking_number for each in shipments.of_order(order_id)] == [UPS]
    assert world.status(order_id) == "Shipped"
    assert ">shipped<" in caller.export().text
    assert world.settings.called_at is not None


def test_without_orders_the_answer_has_its_root(caller):
    assert '<Orders pages="1" />' in caller.export().text


def test_who_is_not_known_is_asked_and_then_told_to_wait(world, caller, client):
    name, password = caller.auth
    wrong = [(name, "x"), (name, ""), ("", ""), ("x" * 50, password), (name.upper(), password), (name, password + " ")]
    world.order(1)
    for auth in wrong[:5]:
        answer = caller.export(auth=auth)
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"].startswith("Basic")
        assert "Orders" not in answer.text
    assert client.get(URL, query_string={"action": "export"}).status_code == 401
    for _ in range(4):
        answer = caller.export(auth=wrong[0])
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert caller.export().status_code == 200  # the right one always gets in
    assert count(OrderExport) == 1


def test_a_new_password_ends_the_one_before_and_api_mode_lets_nobody_in(world, caller, app):
    vault = Vault(app.extensions["wholecell"].credentials_keys)
    name, password = shipping_login.make(world.shipper_id, vault, ME)
    assert name == caller.auth[0] and password not in (db.session.get(ShippingSettings, world.shipper_id).secrets)
    assert caller.export().status_code == 401
    assert caller.export(auth=(name, password)).status_code == 200
    vault.rotate()
    assert caller.export(auth=(name, password)).status_code == 200
    assert password not in " ".join(str(row.new) for row in db.session.scalars(sa.select(Event)))
    with transaction() as session:
        session.execute(sa.text("UPDATE integration SET is_by_hand = :off"), {"off": False})
    assert caller.export(auth=(name, password)).status_code == 401


def test_a_restored_copy_lets_nobody_in_before_there_is_a_new_password(world, caller):
    with transaction():
        backup.settle(["k" * 44])
    assert caller.export().status_code == 401


def test_credentials_in_the_address_let_in_and_are_taken_out_of_it(world, caller, client, monkeypatch):
    name, password = caller.auth
    seen = {}
    inner = client.application.wsgi_app

    def logging(environ, start_response):
        answer = inner(environ, start_response)
        seen.update(query=environ["QUERY_STRING"])
        return answer

    monkeypatch.setattr(client.application, "wsgi_app", logging)
    query = {"action": "export", "SS-UserName": name, "SS-Password": password, "page": "1"}
    assert client.get(URL, query_string=query).status_code == 200
    assert seen["query"] == "action=export&page=1"
    assert client.get(URL, query_string={**query, "SS-Password": "no"}).status_code == 401
    assert client.get(f"{URL}?action=export&ss-password=no&SS%2DUserName={name}").status_code == 401
    assert seen["query"] == "action=export"


def test_what_is_not_understood_is_told_so(world, caller, client):
    assert caller.get(action="delete").status_code == 400
    assert caller.get().status_code == 400
    assert client.post(URL, query_string={"action": "export"}, auth=caller.auth).status_code == 400
    assert caller.get(action="shipnotify").status_code == 400
    for query in ({"page": "0"}, {"page": "x"}, {"page": "9" * 9}, {"start_date": "yesterday"}, {"end_date": "2026"}):
        answer = caller.get(action="export", **query)
        assert answer.status_code == 400 and answer.text.strip(), query
    assert caller.get(action="export", page="7").status_code == 200


def test_harmful_notices_are_refused(world, caller):
    order_id = world.order(1)
    bomb = f'<!DOCTYPE a [<!ENTITY b "c">]>{body(world, order_id, Service="&b;")}'
    assert caller.notify(bomb).status_code == 400
    assert caller.notify(b"x" * (1024 * 1024 + 1)).status_code == 413
    assert caller.notify(b"").status_code == 400
    assert count(Shipment) == count(ShipmentNotice) == 0


def test_an_unknown_order_is_not_found_and_stands_in_the_log(world, caller):
    answer = caller.notify(order_number="nobody's", tracking_number=UPS)
    assert answer.status_code == 404 and "nobody's" in answer.text
    assert db.session.scalar(sa.select(ShipmentNotice.outcome)) == "unknown order"
