"""Where an order goes, corrected by a person; a refresh overwrites it only when the channel's own address changes."""

from __future__ import annotations

from collections.abc import Mapping

from wholecell.db import transaction
from wholecell.models import SalesOrder
from wholecell.services import wanting
from wholecell.services.events import Actor, record
from wholecell.services.order_fields import ADDRESS_COLUMNS
from wholecell.services.refusal import Refusal

FIELDS = tuple(sorted(name.removeprefix("ship_") for name in ADDRESS_COLUMNS))


def save(order_id: int, address: Mapping[str, str | None], actor: Actor) -> bool:
    """Write the address of an order; gives whether it is another one. The timeline says that it changed, not to what.

    Raises Refusal where the buyer was erased, for nothing about them may come back, and where the channel ships.
    """
    with transaction() as session:
        wanting.hold_orders(session, [order_id])
        order = session.get_one(SalesOrder, order_id)
        if order.erased_at is not None:
            raise Refusal("Everything about the buyer was erased at their wish: no address may be entered again.")
        if order.is_fulfilled_by_channel:
            raise Refusal(f"{order.channel or 'The channel'} ships order {order.number} from its own warehouse.")
        changed = {f"ship_{name}": (address.get(name) or "").strip() for name in FIELDS}
        changed = {name: value for name, value in changed.items() if getattr(order, name) != value}
        for name, value in changed.items():
            setattr(order, name, value)
        if changed:
            record(session, actor, "order", order_id, "address", None, "changed")
        return bool(changed)
