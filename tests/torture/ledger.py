"""What the seller has against what is true at the marketplaces."""

from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Integration, Listing, OrderImportError, OrderItem, QuantityPush, SalesOrder, SyncRun
from wholecell.services.work import Kind

OURS = "Something went wrong on our side."


@dataclass
class Faults:
    """All empty when nothing was lost."""

    lost: list = field(default_factory=list)  # orders and lines that are not here, or not as they are there
    duplicate: list = field(default_factory=list)
    stale: list = field(default_factory=list)  # (stall, SKU, shown there, offered by us, left in truth)
    broken: list = field(default_factory=list)  # runs left open, errors of ours, orders that were refused

    def __bool__(self):
        return bool(self.lost or self.duplicate or self.stale or self.broken)

    def __str__(self):
        return ", ".join(f"{len(found)} {name}" for name, found in vars(self).items())


def faults(market, said=""):
    """Compare everything, and take in what the seller's processes said went wrong; nothing may be on its way."""
    found, left = Faults(), market.left()
    for stall, integration_id in _stalls(market):
        _orders(found, market, stall, integration_id)
        _numbers(found, market.shown(stall), left, integration_id, stall.name)
    found.broken += db.session.execute(
        sa.select(SyncRun.id, SyncRun.kind, SyncRun.state, SyncRun.problem).where(
            sa.or_(SyncRun.finished_at.is_(None), SyncRun.problem == OURS)
        )
    ).all()
    found.broken += db.session.execute(sa.select(OrderImportError.external_id, OrderImportError.reason)).all()
    found.broken += [said[-4000:]] if said else []
    db.session.rollback()
    return found


def _stalls(market):
    """The stalls with the integration that is on each."""
    ids = dict(db.session.execute(sa.select(Integration.name, Integration.id)).all())
    return [(stall, ids[stall.name]) for stall in market.stalls]


def _orders(found, market, stall, integration_id):
    keys = set(db.session.scalars(sa.select(SalesOrder.external_id).where(SalesOrder.integration_id == integration_id)))
    since = _read_since(integration_id)
    there = Counter(
        (stall.order_id(order), str(line.id), line.sku, line.quantity, stall.unwanted(order, line))
        for order in market.all_orders(stall)
        for line in order.lines
        if stall.order_id(order) in keys or not _is_over_since(stall, order, since)
    )
    not_wanted = OrderItem.cancelled + OrderItem.refunded_before_shipping
    here = Counter(
        tuple(row)
        for row in db.session.execute(
            sa.select(SalesOrder.external_id, OrderItem.external_line_id, OrderItem.sku, OrderItem.ordered, not_wanted)
            .join_from(SalesOrder, OrderItem, isouter=True)
            .where(SalesOrder.integration_id == integration_id)
        )
    )
    found.lost += [(stall.name, *row) for row in there - here]
    found.duplicate += [(stall.name, *row) for row in here - there]
    orders = sa.select(SalesOrder.external_id).where(SalesOrder.integration_id == integration_id)
    found.duplicate += [(stall.name, key) for key, count in Counter(db.session.scalars(orders)).items() if count > 1]


def _read_since(integration_id):
    """When the first import that went through began: it took in what was open, and what changes since is read."""
    done = (SyncRun.integration_id == integration_id, SyncRun.kind == Kind.IMPORT_ORDERS, SyncRun.state == "done")
    return db.session.scalar(sa.select(sa.func.min(SyncRun.started_at)).where(*done))


def _is_over_since(stall, order, since):
    """Whether nothing of the order was wanted any more before orders were read."""
    return order.changed < since and all(stall.unwanted(order, line) == line.quantity for line in order.lines)


def _numbers(found, shown, left, integration_id, name):
    offered = dict(
        db.session.execute(
            sa.select(Listing.sku, Listing.last_offered).where(Listing.integration_id == integration_id)
        ).all()
    )
    for sku, truth in left.items():
        if not shown[sku] == offered.get(sku) == truth:
            found.stale.append((name, sku, shown[sku], offered.get(sku), truth))


def count_orders():
    return db.session.scalar(sa.select(sa.func.count(SalesOrder.id)))


def count_never_open(market):
    """Orders that were over before the first import went through: nobody asks for those."""
    keys = {tuple(row) for row in db.session.execute(sa.select(SalesOrder.integration_id, SalesOrder.external_id))}
    return sum(
        (key, stall.order_id(order)) not in keys and _is_over_since(stall, order, _read_since(key))
        for stall, key in _stalls(market)
        for order in market.all_orders(stall)
    )


def answers():
    """How the numbers that were sent ended, in words."""
    rows = db.session.execute(sa.select(QuantityPush.outcome, sa.func.count()).group_by(QuantityPush.outcome))
    return ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(rows.all()))
