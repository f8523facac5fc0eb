"""Shipments by the API, and the other system's word that it has one."""

import sqlalchemy as sa

from tests import factories as make
from tests.web.api.callers import caller
from wholecell.db import db, utcnow
from wholecell.models import Event, Shipment, ShipmentUnit

PAGE = "/api/v1/shipments"


def make_shipment(order, state="here only", **fields):
    values = {"carrier": "UPS", "tracking_number": "1Z1", "state": state, "shipped_at": utcnow(), **fields}
    return make.save(Shipment(order_id=order.id, **values))


def test_a_shipment_comes_with_its_phones_and_is_taken_once(app):
    shop, other = make.make_integration(name="Shop"), make.make_integration(name="Other")
    phone = make.make_item(make.make_variation("S1"))
    order = make.make_order(integration=shop, items=[{"sku": "S1", "external_line_id": "L1"}])
    (item,) = make.order_items(order)
    commitment = make.commit_phone(phone, item)
    shipment = make_shipment(order)
    make.save(ShipmentUnit(shipment_id=shipment.id, commitment_id=commitment.id))
    make_shipment(make.make_order(integration=other), state="sent")
    client = caller(app, "shipments:read", "shipments:write", integration=shop)
    page = client.get(PAGE).json
    assert page["next_cursor"] is None
    (shown,) = page["shipments"]
    assert shown["order_external_id"] == order.external_id
    assert (shown["carrier"], shown["tracking_number"], shown["state"]) == ("UPS", "1Z1", "here only")
    assert shown["phones"] == [{"esn": phone.esn, "sku": "S1", "line_id": item.id, "line_external_id": "L1"}]
    url = f"{PAGE}/{shipment.id}"
    assert client.get(url).json == shown
    taken = client.post(f"{url}/taken")
    assert (taken.status_code, taken.json["state"]) == (200, "sent")
    assert taken.json["taken_at"]
    assert client.post(f"{url}/taken").json == taken.json
    writer = caller(app, "shipments:write", integration=shop, name="Writer")
    assert writer.post(f"{url}/taken").json == {**taken.json, "phones": []}
    assert db.session.scalars(sa.select(ShipmentUnit.esn_sent_at)).one() is not None
    kinds = db.session.scalars(sa.select(Event.kind).where(Event.subject == "order")).all()
    assert kinds == ["shipment taken"]
    assert client.get(PAGE, query_string={"taken": "false"}).json["shipments"] == []
    assert client.get(PAGE, query_string={"taken": "true", "order_id": order.id}).json["shipments"] == [taken.json]
    since = {"shipped_since": "2199-01-01T00:00:00Z"}
    assert client.get(PAGE, query_string=since).json["shipments"] == []


def test_which_shipments_cannot_be_taken(app):
    shop = make.make_integration()
    order = make.make_order(integration=shop)
    states = ("waiting", "sending", "refused")
    told = [make_shipment(order, state, tracking_number=state) for state in states]
    voided = make_shipment(order, voided_at=utcnow())
    client = caller(app, "shipments:write")
    for shipment in (*told, voided):
        answer = client.post(f"{PAGE}/{shipment.id}/taken")
        assert (answer.status_code, answer.json["error"]) == (409, "not_to_be_taken")
    assert client.post(f"{PAGE}/99/taken").status_code == 404
    shop.is_by_hand = True  # people carry files: nobody else tells the channel
    db.session.commit()
    assert client.post(f"{PAGE}/{told[0].id}/taken").json["state"] == "sent"
    assert client.post(f"{PAGE}/{voided.id}/taken").status_code == 409
    other = caller(app, "shipments:write", integration=make.make_integration(), name="Other")
    assert other.post(f"{PAGE}/{told[1].id}/taken").status_code == 404
