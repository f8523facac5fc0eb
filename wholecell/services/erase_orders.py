"""Take everything about the buyer off orders. Items, phones, numbers and totals stay."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import (
    Customer,
    Event,
    HandedOrder,
    OrderItem,
    OrderNote,
    SalesOrder,
    Shipment,
    ShipmentUnit,
    Upload,
    UploadRow,
)
from wholecell.services.bulk import chunks
from wholecell.services.events import CHANNEL, event_row, record_many
from wholecell.services.order_fields import PERSONAL_COLUMNS

ERASED = "Erased at the buyer's wish."
FEW = 50  # texts looked for in one statement
# What is no one person's alone, such as the town, is not looked for in other texts.
SHARED_COLUMNS = frozenset({"ship_city", "ship_state", "ship_country", "ship_postal_code", "ship_street2"})


def erase_orders(session: Session, order_ids: Collection[int], now: datetime) -> None:
    """Erase the buyers of these orders, in the caller's transaction."""
    for chunk in chunks(sorted(order_ids)):
        locked = sa.select(SalesOrder).where(SalesOrder.id.in_(chunk)).order_by(SalesOrder.id).with_for_update()
        orders = session.scalars(locked.execution_options(populate_existing=True)).all()
        people = _customers_of(session, orders)
        texts, shared = _texts(orders, people), _shared(orders)
        for order in orders:
            _blank(order, people, texts, now)
        session.flush()
        session.execute(sa.delete(OrderNote).where(OrderNote.order_id.in_(chunk)))
        _erase_words(session, chunk, texts)
        _erase_customers(session, people, texts)
        _erase_cells(session, texts, shared, {order.integration_id for order in orders})
        record_many(session, CHANNEL, [event_row("order", key, "erased", None, "at the buyer's wish") for key in chunk])


def _customers_of(session: Session, orders: Sequence[SalesOrder]) -> dict[int, Customer]:
    """The people they were sold to, also under an earlier name. A customer that stands for a channel is nobody."""
    ids = {order.customer_id for order in orders}
    moved = sa.select(Event.old_id, Event.new_id).where(
        Event.subject == "order", Event.subject_id.in_([order.id for order in orders]), Event.kind == "customer"
    )
    ids |= {key for pair in session.execute(moved) for key in pair}
    query = sa.select(Customer).where(Customer.id.in_(ids - {None}), Customer.is_channel.is_(False))
    return {each.id: each for each in session.scalars(query.order_by(Customer.id).with_for_update())}


def _texts(orders: Sequence[SalesOrder], people: Mapping[int, Customer]) -> set[str]:
    """What names the buyers or where they live."""
    found = {str(getattr(order, name)) for order in orders for name in PERSONAL_COLUMNS - SHARED_COLUMNS}
    found |= {str(order.channel_said.get(name, "")) for order in orders for name in PERSONAL_COLUMNS - SHARED_COLUMNS}
    found |= {text for each in people.values() for text in (each.name, each.email, each.phone)}
    return found - {""}


def _shared(orders: Sequence[SalesOrder]) -> set[str]:
    return {str(getattr(order, name)).lower() for order in orders for name in SHARED_COLUMNS - {"ship_country"}} - {""}


def _blank(order: SalesOrder, people: Collection[int], texts: Collection[str], now: datetime) -> None:
    for name in PERSONAL_COLUMNS:
        setattr(order, name, "")
    order.channel_said = {name: value for name, value in order.channel_said.items() if name not in PERSONAL_COLUMNS}
    order.channel_notes = []
    order.accept_problem = _without(order.accept_problem, texts)
    order.customer_id = None if order.customer_id in people else order.customer_id
    order.erased_at = now


def _erase_words(session: Session, order_ids: Sequence[int], texts: Collection[str]) -> None:
    """The words of a channel, or of a program that ships, about the order may repeat its address."""
    parcels = sa.select(Shipment.id).where(Shipment.order_id.in_(order_ids))
    for query, columns in (
        (sa.select(OrderItem).where(OrderItem.order_id.in_(order_ids)), ("cancel_problem",)),
        (sa.select(Shipment).where(Shipment.order_id.in_(order_ids)), ("problem", "advice")),
        (sa.select(HandedOrder).where(HandedOrder.order_id.in_(order_ids)), ("problem", "advice")),
        (sa.select(ShipmentUnit).where(ShipmentUnit.shipment_id.in_(parcels)), ("esn_problem",)),
    ):
        for row in session.scalars(query):
            for column in columns:
                setattr(row, column, _without(getattr(row, column), texts))


def _without(text: str, personal: Iterable[str]) -> str:
    is_personal = any(each.casefold() in text.casefold() for each in personal)
    return ERASED if is_personal else text


def _erase_customers(session: Session, people: Mapping[int, Customer], texts: Collection[str]) -> None:
    """Customers with no other order go; one who has others keeps what those orders told."""
    buying = set(session.scalars(sa.select(SalesOrder.customer_id).where(SalesOrder.customer_id.in_(people))))
    for key, customer in people.items():
        if key not in buying:
            session.delete(customer)
            continue
        customer.email = "" if customer.email in texts else customer.email
        customer.phone = "" if customer.phone in texts else customer.phone
    session.flush()


def _erase_cells(
    session: Session, texts: Collection[str], shared: Collection[str], integrations: Collection[int | None]
) -> None:
    """Orders may have come by a sheet; and one of phones may hold in columns nobody read who bought one."""
    written = sa.func.lower(sa.cast(UploadRow.cells, sa.Text))
    for chunk in chunks(sorted({text.lower() for text in texts}), FEW):
        found = sa.or_(*(written.contains(json.dumps(text)[1:-1], autoescape=True) for text in chunk))
        query = sa.select(UploadRow, Upload.mapping, Upload.integration_id)
        for row, mapping, of in session.execute(query.join(Upload, Upload.id == UploadRow.upload_id).where(found)):
            if of is not None and of in integrations:
                row.cells, row.plan, row.changes, row.reason = (
                    _cleaned(part, chunk, shared) for part in (row.cells, row.plan, row.changes, row.reason)
                )
            else:
                read = set(mapping.values())
                row.cells = [x if place in read else _cleaned(x, chunk) for place, x in enumerate(row.cells)]
    session.flush()


def _cleaned(value: Any, personal: Collection[str], shared: Collection[str] = ()) -> Any:
    """The value with every text in it blank that holds something personal, or is one of those shared with others."""
    if isinstance(value, dict):
        return {key: _cleaned(each, personal, shared) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, personal, shared) for each in value]
    is_personal = isinstance(value, str) and (value.strip().lower() in shared or _names_one(value, personal))
    return "" if is_personal else value


def _names_one(cell: str, personal: Iterable[str]) -> bool:
    """Whether the cell is one of these texts, or holds one that tells a person: not "apple", but "ada example"."""
    folded = cell.strip().lower()
    return any(folded == text or (_is_telling(text) and text in folded) for text in personal)


def _is_telling(text: str) -> bool:
    return " " in text or "@" in text or sum(sign.isdigit() for sign in text) >= 7
