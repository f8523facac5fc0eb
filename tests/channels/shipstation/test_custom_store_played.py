"""The pretend ShipStation, which shares no code with ours, uses our Custom Store over a socket."""

import threading

import pytest
import sqlalchemy as sa
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import factories as make
from tests.ship_world import ME, use_fake_channel
from tests.shipping_world import ShippingWorld
from wholecell.db import db, transaction
from wholecell.models import SalesOrder, ShipmentNotice
from wholecell.models import SalesOrderStatus as Status
from wholecell.sandbox import Shop
from wholecell.sandbox.shipstation.actions import ACTIONS
from wholecell.services import shipments, shipping_login
from wholecell.services.events import record
from wholecell.services.vault import Vault


class Quiet(WSGIRequestHandler):
    def log(self, *args):
        pass


class Played(ShippingWorld):
    """Our app on a socket, and a ShipStation that has its address, user name and password."""

    def __init__(self, app):
        super().__init__()
        vault = Vault(app.extensions["wholecell"].credentials_keys)
        user, password = shipping_login.make(self.shipper_id, vault, ME)
        self.server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.shop = Shop()
        self.account = self.shop.account("shipstation")
        url = f"http://127.0.0.1:{self.server.server_port}/channels/shipstation/custom-store"
        self.login = {"url": url, "user": user, "password": password}
        self.store = self.do("set_up", **self.login)["id"]

    def do(self, action, **body):
        db.session.commit()
        answer = ACTIONS[action](self.shop, body)
        db.session.rollback()
        return answer

    def there(self):
        return {order.number: order for order in self.account.all_orders()}


@pytest.fixture
def played(app, monkeypatch):
    use_fake_channel(monkeypatch)
    world = Played(app)
    yield world
    world.server.shutdown()
    world.server.server_close()


def test_orders_go_and_shipments_come_back(played):
    ids = [played.order(2, 1, number=f"N-{number}") for number in range(3)]
    played.order(1, number="NO-CITY", ship_city="")
    result = played.do("pull", store=played.store)
    assert (sorted(result["new"]), result["problem"]) == (["N-0", "N-1", "N-2"], "")

    first_line = make.order_items(played.row(ids[0]))[0].id
    some = [{"line": str(first_line), "quantity": 1}]
    part = played.do("label", order="N-0", items=some, tracking="1Z1", cost="7.95")
    assert part["notice"]["status"] == 200
    assert played.status(ids[0]) == "Awaiting shipment"
    played.do("label", order="N-0", tracking="1Z2")
    assert played.status(ids[0]) == "Shipped"
    assert [len(each.units) for each in shipments.of_order(ids[0])] == [1, 2]
    played.do("notice", shipment="1Z2", times=3)
    played.do("notice", shipment="1Z2", query_only=True)
    assert len(shipments.of_order(ids[0])) == 2
    played.run()
    assert [each.tracking_number for each in played.channel.parcels] == ["1Z1", "1Z2"]

    played.do("mark", order="N-1")
    (marked,) = shipments.of_order(ids[1])
    assert marked.tracking_number == "" and played.status(ids[1]) == "Shipped"

    canceled = Status(title="Canceled", counts_as_open=False, allows_commitment=False)
    with transaction() as session:
        session.add(canceled)
        session.flush()
        session.execute(sa.update(SalesOrder).where(SalesOrder.id == ids[2]).values(status_id=canceled.id))
        record(session, ME, "order", ids[2], "status", "Awaiting shipment", "Canceled")
    assert "N-2" in played.do("pull", store=played.store)["updated"]
    assert str(played.there()["N-2"].status) == "cancelled"


def test_what_it_sends_amiss_harms_nothing(played):
    played.order(1, number="N-1")
    played.do("pull", store=played.store)
    kinds = {"unknown": 404, "huge": 413, "bomb": 400, "external": 400, "broken": 400}
    assert {kind: played.do("odd_notice", store=played.store, **{"as": kind})["status"] for kind in kinds} == kinds
    assert [each.outcome for each in db.session.scalars(sa.select(ShipmentNotice))] == ["unknown order"]
    wrong = played.do("call", store=played.store, query={"action": "export"}, user="x", password="y")
    assert wrong["status"] == 401
    assert played.do("call", store=played.store, query={"action": "delete"})["status"] == 400
