"""A shop, its Back Market sandbox over a real socket, and moves that a state machine can string together."""

from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa

from tests import factories as make
from tests.engine_orders import ME, OrderMoves
from wholecell.channels.backmarket.client import BackMarket
from wholecell.channels.own_state import OwnState
from wholecell.db import UtcDateTime, db, transaction, utcnow
from wholecell.models import (
    Commitment,
    Integration,
    InventoryItem,
    InventoryStatus,
    Listing,
    SalesOrder,
    Work,
)
from wholecell.sandbox import RefusedError
from wholecell.services import due, guard, integrations, offers, push, readings, recompute, sync, work
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind

LOGIN = {
    "token": "sandbox-backmarket-token",
    "platform": "na",
    "market": "en-us",
    "company": "Test",
    "email": "test@example.com",
}


class KilledError(BaseException):
    """The process dies: nothing catches this."""


class EngineWorld(OrderMoves):
    """One armed integration with listings at the sandbox, one more whose SKU is in no catalog, and their orders."""

    def __init__(self, sandbox, listings=2, stock=2, imports_orders=True):
        self.sandbox, self.shop = sandbox, sandbox.shop
        self.shop.reset(empty=True)
        for limit in self.shop.account("backmarket").limits.values():
            limit.most = None
        prefix = f"W{next(make._numbers)}-"
        self.skus = [f"{prefix}{i}" for i in range(listings)]
        self.unknown = f"{prefix}unknown"
        self.shop.seed_backmarket(
            [
                {
                    "sku": s,
                    "title": f"Phone {s}",
                    "grade": "GOOD",
                    "price": "100.00",
                    "currency": "USD",
                    "quantity": stock + 1,
                }
                for s in [*self.skus, self.unknown]
            ]
        )
        self.variations = [make.make_variation(sku).id for sku in self.skus]
        self.loose = make.make_variation().id  # what the unknown listing sells, before anybody says so
        self.integration_id = make.make_integration(imports_orders=imports_orders).id
        with transaction() as session:
            work.ensure_rows(session, self.integration_id)
        for variation in [*self.variations, self.loose]:
            for _ in range(stock):
                self.receive(variation)
        self.run(Kind.IMPORT_LISTINGS)
        integrations.arm(self.integration_id, ME)
        self.look()  # the first numbers leave, so that every listing was pushed once

    # What our side does.

    def run(self, kind):
        db.session.remove()
        url = self.sandbox.base_url("backmarket")
        sync.run_work(self.integration_id, kind, None, opener=lambda _: BackMarket(LOGIN, url, OwnState()))
        db.session.remove()

    def look(self):
        """What the scheduler does each time it looks; returns whether anything was due."""
        db.session.remove()
        while offers.compute_requested():
            pass
        if not due.integrations_with_due(utcnow()):
            return False
        self.run(Kind.PUSH_QUANTITIES)
        return True

    def killed_after_the_yes(self, monkeypatch):
        """A push run whose process dies between the channel's yes and our commit."""
        self.killed(monkeypatch, "answer")

    def killed(self, monkeypatch, died, module=push, during=None):
        """A run whose process dies when it comes to do this; what is due is pushed unless another is named."""

        def die(*_args):
            raise KilledError

        with monkeypatch.context() as patch:
            patch.setattr(module, died, die)
            try:
                self.look() if during is None else self.run(during)
            except KilledError:
                db.session.rollback()
                self.restart()
        self.advance(minutes=2)  # the dead run's lease ends

    # What people do.

    def receive(self, variation_id, cause=Cause.SCAN):
        make.make_item(db.session.get(make.ProductVariation, variation_id))
        self._ask(cause, variation_id)

    def set_status(self, item_id, status, cause=Cause.ITEM):
        with transaction() as session:
            item = session.get(InventoryItem, item_id)
            item.status_id = make.named(InventoryStatus, status).id
            recompute.request(session, cause, ME, variations=[item.variation_id])

    def items(self, variation_id=None, status=None):
        query = sa.select(InventoryItem.id).order_by(InventoryItem.id)
        if status:
            query = query.join(InventoryStatus).where(InventoryStatus.name == status)
        live = sa.exists().where(Commitment.item_id == InventoryItem.id, Commitment.released_at.is_(None))
        wanted = [*self.variations, self.loose] if variation_id is None else [variation_id]
        return list(db.session.scalars(query.where(InventoryItem.variation_id.in_(wanted), ~live)))

    def _ask(self, cause, *variations):
        with transaction() as session:
            recompute.request(session, cause, ME, variations=variations)

    # What the marketplace and time do.

    def sell(self, index, hidden_seconds=0):
        """A buyer takes one; the index after the last is the listing whose SKU is unknown."""
        with suppress(RefusedError):  # sold out, whatever a listing that is shown late says
            self.shop.sell("backmarket", sku=[*self.skus, self.unknown][index], hidden_seconds=hidden_seconds)

    def remote(self, index):
        return self.shop.shown("backmarket", sku=self.skus[index])

    def advance(self, minutes):
        """Let time pass: the sandbox's clock forward, the times we keep back."""
        self.shop.clock.advance(minutes * 60)
        self._age(Listing, timedelta(minutes=minutes))
        self._age(Work, timedelta(minutes=minutes))
        self._age(Integration, timedelta(minutes=minutes))
        self._age(SalesOrder, timedelta(minutes=minutes), ["read_at"])  # the others are times the channel told

    def _age(self, model, by, names=None):
        table = model.__table__
        names = names or [c.name for c in table.columns if isinstance(c.type, UtcDateTime)]
        own = table.c.id if model is Integration else table.c.integration_id
        keys = list(table.primary_key.columns)
        for row in db.session.execute(sa.select(table).where(own == self.integration_id)).all():
            values = {n: getattr(row, n) - by for n in names if getattr(row, n) is not None}
            match = sa.and_(*(key == getattr(row, key.name) for key in keys))
            if values:
                db.session.execute(sa.update(table).where(match).values(values))
        db.session.commit()

    def quiet(self, rounds=6, repairs=True):
        """Let everything that is on its way arrive: orders, late writes, readings an hour apart."""
        for _ in range(rounds):
            self.advance(61)
            guard.release(self.integration_id, ME)
            db.session.remove()
            while offers.compute_requested():
                pass
            self.import_orders()
            self.tell_the_channel()
            self.look()
            if repairs:
                self.run(Kind.REPAIR)
                self.look()

    def faults_at_rest(self):
        """Listings whose number at the channel is not what we offer, without saying why not.

        Only a listing that a fault still strikes may answer with its tag: all others must be right.
        """
        db.session.expire_all()
        stubborn = {fault.sku for fault in self.shop.faults}
        wrong = []
        for sku in [*self.skus, self.unknown]:
            listing = db.session.scalar(
                sa.select(Listing).where(Listing.integration_id == self.integration_id, Listing.sku == sku)
            )
            if listing.state not in ("active", "out of stock") or (sku in stubborn and readings.doubt(listing)):
                continue
            shown = self.shop.shown("backmarket", sku=sku).quantity
            if listing.is_connected and shown != listing.last_offered:
                wrong.append((sku, shown, listing.last_offered))
        return wrong

    def quantity_calls(self):
        return sum(call.method == "POST" for call in self.shop.calls)
