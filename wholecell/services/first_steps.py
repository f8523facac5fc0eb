"""The set-up checklist of a new account: from the first SKU to the first armed integration."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.db import db
from wholecell.models import Event, Integration, InventoryItem, Listing, ProductVariation


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What is there, in numbers."""

    variations: int
    without_sku: int
    phones: int
    integration_id: int | None  # the first one, whose pages the later steps lead to
    listings: int
    connected: int
    was_armed: bool

    @property
    def done(self) -> tuple[bool, ...]:
        """For each of the six steps whether it is done: SKUs, phones, channel, listings, preview, arm."""
        return (
            self.variations > self.without_sku,
            self.phones > 0,
            self.integration_id is not None,
            self.connected > 0,
            self.was_armed,
            self.was_armed,
        )

    @property
    def now(self) -> int:
        """The first step that is not done, from 0; 6 when all are."""
        return next((place for place, is_done in enumerate(self.done) if not is_done), len(self.done))


def first_steps() -> FirstSteps:
    """Count what is there, in one statement."""

    def count(model: type[ProductVariation | InventoryItem | Listing], *where: sa.ColumnElement[bool]) -> sa.Label[int]:
        return sa.select(sa.func.count()).select_from(model).where(*where).scalar_subquery().label(None)

    shippers = [kind for kind, channel in discover().items() if channel.ships_orders]
    armed_now = sa.exists().where(Integration.armed_at.is_not(None))
    armed_once = sa.exists().where(Event.subject == "integration", Event.kind == "armed")
    row = db.session.execute(
        sa.select(
            count(ProductVariation),
            count(ProductVariation, ProductVariation.sku.is_(None)),
            count(InventoryItem),
            sa.select(sa.func.min(Integration.id)).where(Integration.kind.not_in(shippers)).scalar_subquery(),
            count(Listing),
            count(Listing, Listing.is_connected.is_(True)),
            sa.or_(armed_now, armed_once),
        )
    ).one()
    return FirstSteps(*row)


def is_set_up() -> bool:
    """Whether an integration was armed at least once: then the checklist is done with."""
    armed_now = sa.exists().where(Integration.armed_at.is_not(None))
    armed_once = sa.exists().where(Event.subject == "integration", Event.kind == "armed")
    return bool(db.session.scalar(sa.select(sa.or_(armed_now, armed_once))))
