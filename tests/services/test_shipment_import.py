"""Shipments read from a program that we call: whose they are, how far was read, and what is read once more."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.ship_world import UPS, use_fake_channel
from tests.shipping_world import ShippingWorld
from wholecell.channels.contract import CameShipment, ShipmentPage, TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import HandedOrder, Integration, SalesOrder, ShipmentNotice, SyncRun, Work
from wholecell.services import incoming_shipments, shipments, sync, work
from wholecell.services.incoming_shipments import Outcome, Taken
from wholecell.services.work import Kind

UPS2 = "1Z5R89390357567136"


class Program:
    """Tells the pages it was given; one that is an error is raised."""

    def __init__(self):
        self.pages, self.asked = [], []

    def check(self):
        return ()

    def shipments(self, since):
        self.asked.append(since)
        for number, page in enumerate(self.pages, start=1):
            if isinstance(page, Exception):
                raise page
            yield ShipmentPage(page, number, None, utcnow())


class World(ShippingWorld):
    def __init__(self):
        super().__init__()
        self.program = Program()
        with transaction() as session:
            session.get_one(Integration, self.shipper_id).is_by_hand = False
            work.ensure_rows(session, self.shipper_id)

    def read(self, *pages):
        self.program.pages = pages
        db.session.execute(sa.update(Work).values(not_before=None))
        db.session.commit()
        db.session.remove()
        sync.run_work(self.shipper_id, Kind.IMPORT_SHIPMENTS, None, opener=lambda _: self.program)
        db.session.remove()
        return db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))

    def handed(self, order_id, external_id=""):
        row = HandedOrder(
            integration_id=self.shipper_id, order_id=order_id, handed_at=utcnow(), external_id=external_id
        )
        db.session.add(row)
        db.session.commit()

    def tracking(self, order_id):
        db.session.remove()
        found = shipments.of_order(order_id)
        return [(each.tracking_number, each.voided_at is not None) for each in found]


@pytest.fixture
def world(app, monkeypatch):
    use_fake_channel(monkeypatch)
    return World()


def came(tracking=UPS, **fields):
    values = {"reference": "", "number": "", "carrier": "ups", "service": "Ground", "shipped_at": utcnow(), **fields}
    return CameShipment(tracking_number=tracking, **values)


def test_shipments_are_known_by_key_by_the_programs_own_id_and_by_number(world):
    by_key, by_id, by_number, other = (world.order(1) for _ in range(4))
    world.handed(by_id, "900")
    world.handed(by_number)
    imported = make.make_order(
        "Awaiting shipment", [{"sku": "S0", "ordered": 1}], db.session.get(Integration, world.shipper_id)
    )
    number = world.row(by_number).number
    run = world.read(
        [
            came(reference=world.reference(by_key)),
            came(order_external_id="900", number="another shop's"),
            came(number=number),
            came(order_external_id=imported.external_id),
            came(number=world.row(other).number, reference="another shop's"),  # it never went there
            came("1Z9", number=number, reference="another shop's", order_external_id="901"),  # numbered alike
        ]
    )
    for order_id in (by_key, by_id, by_number, imported.id):
        assert world.tracking(order_id) == [(UPS, False)]
    assert world.tracking(other) == []
    assert (run.kind, run.state, run.counts["added"], run.counts["of other orders"]) == (
        "import-shipments",
        "done",
        4,
        2,
    )
    assert db.session.scalar(sa.select(sa.func.count(ShipmentNotice.id))) == 4
    assert world.status(by_key) == "Shipped"
    world.run()
    assert len(world.channel.parcels) == 3  # each went on to the channel of its order


def test_the_mark_moves_only_after_the_last_page(world):
    order_id = world.order(2)
    shipment = came(reference=world.reference(order_id))
    failed = world.read([shipment], TemporaryError("It has a fault of its own.", maybe_applied=False))
    assert failed.state == "failed" and world.tracking(order_id) == [(UPS, False)]  # what was read stays
    assert world.settings.shipments_until is None
    began = utcnow()
    world.read([shipment], [])
    first, second = world.program.asked
    assert first == second < began - timedelta(hours=1)
    assert began <= world.settings.shipments_until <= utcnow()
    until = world.settings.shipments_until
    world.read([came(UPS2, reference=world.reference(order_id), is_voided=True)])
    assert world.program.asked[-1] == until - timedelta(minutes=10)
    assert world.tracking(order_id) == [(UPS, False)]  # the void is of a label never told of
    world.read([came(reference=world.reference(order_id), is_voided=True)])
    assert world.tracking(order_id) == [(UPS, True)]


def test_what_is_to_be_told_again_holds_the_mark(world, monkeypatch):
    order_id = world.order(1)
    with monkeypatch.context() as patch:
        patch.setattr(incoming_shipments, "take", lambda *_: Taken(Outcome.LATER, "Later."))
        world.read([came(reference=world.reference(order_id))])
    assert world.settings.shipments_until is None
    world.read([came(reference=world.reference(order_id))])
    assert world.settings.shipments_until is not None


def test_a_page_of_other_shops_costs_few_queries(world):
    order_id = world.order(1)
    world.handed(order_id, "900")
    others = [came(f"T{n}", number=f"S{n}", reference=f"shop-{n}", order_external_id=str(n)) for n in range(1, 200)]
    world.read([])
    with make.QueryCounter() as few:
        world.read(others[:2])
    with make.QueryCounter() as many:
        world.read(others)
    assert len(few) == len(many)
    assert db.session.scalar(sa.select(sa.func.count(SalesOrder.id))) == 1
