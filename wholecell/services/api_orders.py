"""Orders as other systems get them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET, structs

from wholecell.db import db
from wholecell.models import Commitment, OrderItem, SalesOrder, SalesOrderStatus
from wholecell.services.api_pages import next_cursor, of_integrations
from wholecell.services.api_records import LineRecord, OrderPage, OrderRecord, OrdersQuery, OrderTaken
from wholecell.services.bulk import AnyRows
from wholecell.services.changed_orders import changed
from wholecell.services.order_fields import ADDRESS_COLUMNS

_COLUMNS = (
    SalesOrder.id,
    SalesOrder.number,
    SalesOrder.integration_id,
    SalesOrder.external_id,
    SalesOrder.channel,
    SalesOrderStatus.title.label("status"),
    SalesOrder.channel_status,
    SalesOrder.placed_at,
    SalesOrder.ship_by,
    SalesOrder.currency,
    SalesOrder.total_cents,
    SalesOrder.shipping_cents,
    SalesOrder.buyer,
    SalesOrder.email,
    SalesOrder.ship_service.label("service"),
    *(getattr(SalesOrder, name) for name in sorted(ADDRESS_COLUMNS)),
)
_PLAIN = tuple(name for name in OrderRecord.__struct_fields__ if name not in ("ship_to", "lines"))


def find(wanted: OrdersQuery, integration_id: int | None) -> OrderPage:
    """One page by id, of one integration when the token is tied to it."""
    where = [
        SalesOrder.id > wanted.cursor,
        *of_integrations(SalesOrder.integration_id, integration_id, wanted.integration_id),
    ]
    if wanted.status is not UNSET:
        where.append(SalesOrderStatus.title == wanted.status)
    if wanted.placed_since is not UNSET:
        where.append(SalesOrder.placed_at >= wanted.placed_since)
    if wanted.changed_since is not UNSET:
        where.append(SalesOrder.id.in_(changed(wanted.changed_since)))
    found = _rows(where, wanted.limit + 1)
    shown = _with_lines(found[: wanted.limit])
    return OrderPage(orders=shown, next_cursor=next_cursor(found, wanted.limit))


def one(order_id: int, integration_id: int | None) -> OrderRecord | None:
    """One order; None when there is none that the token may see."""
    where = [SalesOrder.id == order_id, *of_integrations(SalesOrder.integration_id, integration_id)]
    return next(iter(_with_lines(_rows(where, 1))), None)


def without_people(taken: OrderTaken) -> OrderTaken:
    """The same for a token that may not read orders: who names one must not learn whom it goes to."""
    blank = dict.fromkeys(taken.order.ship_to, "")
    return structs.replace(taken, order=structs.replace(taken.order, ship_to=blank, buyer="", email=""))


def _rows(where: Sequence[sa.ColumnElement[bool]], limit: int) -> Sequence[sa.Row[Any]]:
    status = SalesOrderStatus.id == SalesOrder.status_id
    query: AnyRows = sa.select(*_COLUMNS).outerjoin(SalesOrderStatus, status).where(*where)
    return db.session.execute(query.order_by(SalesOrder.id).limit(limit)).all()


def _with_lines(rows: Sequence[sa.Row[Any]]) -> list[OrderRecord]:
    lines = _lines([row.id for row in rows]) if rows else {}
    return [
        OrderRecord(
            **{name: getattr(row, name) for name in _PLAIN},
            ship_to={name.removeprefix("ship_"): getattr(row, name) for name in sorted(ADDRESS_COLUMNS)},
            lines=lines.get(row.id, []),
        )
        for row in rows
    ]


def _lines(order_ids: Sequence[int]) -> dict[int, list[LineRecord]]:
    committed = (
        sa.select(sa.func.count())
        .where(Commitment.order_item_id == OrderItem.id, Commitment.released_at.is_(None))
        .correlate(OrderItem)
        .scalar_subquery()
    )
    query = sa.select(
        OrderItem.order_id,
        OrderItem.id,
        OrderItem.external_line_id,
        OrderItem.sku,
        OrderItem.title,
        OrderItem.ordered,
        OrderItem.cancelled,
        OrderItem.refunded_before_shipping,
        OrderItem.returned,
        committed,
        OrderItem.price_cents,
    ).where(OrderItem.order_id.in_(order_ids))
    found: dict[int, list[LineRecord]] = defaultdict(list)
    for order_id, *values in db.session.execute(query.order_by(OrderItem.id)):
        found[order_id].append(LineRecord(**dict(zip(LineRecord.__struct_fields__, values, strict=True))))
    return found
