"""One integration on a marketplace in memory, with moves that tests of pushes share."""

from datetime import timedelta

import sqlalchemy as sa

from tests import factories as make
from tests.fakes import FakeChannel
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    InventoryItem,
    InventoryStatus,
    Listing,
    SyncRun,
)
from wholecell.services import due, integrations, offers, recompute, sync, work
from wholecell.services.events import Actor
from wholecell.services.work import Kind

ME = Actor()


class World:
    """One armed integration with `count` listings, each counting `stock` phones of its own SKU."""

    def __init__(self, count=1, stock=3, shown=None, armed=True, **integration):
        self.channel = FakeChannel()
        self.integration = make.make_integration(**integration)
        with transaction() as session:
            work.ensure_rows(session, self.integration.id)
        self.variations = [make.make_variation(f"S{i}") for i in range(count)]
        for index, variation in enumerate(self.variations):
            make.make_items(variation, stock)
            self.channel.put(f"L{index}", sku=f"S{index}", quantity=stock if shown is None else shown)
        self.run(Kind.IMPORT_LISTINGS)
        if armed:
            integrations.arm(self.integration.id, ME)

    def run(self, kind):
        db.session.remove()
        sync.run_work(self.integration.id, kind, None, opener=lambda _: self.channel)
        db.session.remove()
        return db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))

    def settle(self):
        """Compute what changed and send what is due."""
        db.session.remove()
        while offers.compute_requested():
            pass
        if due.due_listings(self.integration.id, utcnow()):
            return self.run(Kind.PUSH_QUANTITIES)
        return None

    def change(self, cause, *indexes, status=None, count=1):
        """Move some phones of these variations to a status, for this cause."""
        status_id = make.named(InventoryStatus, status).id
        with transaction() as session:
            for index in indexes:
                variation = self.variations[index].id
                rows = session.scalars(
                    sa.select(InventoryItem)
                    .where(InventoryItem.variation_id == variation, InventoryItem.status_id != status_id)
                    .order_by(InventoryItem.id)
                    .limit(count)
                )
                for row in rows:
                    row.status_id = status_id
                recompute.request(session, cause, ME, variations=[variation])

    def listing(self, index=0):
        db.session.expire_all()
        return db.session.scalar(sa.select(Listing).where(Listing.external_id == f"L{index}"))

    def set(self, index=0, **values):
        db.session.execute(sa.update(Listing).where(Listing.external_id == f"L{index}").values(values))
        db.session.commit()

    def rewind(self, **ages):
        """Make times of the listings lie this many minutes further back."""
        for name, minutes in ages.items():
            column = getattr(Listing, name)
            for key, value in db.session.execute(sa.select(Listing.id, column)).all():
                if value is not None:
                    db.session.execute(
                        sa.update(Listing).where(Listing.id == key).values({name: value - timedelta(minutes=minutes)})
                    )
        db.session.commit()

    def due(self):
        db.session.expire_all()
        return [(d.external_id, d.number, d.reason) for d in due.due_listings(self.integration.id, utcnow())]
