"""Orders of one integration on a marketplace in memory, with phones committed: what tests of shipments share."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from tests import factories as make
from tests.fakes import FakeChannel
from wholecell import jobs
from wholecell.channels import discover
from wholecell.channels.contract import TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import Event, Integration, SalesOrder, SalesOrderStatus, Shipment, SyncRun, Work
from wholecell.services import shipments, sync, work
from wholecell.services.events import Actor
from wholecell.services.shipments import NewShipment
from wholecell.services.work import Kind

ME = Actor()
UPS = "1Z5R89390357567127"
CUT = TemporaryError("The connection was cut.", maybe_applied=True)


def parcel(*commitments, carrier="UPS", tracking=UPS, **fields):
    values = {"service": "Ground", "tracking_url": "", "shipped_at": utcnow(), **fields}
    return NewShipment(carrier=carrier, tracking_number=tracking, commitment_ids=commitments, **values)


def use_fake_channel(monkeypatch, **fields):
    """Let the integrations of tests be on a channel that can all FakeChannel can, with these fields."""
    kind = "backmarket"
    values = {"connect": FakeChannel, "takes_esn": True, "is_one_parcel": False, **fields}
    channel = replace(discover()[kind], **values)
    monkeypatch.setitem(discover(), kind, channel)
    return channel


class ShipWorld:
    """One integration; `order` puts an order here and there, with as many phones committed as it wants."""

    def __init__(self, **integration):
        self.channel = FakeChannel()
        self.integration_id = make.make_integration(**integration).id
        with transaction() as session:
            work.ensure_rows(session, self.integration_id)
        self.variation = make.make_variation("S0")

    def order(self, *units, committed=None, status="Awaiting shipment", is_to_accept=False, **fields):
        """An order of one line for each number of units; the last line lacks what `committed` leaves open."""
        units = units or (1,)
        order = make.make_order(
            status,
            [{"sku": "S0", "ordered": n, "external_line_id": str(i)} for i, n in enumerate(units, start=1)],
            db.session.get(Integration, self.integration_id),
            is_to_accept=is_to_accept,
            channel="Backmarket",
            **fields,
        )
        lines = [(str(i), "S0", n) for i, n in enumerate(units, start=1)]
        self.channel.put_order(order.external_id, lines, is_to_accept=is_to_accept)
        left = sum(units) if committed is None else committed
        for item in make.order_items(order):
            for _ in range(min(item.ordered, left)):
                make.commit_phone(make.make_item(self.variation), item)
            left -= min(item.ordered, left)
        return order.id

    def phones(self, order_id):
        return [each.commitment_id for each in shipments.free_phones(order_id)]

    def ship(self, order_id, tracking=UPS, **fields):
        """Ship all that is committed; the shipment's id."""
        return shipments.add(order_id, parcel(*self.phones(order_id), tracking=tracking, **fields), ME, is_sure=True)

    def run(self):
        db.session.remove()
        sync.run_work(self.integration_id, Kind.SEND_SHIPMENTS, None, opener=lambda _: self.channel)
        db.session.remove()
        return db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))

    def get(self, shipment_id):
        return db.session.get(Shipment, shipment_id, populate_existing=True)

    def order_row(self, order_id):
        return db.session.get(SalesOrder, order_id, populate_existing=True)

    def status(self, order_id):
        status_id = self.order_row(order_id).status_id
        return None if status_id is None else db.session.get(SalesOrderStatus, status_id).title

    def no_waiting(self):
        """Let the time pass that a temporary error asked to wait, and the lease of a dead run end."""
        for row in db.session.scalars(sa.select(Work).where(Work.integration_id == self.integration_id)):
            row.not_before = None
            row.lease_until = row.lease_until and row.lease_until - timedelta(minutes=5)
        db.session.commit()


def told(order_id):
    """The timeline of an order: (what, before, after), oldest first."""
    query = sa.select(Event.kind, Event.old, Event.new).where(Event.subject == "order", Event.subject_id == order_id)
    return [tuple(row) for row in db.session.execute(query.order_by(Event.id))]


def wants():
    """Whether the scheduler would start telling a channel about orders."""
    db.session.remove()
    return Kind.SEND_SHIPMENTS in {kind for _, kind in jobs.wanted(utcnow())}
