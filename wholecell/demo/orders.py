"""What buyers of the demo shop ordered: on the sandbox, and by hand from a wholesaler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from wholecell.db import db, utcnow
from wholecell.demo.catalog import STRANGERS, Plan
from wholecell.models import (
    Integration,
    InventoryItem,
    InventoryStatus,
    OrderItem,
    ProductVariation,
    SalesOrder,
    SalesOrderStatus,
)
from wholecell.sandbox import Shop
from wholecell.sandbox.backmarket.account import BackMarketAccount
from wholecell.sandbox.backmarket.states import BackMarketOrder, LineState
from wholecell.services import commit, order_new, shipments
from wholecell.services.events import SYSTEM
from wholecell.services.order_new import NewLine, NewOrder
from wholecell.services.shipments import NewShipment

WHOLESALE = "Wholesale"
FREE = "Available"


@dataclass(frozen=True, slots=True)
class Sale:
    """A buyer's order: how many hours ago, which listings, and what the seller did about it since."""

    hours: float
    listings: Sequence[int]  # their places among those with stock
    units: int = 1
    is_accepted: bool = True
    is_committed: bool = False
    tracking: str = ""


SALES = (
    Sale(46, (0,), is_committed=True, tracking="9400111899223197428490"),
    Sale(45, (3,), is_committed=True, tracking="9400111899223197428506"),
    Sale(44, (1,), is_committed=True),
    Sale(43.5, (2,), is_committed=True),
    Sale(41, (4, 9)),
    Sale(30, (5,), units=2),
    Sale(26, (7,)),
    Sale(20, (11,)),
    Sale(9, (12,), is_accepted=False),
    Sale(6, (14,), is_accepted=False),
    Sale(3.5, (15,), is_accepted=False),
)
STRANGE_SALE = Sale(2, ())  # of a listing whose SKU the catalog does not have


def sell(shop: Shop, kind: str, plan: Plan) -> list[tuple[str, Sale]]:
    """Let the sandbox's buyers order, some of them days ago; gives the marketplace's number of each order."""
    account = shop.account(kind)
    for_sale = [row["sku"] for row in plan.listings if row["quantity"] > 1]
    bought = [(sale, [for_sale[place] for place in sale.listings]) for sale in SALES]
    placed = []
    for sale, skus in [*bought, (STRANGE_SALE, [STRANGERS[0][0]])]:
        order = shop.sell_lines(kind, [(account.find(sku=sku).id, sale.units) for sku in skus])
        assert isinstance(order, BackMarketOrder)
        if sale.is_accepted:
            for line in order.lines:
                order.move(line, LineState.ACCEPTED)
        order.placed = order.changed = shop.clock() - timedelta(hours=sale.hours)
        placed.append((str(order.id), sale))
    return placed


def recall(shop: Shop, kind: str) -> None:
    """Let a sandbox that was started anew, and knows no order any more, not give a number that we know."""
    query = sa.select(SalesOrder.external_id).join(Integration, Integration.id == SalesOrder.integration_id)
    known = db.session.scalars(query.where(Integration.kind == kind))  # others number theirs in their own way
    account = shop.account(kind)
    assert isinstance(account, BackMarketAccount)
    account.last_order = max([account.last_order, *(int(each) for each in known if each)])


def fulfil(placed: Sequence[tuple[str, Sale]]) -> None:
    """Commit phones to the orders of which the seller picked them, and ship those that have a tracking number."""
    for external_id, sale in placed:
        order_id = db.session.scalar(sa.select(SalesOrder.id).where(SalesOrder.external_id == external_id))
        if order_id is None or not sale.is_committed:
            continue
        picked = [commit.commit(order_id, code, SYSTEM).commitment_id for code in _phones(order_id)]
        if sale.tracking:
            shipped_at = utcnow() - timedelta(hours=sale.hours - 20)
            new = NewShipment("USPS", "Priority Mail", sale.tracking, "", shipped_at, picked)
            shipments.add(order_id, new, SYSTEM, is_sure=True)


def _phones(order_id: int) -> list[str]:
    """A free phone for each line of the order."""
    phone = (
        sa.select(InventoryItem.esn)
        .join(InventoryStatus, InventoryStatus.id == InventoryItem.status_id)
        .join(ProductVariation, ProductVariation.id == InventoryItem.variation_id)
        .where(InventoryStatus.name == FREE)
        .order_by(InventoryItem.id)
        .limit(1)
    )
    skus = db.session.scalars(sa.select(OrderItem.sku).where(OrderItem.order_id == order_id)).all()
    return [code for sku in skus if (code := db.session.scalar(phone.where(ProductVariation.sku == sku)))]


def order_by_hand() -> None:
    """A wholesaler takes a dozen of what there is most of."""
    status = db.session.scalar(sa.select(SalesOrderStatus.id).where(SalesOrderStatus.title == "Awaiting shipment"))
    lines = [NewLine(key, units, 11900) for key, units in zip(_most_in_stock(2), (8, 4), strict=True)]
    address = {"street": "200 Dock Road", "city": "Newark", "state": "NJ", "postal_code": "07114", "country": "US"}
    order_new.create(
        NewOrder(
            customer="Gadget Loop LLC",
            channel=WHOLESALE,
            status_id=status,
            lines=lines,
            address=address,
            ship_by=utcnow() + timedelta(days=1),
            note="Pick-up on Friday at dock 4.",
        ),
        SYSTEM,
    )


def _most_in_stock(count: int) -> list[int]:
    query = (
        sa.select(InventoryItem.variation_id)
        .join(InventoryStatus, InventoryStatus.id == InventoryItem.status_id)
        .where(InventoryStatus.name == FREE)
        .group_by(InventoryItem.variation_id)
        .order_by(sa.func.count().desc(), InventoryItem.variation_id)
    )
    return list(db.session.scalars(query.limit(count)))
