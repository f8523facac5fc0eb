"""How orders come in on an integration, as a value: the Orders part of its Details tab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db
from wholecell.models import Integration, SalesOrder, StatusMapping
from wholecell.services import order_status, work
from wholecell.services.events import Actor
from wholecell.services.work import Kind

SHIPPING_NAME, CHANNEL_NAME = "shipping name", "channel name"


class Accepting(StrEnum):
    """When we say yes to orders of a channel that waits for it; never where a person does that elsewhere."""

    BY_HAND = "by hand"
    ON_IMPORT = "on import"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """What is imported and what is told the channel; `statuses` are ours by the channel's word."""

    imports: bool = False
    minimum_at: datetime | None = None
    customer: str = SHIPPING_NAME
    holds_for_scan: bool = True
    accepting: str = Accepting.BY_HAND
    sends_shipments: bool = True
    statuses: Mapping[str, int | None] = field(default_factory=dict)
    imports_channel_fulfilled: bool = False
    needs_all_phones: bool = False

    def remapped(self, old: OrderSettings) -> set[str]:
        """The words that become another status than under the old ones."""
        words = self.statuses.keys() | old.statuses.keys()
        return {word for word in words if self.statuses.get(word) != old.statuses.get(word)}


def order_settings_of(integration: Integration) -> OrderSettings:
    """What is saved now, in one query."""
    mapping = sa.select(StatusMapping.word, StatusMapping.status_id)
    chosen = db.session.execute(mapping.where(StatusMapping.integration_id == integration.id)).all()
    return OrderSettings(
        integration.imports_orders,
        integration.order_minimum_at,
        integration.order_customer,
        integration.holds_for_scan,
        integration.accepting,
        integration.sends_shipments,
        dict(chosen),
        integration.imports_channel_fulfilled,
        integration.needs_all_phones,
    )


def save(session: Session, integration: Integration, old: OrderSettings, new: OrderSettings, actor: Actor) -> None:
    """Save them in the caller's transaction; switched on, or reaching further back, orders are imported at once."""
    integration.imports_orders, integration.order_minimum_at = new.imports, new.minimum_at
    integration.order_customer, integration.holds_for_scan = new.customer, new.holds_for_scan
    integration.accepting = str(new.accepting)
    if new.accepting == Accepting.NONE != old.accepting:
        _forget_wishes(session, integration.id)
    integration.sends_shipments, integration.needs_all_phones = new.sends_shipments, new.needs_all_phones
    integration.imports_channel_fulfilled = new.imports_channel_fulfilled
    order_status.set_map(integration.id, new.statuses, actor)
    wants_more = new.imports_channel_fulfilled and not old.imports_channel_fulfilled
    if wants_more:  # what was placed since the minimum date is read once more, for those among it
        integration.orders_placed_from = None
    if new.imports and (not old.imports or wants_more or _reaches_further(old.minimum_at, new.minimum_at)):
        work.ask(integration.id, Kind.IMPORT_ORDERS, actor)


def _forget_wishes(session: Session, integration_id: int) -> None:
    """Nothing waits for our yes any more, shipments neither."""
    waiting = sa.update(SalesOrder).where(SalesOrder.integration_id == integration_id, SalesOrder.is_to_accept)
    values = {"is_to_accept": False, "accept_wanted_at": None, "accept_problem": ""}
    session.execute(waiting.values(values), execution_options={"synchronize_session": False})


def _reaches_further(old: datetime | None, new: datetime | None) -> bool:
    return new is not None and (old is None or new < old)


def differences(old: OrderSettings, new: OrderSettings) -> Iterator[tuple[str, object, object]]:
    """Name, before and after of each setting, alike or not; the map tells of its words itself."""
    yield "order import", old.imports, new.imports
    yield "minimum order date", _time(old.minimum_at), _time(new.minimum_at)
    yield "organization type", old.customer, new.customer
    yield "hold for scan", old.holds_for_scan, new.holds_for_scan
    yield "accepting orders", str(old.accepting), str(new.accepting)
    yield "send shipments", old.sends_shipments, new.sends_shipments
    yield "shipments need all phones", old.needs_all_phones, new.needs_all_phones
    yield "import orders the channel ships", old.imports_channel_fulfilled, new.imports_channel_fulfilled


def _time(at: datetime | None) -> str:
    return "none" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
