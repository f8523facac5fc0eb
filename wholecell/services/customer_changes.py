"""Changes of customers: edited, or two made one. Timelines name them by their id alone."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import repeats_after_deadlock, transaction
from wholecell.models import Customer, SalesOrder
from wholecell.services.bulk import chunks
from wholecell.services.customers import LONGEST_NAME, clean_name, key_of
from wholecell.services.events import Actor, event_row, record, record_many
from wholecell.services.refusal import Refusal

GONE = "That customer is gone, perhaps merged into another: load the list again."


def change(customer_id: int, name: str, email: str, phone: str, actor: Actor) -> None:
    """Edit a customer. Raises Refusal."""
    with transaction() as session:
        customer = _lock(session, customer_id)[0]
        if len(" ".join(name.split())) > LONGEST_NAME:
            raise Refusal(f"The name is longer than {LONGEST_NAME} characters: shorten it.")
        new = {"name": clean_name(name), "email": email.strip(), "phone": " ".join(phone.split())}
        _check(session, customer, new)
        changed = [field for field, value in new.items() if getattr(customer, field) != value]
        if not changed:
            return
        for field in changed:
            setattr(customer, field, new[field])
        customer.name_key = key_of(new["name"])
        record(session, actor, "account", 0, "customer edited", None, _label(customer_id), new_id=customer_id)


def _check(session: Session, customer: Customer, new: dict[str, str]) -> None:
    key = key_of(new["name"])
    if not key:
        raise Refusal("The customer needs a name.")
    if customer.is_channel and key != customer.name_key:
        raise Refusal(f"{customer.name} stands for a whole channel: its orders find it by this name.")
    if len(new["email"]) > 200 or len(new["phone"]) > 60:
        raise Refusal("An e-mail address has up to 200 characters, a phone number up to 60.")
    if new["email"] and ("@" not in new["email"] or " " in new["email"]):
        raise Refusal("That is no e-mail address: it needs an @ and no blanks.")
    taken = sa.select(Customer.id).where(Customer.name_key == key, Customer.id != customer.id)
    if session.scalar(taken) is not None:
        raise Refusal(f"There is already a customer called {new['name']}: merge the two instead.")


@repeats_after_deadlock
def merge(customer_id: int, into_id: int, actor: Actor) -> int:
    """Give a customer's orders to another and delete them; gives how many orders moved. Raises Refusal.

    E-mail and phone of the other stay; empty ones are filled in. A later import under the old name makes them anew.
    """
    if customer_id == into_id:
        raise Refusal("Choose another customer to merge into.")
    with transaction() as session:
        # An import may be giving them an order: it holds the row, so that none is left behind.
        locked = {each.id: each for each in _lock(session, customer_id, into_id)}
        source, target = locked[customer_id], locked[into_id]
        if source.is_channel:
            raise Refusal(f"{source.name} stands for a whole channel: merge the other one into it instead.")
        target.email, target.phone = target.email or source.email, target.phone or source.phone
        moved = _move_orders(session, customer_id, into_id, actor)
        record(session, actor, "account", 0, "customers merged", _label(customer_id), _label(into_id))
        session.flush()
        session.delete(source)
        return moved


def _lock(session: Session, *ids: int) -> list[Customer]:
    query = sa.select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id).with_for_update()
    rows = list(session.scalars(query.execution_options(populate_existing=True)))
    if len(rows) < len(ids):
        raise Refusal(GONE)
    return rows


def _move_orders(session: Session, customer_id: int, into_id: int, actor: Actor) -> int:
    orders = list(session.scalars(sa.select(SalesOrder.id).where(SalesOrder.customer_id == customer_id)))
    for chunk in chunks(orders):
        session.execute(sa.update(SalesOrder).where(SalesOrder.id.in_(chunk)).values(customer_id=into_id))
        lines = (
            event_row(
                "order", key, "customer", _label(customer_id), _label(into_id), old_id=customer_id, new_id=into_id
            )
            for key in chunk
        )
        record_many(session, actor, lines)
    return len(orders)


def _label(customer_id: int) -> str:
    return f"customer {customer_id}"
