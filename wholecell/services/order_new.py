"""Orders typed in by hand: wholesale, or a sale nobody imports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import Customer, OrderItem, OrderNote, ProductVariation, SalesOrder, SalesOrderStatus, Setting
from wholecell.services import customers, recompute, sales_channels, settings
from wholecell.services.events import Actor, record
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.variation_names import names

PREFIX = "WH-"
MOST_LINES, MOST_UNITS = 300, 10_000
MOST_TOTAL = 2_000_000_000  # cents
TOO_MUCH = "The order comes to more than 20 million: correct a price, or make several orders of it."
ADDRESS = ("name", "company", "street", "street2", "city", "state", "postal_code", "country", "phone")
LONGEST_PLACE = {"postal_code": 60, "country": 2, "phone": 60}


@dataclass(frozen=True, slots=True)
class NewLine:
    """Units of one variation, each at this price."""

    variation_id: int
    ordered: int = 1
    price_cents: int | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as a person types it; a blank number takes the next one. `address` has the keys of ADDRESS."""

    customer: str
    channel: str
    status_id: int | None
    lines: Sequence[NewLine]
    number: str = ""
    email: str = ""
    address: Mapping[str, str] = field(default_factory=dict)
    currency: str = "USD"
    shipping_cents: int | None = None
    ship_by: datetime | None = None
    note: str = ""


def problems(session: Session, new: NewOrder) -> dict[str, str]:
    """What is wrong with the order, by field; nothing when it can be created."""
    found = {
        "customer": "" if customers.key_of(new.customer) else "Type who buys.",
        "channel": "" if new.channel.strip() else "Choose where the order comes from.",
        "status": "" if _exists(session, SalesOrderStatus.id == new.status_id) else "Choose a status.",
        "lines": _lines_problem(session, new.lines),
        "number": _number_problem(session, new.number.strip()),
        "currency": "" if re.fullmatch(r"[A-Z]{3}", new.currency) else "Write it in three letters, such as USD.",
        "email": "" if not new.email or re.fullmatch(r"[^\s@]+@[^\s@]+", new.email) else "This is no e-mail address.",
    }
    if not found["lines"] and _total(new) > MOST_TOTAL:
        found["lines"] = TOO_MUCH
    for key, text in new.address.items():
        longest = LONGEST_PLACE.get(key, 200)
        found[f"ship_{key}"] = f"Use up to {longest} characters." if len(text) > longest else ""
    return {key: sentence for key, sentence in found.items() if sentence}


def _total(new: NewOrder) -> int:
    return sum(line.ordered * (line.price_cents or 0) for line in new.lines) + (new.shipping_cents or 0)


def _exists(session: Session, condition: sa.ColumnElement[bool]) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(condition))))


def _lines_problem(session: Session, lines: Sequence[NewLine]) -> str:
    if not lines:
        return "Add at least one phone."
    if len(lines) > MOST_LINES:
        return f"An order has at most {MOST_LINES} lines."
    if any(not 0 < line.ordered <= MOST_UNITS for line in lines):
        return f"Order 1 to {MOST_UNITS:,} of each."
    wanted = {line.variation_id for line in lines}
    there = session.scalars(sa.select(ProductVariation.id).where(ProductVariation.id.in_(wanted)))
    return "" if set(there) == wanted else "One of the phones is not in the catalog any more: remove its line."


def _number_problem(session: Session, number: str) -> str:
    if len(number) > 80:
        return "Use up to 80 characters."
    is_taken = number and _exists(session, sa.and_(SalesOrder.number == number, SalesOrder.integration_id.is_(None)))
    return f"There is an order {number} already." if is_taken else ""


def create(new: NewOrder, actor: Actor) -> int:
    """Create the order; gives its id. Raises Refusal for what `problems` would say."""
    with transaction() as session:
        if wrong := problems(session, new):
            raise Refusal(" ".join(wrong.values()))
        number = new.number.strip() or _next_number(session)
        order = SalesOrder(number=number, **_fields(session, new))
        session.add(order)
        session.flush()
        add_lines(session, order.id, new.lines)
        if new.note.strip():
            session.add(OrderNote(order_id=order.id, user_id=actor.user_id, text=new.note.strip()))
        record(session, actor, "order", order.id, "created", None, number)
        wanted = {line.variation_id for line in new.lines}
        recompute.request(session, Cause.ORDER, actor, variations=wanted, order_id=order.id)
        return order.id


def _fields(session: Session, new: NewOrder) -> dict[str, object]:
    sales_channels.ensure(session, new.channel.strip())
    return {
        "channel": new.channel.strip(),
        "status_id": new.status_id,
        "customer_id": _customer(session, new),
        "currency": new.currency,
        "total_cents": _total(new),
        "shipping_cents": new.shipping_cents,
        "ship_by": new.ship_by,
        "placed_at": utcnow(),
        **{f"ship_{key}": new.address.get(key, "").strip() for key in ADDRESS},
    }


def _customer(session: Session, new: NewOrder) -> int:
    key = customers.find_or_create(session, new.customer)
    given = {"email": new.email.strip(), "phone": new.address.get("phone", "").strip()}
    values = {name: text for name, text in given.items() if text}
    if values:
        session.execute(sa.update(Customer).where(Customer.id == key).values(values))
    return key


def add_lines(session: Session, order_id: int, lines: Sequence[NewLine]) -> None:
    """Add these lines to an order, in the caller's transaction."""
    wanted = {line.variation_id for line in lines}
    shown = names(session, wanted)
    skus = dict(
        session.execute(
            sa.select(ProductVariation.id, ProductVariation.sku).where(ProductVariation.id.in_(wanted))
        ).all()
    )
    session.add_all(
        OrderItem(
            order_id=order_id,
            variation_id=line.variation_id,
            sku=skus[line.variation_id],
            title=shown[line.variation_id][:500],
            ordered=line.ordered,
            price_cents=line.price_cents,
        )
        for line in lines
    )
    session.flush()


def _next_number(session: Session) -> str:
    """The next of WH-1001, WH-1002, ... that nobody typed; two people never get the same one."""
    key = settings.NEXT_ORDER_NUMBER
    place = int(settings.hold(session, key, to_change=True))
    while _number_problem(session, f"{PREFIX}{place}"):
        place += 1
    session.execute(sa.update(Setting).where(Setting.key == key).values(value=place + 1))
    return f"{PREFIX}{place}"
