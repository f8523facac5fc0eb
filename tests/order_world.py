"""One integration on a marketplace in memory, and its orders imported: what tests of orders share."""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from tests.fakes import FakeChannel
from wholecell.db import db, transaction
from wholecell.models import (
    Event,
    Integration,
    OrderItem,
    RecomputeRequest,
    SalesOrder,
    SalesOrderStatus,
    StatusMapping,
    SyncRun,
)
from wholecell.services import sync, work
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

VAULT = Vault([Fernet.generate_key().decode()])


class OrderWorld:
    """`count` listings with `stock` phones each; `press` imports orders."""

    def __init__(self, count=2, stock=3, **integration):
        self.channel = FakeChannel()
        self.integration_id = make.make_integration(imports_orders=True, **integration).id
        with transaction() as session:
            work.ensure_rows(session, self.integration_id)
        self.variations = [make.make_variation(f"S{i}").id for i in range(count)]
        for index, variation in enumerate(self.variations):
            make.make_items(db.session.get(make.ProductVariation, variation), stock)
            self.channel.put(f"L{index}", sku=f"S{index}", quantity=stock, other_ids={"listing_id": str(700 + index)})
        self.run(Kind.IMPORT_LISTINGS)

    def run(self, kind):
        db.session.remove()
        sync.run_work(self.integration_id, kind, VAULT, opener=lambda _: self.channel)
        db.session.remove()
        return db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))

    def press(self):
        """Import orders, whatever an earlier run asked to wait for."""
        db.session.execute(sa.update(work.Work).values(not_before=None))
        db.session.commit()
        return self.run(Kind.IMPORT_ORDERS)

    @property
    def integration(self):
        return db.session.get(Integration, self.integration_id, populate_existing=True)

    def set(self, **values):
        db.session.execute(sa.update(Integration).where(Integration.id == self.integration_id).values(values))
        db.session.commit()

    def order(self, external_id="1"):
        db.session.expire_all()
        return db.session.scalar(
            sa.select(SalesOrder).where(
                SalesOrder.integration_id == self.integration_id, SalesOrder.external_id == external_id
            )
        )

    def items(self, external_id="1"):
        return make.order_items(self.order(external_id))

    def change_order(self, external_id="1", **values):
        """What a person does to ours."""
        db.session.execute(sa.update(SalesOrder).where(SalesOrder.external_id == external_id).values(values))
        db.session.commit()

    def change_line(self, external_id="1", index=0, **fields):
        """What happens to a line at the channel."""
        lines = list(self.channel.orders_there[external_id].lines)
        lines[index] = replace(lines[index], **fields)
        self.channel.change_order(external_id, lines=lines)

    def status(self, external_id="1"):
        key = self.order(external_id).status_id
        return key and db.session.get(SalesOrderStatus, key).title

    def status_id(self, title):
        return db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == title))

    def map(self, word):
        row = db.session.get(StatusMapping, (self.integration_id, word), populate_existing=True)
        return row and row.status_id

    def events(self, external_id="1"):
        order = self.order(external_id)
        query = sa.select(Event.kind).where(Event.subject == "order", Event.subject_id == order.id)
        return list(db.session.scalars(query.order_by(Event.id)))

    def advance(self, **by):
        """Let time pass: everything we remember of orders lies that much further back."""
        by = timedelta(**by)
        for model, names in (
            (SalesOrder, ("read_at",)),
            (Integration, ("orders_changed_until", "orders_imported_from", "orders_imported_at")),
        ):
            for row in db.session.scalars(sa.select(model)):
                for name in names:
                    if (value := getattr(row, name)) is not None:
                        setattr(row, name, value - by)
        db.session.commit()

    @staticmethod
    def count(model=SalesOrder):
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))

    @staticmethod
    def requests():
        return db.session.execute(sa.select(RecomputeRequest.variation_id, RecomputeRequest.order_id)).all()

    @staticmethod
    def item_count():
        return db.session.scalar(sa.select(sa.func.count()).select_from(OrderItem))
