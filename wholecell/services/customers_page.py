"""What the pages of customers show: one page of them by name, and one with its orders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Customer, SalesOrder, SalesOrderStatus
from wholecell.services import keyset
from wholecell.services.customers import key_of
from wholecell.services.keyset import Cursor, Page

MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One customer with how many orders they have."""

    customer: Customer
    orders: int


@dataclass(frozen=True, slots=True)
class Found:
    """One page of customers by name; `next` is the id of its last when more follow."""

    rows: list[Row]
    next: int | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of a customer."""

    id: int
    number: str
    channel: str
    status: str
    color: str
    placed_at: datetime
    total_cents: int | None
    currency: str


def find(text: str = "", after: int | None = None, size: int = keyset.SIZE) -> Found:
    """Customers with all these words in name, e-mail or phone; `after` is the last of the page before."""
    query = sa.select(Customer).where(*_conditions(text))
    if after is not None:
        query = query.where(
            Customer.name_key > sa.select(Customer.name_key).where(Customer.id == after).scalar_subquery()
        )
    found = db.session.scalars(query.order_by(Customer.name_key).limit(size + 1)).all()
    shown = found[:size]
    counts = order_counts([each.id for each in shown])
    rows = [Row(each, counts.get(each.id, 0)) for each in shown]
    return Found(rows, shown[-1].id if len(found) > size else None)


def _conditions(text: str) -> list[sa.ColumnElement[bool]]:
    where = Customer.name_key + " " + sa.func.lower(Customer.email) + " " + Customer.phone
    return [where.contains(word, autoescape=True) for word in key_of(text).split()[:MOST_WORDS]]


def order_counts(ids: Collection[int]) -> dict[int, int]:
    """How many orders each of these customers has."""
    query = sa.select(SalesOrder.customer_id, sa.func.count()).where(SalesOrder.customer_id.in_(ids))
    return {key: count for key, count in db.session.execute(query.group_by(SalesOrder.customer_id)) if key is not None}


def get(customer_id: int) -> Customer | None:
    """One customer; None when there is none."""
    return db.session.get(Customer, customer_id)


def orders_of(customer_id: int, cursor: Cursor) -> Page[OrderRow]:
    """One page of a customer's orders, newest first."""
    query = (
        sa.select(
            SalesOrder.id,
            SalesOrder.number,
            SalesOrder.channel,
            sa.func.coalesce(SalesOrderStatus.title, ""),
            sa.func.coalesce(SalesOrderStatus.color, ""),
            SalesOrder.placed_at,
            SalesOrder.total_cents,
            SalesOrder.currency,
        )
        .outerjoin(SalesOrderStatus, SalesOrderStatus.id == SalesOrder.status_id)
        .where(SalesOrder.customer_id == customer_id)
    )
    page = keyset.newest_first(query, SalesOrder.id, cursor)
    return Page([OrderRow(*row) for row in page.rows], page.previous, page.next)
