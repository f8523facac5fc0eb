"""From a sale on a pretend marketplace to a label in the pretend ShipStation and back, all over real sockets."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from tests import factories as make
from tests.channels.amazon.test_document import LOGIN as AMAZON
from tests.channels.shipstation.conftest import KEYS, MANUAL
from tests.channels.shipstation.test_custom_store_played import Quiet
from tests.channels.walmart.conftest import LOGIN as WALMART
from tests.ship_world import ME, UPS
from wholecell.channels.contract import RateLimit
from wholecell.channels.shipstation import calls
from wholecell.db import db
from wholecell.models import (
    Integration,
    ProductVariation,
    SalesOrder,
    SalesOrderStatus,
    ShipmentNotice,
    ShippingSettings,
    SyncRun,
)
from wholecell.sandbox import Sandbox
from wholecell.sandbox.shipstation.actions import ACTIONS
from wholecell.services import (
    commit,
    integration_page,
    integrations,
    order_changes,
    shipment_wishes,
    shipments,
    shipping_login,
    shipping_page,
    shipping_settings,
    shipping_stores,
    sync,
)
from wholecell.services.incoming_shipments import TOLD_BEFORE
from wholecell.services.keyset import Cursor
from wholecell.services.shipping_stores import StoreChoice
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

SECOND, THIRD = "1Z5R89390357567136", "9400111899223197428490"
BACKMARKET = {
    "platform": "na",
    "market": "en-us",
    "token": "sandbox-backmarket-token",
    "company": "Second Ring",
    "email": "it@example.com",
}
LOGINS = {"walmart": WALMART, "backmarket": BACKMARKET, "amazon": AMAZON}


class Story:
    """A seller on three marketplaces, whose program is on a socket, and ShipStation, which ships for two of them."""

    def __init__(self, app, sandbox):
        self.sandbox, self.shop = sandbox, sandbox.shop
        self.vault = Vault(app.extensions["wholecell"].credentials_keys)
        self.variation_id = make.make_variation("A").id
        row = {"sku": "A", "title": "iPhone 13", "price": "289.00", "currency": "USD", "quantity": 9, "grade": "GOOD"}
        self.ids = {}
        for kind, login in LOGINS.items():
            self.shop.seed(kind, [row])
            self.ids[kind] = integration_page.connect(kind, f"My {kind}", login, self.vault, ME).id
            saved = integrations.settings_of(db.session.get(Integration, self.ids[kind]))
            wanted = replace(saved.orders, imports=True, sends_shipments=True)
            integrations.save_settings(self.ids[kind], replace(saved, orders=wanted), ME)

    def connect(self, **login):
        """ShipStation in one of its two modes, with Walmart and Back Market ticked and Amazon not."""
        self.shipper_id = integration_page.connect("shipstation", "ShipStation", login, self.vault, ME).id
        handing = shipping_settings.value_of(db.session.get(ShippingSettings, self.shipper_id))
        assert handing.channels == {"Walmart", "Backmarket", "Amazon"}  # all that are connected
        self.tick("Walmart", "Backmarket")

    def tick(self, *names):
        handing = shipping_settings.value_of(db.session.get(ShippingSettings, self.shipper_id))
        shipping_settings.save(self.shipper_id, replace(handing, channels=frozenset(names)), ME)

    def run(self, integration_id, kind):
        db.session.remove()
        sync.run_work(integration_id, kind, self.vault)
        db.session.remove()
        found = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
        assert (found.kind, found.state, found.problem) == (kind, "done", "")

    def do(self, action, **body):
        db.session.remove()
        answer = ACTIONS[action](self.shop, body)
        db.session.remove()
        return answer

    def pull(self):
        result = self.do("pull")
        assert (result["problem"], result["not_taken"]) == ("", [])
        return sorted(result["new"] + result["updated"])

    def sell(self, kind, quantity=1):
        """A customer buys, and the order comes in with its phones committed: the order there, ours, the IMEIs."""
        sale = self.shop.sell(kind, sku="A", quantity=quantity)
        self.run(self.ids[kind], Kind.IMPORT_ORDERS)
        order_id = self.row(kind).id
        return sale, order_id, self.pick(order_id)

    def pick(self, order_id):
        (item,) = make.order_items(db.session.get(SalesOrder, order_id))
        variation = db.session.get(ProductVariation, self.variation_id)
        phones = [each.esn for each in make.make_items(variation, item.ordered)]
        for esn in phones:
            commit.commit(order_id, esn, ME)
        return phones

    def row(self, kind):
        return db.session.scalars(sa.select(SalesOrder).where(SalesOrder.integration_id == self.ids[kind])).one()

    def accept(self, kind, *order_ids):
        assert shipment_wishes.ask_accept(order_ids, ME) == len(order_ids)
        self.tell(kind)
        self.run(self.ids[kind], Kind.IMPORT_ORDERS)

    def tell(self, kind):
        """What waits is told to the marketplace."""
        self.run(self.ids[kind], Kind.SEND_SHIPMENTS)

    def there(self, order_id):
        """The order in ShipStation."""
        row = db.session.get(ShippingSettings, self.shipper_id)
        found = [
            each
            for each in self.shop.account("shipstation").all_orders()
            if f"{row.prefix}-{order_id}" in (each.source_id, each.key)
        ]
        return found[0] if found else None

    def shipped(self, order_id):
        return [
            (each.tracking_number, each.state.value, each.voided_at is None, each.problem)
            for each in shipments.of_order(order_id)
        ]

    @staticmethod
    def status_id(title):
        return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))

    @staticmethod
    def status(order_id):
        query = sa.select(SalesOrderStatus.title).join(SalesOrder, SalesOrder.status_id == SalesOrderStatus.id)
        return db.session.scalar(query.where(SalesOrder.id == order_id))


def on_walmart(sale):
    """What Walmart shows of the only line: units and tracking number by state."""
    (line,) = sale.lines
    return [
        (each.status.word, each.quantity, (each.tracking or {}).get("trackingNumber", "")) for each in line.portions
    ]


@pytest.fixture
def story(app, monkeypatch):
    with Sandbox() as sandbox:
        sandbox.shop.reset(empty=True)
        for kind in (*LOGINS, "shipstation"):
            for name, url in sandbox.variables(kind).items():
                monkeypatch.setenv(name, url)
            for limit in sandbox.shop.account(kind).limits.values():
                limit.most = None
        sandbox.shop.account("amazon").settings["order_lag_seconds"] = 0.0
        yield Story(app, sandbox)


@pytest.fixture
def pulling(app, story):
    """The same, with our program on a socket and ShipStation set up to pull it as a Custom Store."""
    story.connect(mode="custom")
    user, password = shipping_login.make(story.shipper_id, story.vault, ME)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/channels/shipstation/custom-store"
    story.do("set_up", url=url, user=user, password=password)
    yield story
    server.shutdown()
    server.server_close()


def test_a_sale_on_walmart_ends_shipped_there_with_the_number_of_its_label(pulling):
    story = pulling
    sale, order_id, (imei,) = story.sell("walmart")
    assert (story.status(order_id), story.pull()) == ("To accept", [])
    story.accept("walmart", order_id)
    number = str(sale.customer_order)
    assert (story.status(order_id), story.pull()) == ("Awaiting shipment", [number])
    there = story.there(order_id)
    told = there.fields["advancedOptions"]
    assert (there.status, told["source"], told["customField2"]) == ("awaiting_shipment", "Walmart", "Walmart")
    assert (told["customField1"], told["customField3"]) == (number, imei)
    assert [(line["sku"], line["quantity"], line["unitPrice"]) for line in there.items] == [("A", 1, 289.0)]

    label = story.do("label", order=number, tracking=UPS, carrier="ups", service="ups_ground")
    assert label["notice"]["status"] == 200
    assert story.do("notice", shipment=UPS)["status"] == 200
    assert story.shipped(order_id) == [(UPS, "waiting", True, "")]
    (notice,) = db.session.scalars(sa.select(ShipmentNotice))
    assert (notice.outcome, notice.times) == ("added", 2)
    (shipment,) = shipments.of_order(order_id)
    assert (shipment.carrier, [unit.esn for unit in shipment.units]) == ("UPS", [imei])
    assert story.status(order_id) == "Shipped"
    story.tell("walmart")
    story.run(story.ids["walmart"], Kind.IMPORT_ORDERS)
    assert on_walmart(sale) == [("Shipped", 1, UPS)]
    assert story.shipped(order_id) == [(UPS, "sent", True, "")]
    assert (story.row("walmart").channel_status, story.status(order_id)) == ("Shipped", "Shipped")
    assert story.pull() == [] and story.there(order_id).status == "shipped"


def test_of_two_parcels_one_is_voided_before_walmart_hears_of_it_and_one_after(pulling):
    story = pulling
    sale, order_id, imeis = story.sell("walmart", 2)
    story.accept("walmart", order_id)
    (number,) = story.pull()
    assert story.there(order_id).fields["advancedOptions"]["customField3"] == ", ".join(imeis)
    story.do("label", order=number, tracking=UPS, carrier="ups", items=[{"sku": "A", "quantity": 1}])
    story.tell("walmart")
    assert story.status(order_id) == "Awaiting shipment"
    assert sorted(on_walmart(sale)) == [("Acknowledged", 1, ""), ("Shipped", 1, UPS)]

    story.do("label", order=number, tracking=SECOND, carrier="ups")
    assert story.status(order_id) == "Shipped"
    first, second = shipments.of_order(order_id)
    shipments.void(second.id, ME, is_sure=True)  # ShipStation tells no store of a void
    story.do("void", shipment=SECOND)
    story.do("notice", shipment=SECOND)  # late, and not to bring it back
    story.tell("walmart")
    assert sorted(on_walmart(sale)) == [("Acknowledged", 1, ""), ("Shipped", 1, UPS)]
    story.do("label", order=number, tracking=THIRD)
    story.tell("walmart")
    assert sorted(on_walmart(sale)) == [("Shipped", 1, UPS), ("Shipped", 1, THIRD)]
    shipments.void(first.id, ME, is_sure=True)
    story.tell("walmart")
    assert sorted(on_walmart(sale)) == [("Shipped", 1, UPS), ("Shipped", 1, THIRD)]  # it takes nothing back
    rows = [(each[0], each[1], each[2]) for each in story.shipped(order_id)]
    assert rows == [(UPS, "sent", False), (SECOND, "waiting", False), (THIRD, "sent", True)]


def test_on_back_market_a_shipment_waits_until_its_order_is_accepted(pulling):
    story = pulling
    sale, order_id, (imei,) = story.sell("backmarket")
    assert (story.status(order_id), story.pull()) == ("To accept", [])
    order_changes.set_status([order_id], story.status_id("Awaiting shipment"), ME)  # a person was quicker
    number = str(sale.id)
    assert story.pull() == [number]
    there = story.there(order_id)
    assert (there.status, there.fields["advancedOptions"]["source"]) == ("on_hold", "Backmarket")
    story.shop.happen("shipstation", there.id, "release")
    story.do("label", order=number, tracking=UPS, carrier="ups")
    story.tell("backmarket")
    assert story.shipped(order_id) == [(UPS, "waiting", True, "It is sent as soon as the order is accepted.")]
    assert (sale.state, sale.tracking_number) == (1, "")
    story.accept("backmarket", order_id)
    story.tell("backmarket")
    assert (sale.state, sale.tracking_number, [line.imei for line in sale.lines]) == (9, UPS, [imei])
    assert story.shipped(order_id) == [(UPS, "sent", True, "")]
    assert story.status(order_id) == "Shipped"


def test_what_left_without_a_scan_stays_wanted_whatever_walmart_says_of_it(pulling):
    story = pulling
    sale = story.shop.sell("walmart", sku="A")
    story.run(story.ids["walmart"], Kind.IMPORT_ORDERS)
    order_id = story.row("walmart").id
    story.accept("walmart", order_id)
    (number,) = story.pull()
    story.do("label", order=number, tracking=UPS, carrier="ups")
    for word in ("Acknowledged", "Shipped"):
        story.run(story.ids["walmart"], Kind.IMPORT_ORDERS)
        order = story.row("walmart")
        assert (order.channel_status, order.is_to_be_scanned, story.status(order_id)) == (word, True, "Shipped")
        story.tell("walmart")
    assert on_walmart(sale) == [("Shipped", 1, UPS)]
    assert story.pull() == []
    story.pick(order_id)
    assert not story.row("walmart").is_to_be_scanned


def test_what_is_not_ticked_or_lacks_an_address_stays_and_is_listed(pulling):
    story = pulling
    story.shop.sell("amazon", sku="A")
    story.run(story.ids["amazon"], Kind.IMPORT_ORDERS)
    sale = story.shop.sell("backmarket", sku="A")
    sale.address = sale.address | {"city": "", "country": ""}
    story.run(story.ids["backmarket"], Kind.IMPORT_ORDERS)
    order_id = story.row("backmarket").id
    story.accept("backmarket", order_id)
    assert story.status(order_id) == "Awaiting shipment" == story.status(story.row("amazon").id)
    assert story.pull() == []
    settings = db.session.get(ShippingSettings, story.shipper_id)
    assert shipping_page.left_out(settings) == [("Amazon", 1)]
    (incomplete,) = shipping_page.orders(settings, "incomplete", Cursor()).rows
    assert (incomplete.id, incomplete.missing) == (order_id, ["city", "country as two letters"])
    story.tick("Walmart", "Backmarket", "Amazon")
    assert len(story.pull()) == 1
    assert story.there(story.row("amazon").id).fields["advancedOptions"]["source"] == "Amazon"


def test_by_the_api_the_same_sale_on_walmart(story, monkeypatch):
    monkeypatch.setattr(calls, "CALLS", RateLimit("calls", count=1000, seconds=1.0, burst=1000))
    story.connect(mode="api", **KEYS)
    shipping_stores.read(story.shipper_id, story.vault)
    shipping_stores.save(story.shipper_id, StoreChoice(frozenset(), str(MANUAL), True), ME)
    sale, order_id, (imei,) = story.sell("walmart")
    story.run(story.shipper_id, Kind.SEND_ORDERS)
    assert story.there(order_id) is None
    story.accept("walmart", order_id)
    story.run(story.shipper_id, Kind.SEND_ORDERS)
    there = story.there(order_id)
    told = there.fields["advancedOptions"]
    assert (there.number, there.store_id) == (str(sale.customer_order), MANUAL)
    assert (told["source"], told["customField2"], told["customField3"]) == ("Walmart", "Walmart", imei)
    story.do("label", order=there.number, tracking=UPS, carrier="ups")
    for _ in range(2):
        story.run(story.shipper_id, Kind.IMPORT_SHIPMENTS)
    assert story.shipped(order_id) == [(UPS, "waiting", True, "")]
    story.tell("walmart")
    assert on_walmart(sale) == [("Shipped", 1, UPS)]
    assert (story.status(order_id), story.shipped(order_id)) == ("Shipped", [(UPS, "sent", True, "")])
    story.do("void", shipment=UPS)  # after it was sent on
    story.run(story.shipper_id, Kind.IMPORT_SHIPMENTS)
    notices = db.session.scalars(sa.select(ShipmentNotice).order_by(ShipmentNotice.id)).all()
    assert (notices[-1].outcome, notices[-1].problem) == ("voided", TOLD_BEFORE)
    story.tell("walmart")
    assert on_walmart(sale) == [("Shipped", 1, UPS)]
