"""Phones nobody has yet, in the statuses that some integration sells, wherever they are."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Commitment, InventoryItem, integration_statuses
from wholecell.services.bulk import MANY, chunks


def is_free() -> sa.ColumnElement[bool]:
    """The InventoryItem of the enclosing query is committed to nothing."""
    return ~sa.exists().where(Commitment.item_id == InventoryItem.id, Commitment.released_at.is_(None))


def is_sold_status() -> sa.ColumnElement[bool]:
    """Its status is ticked on some integration."""
    return InventoryItem.status_id.in_(sa.select(integration_statuses.c.status_id))


def units(session: Session, variations: Collection[int]) -> dict[int, int]:
    """How many such phones there are of each variation that has any."""
    found: dict[int, int] = {}
    for chunk in chunks(sorted(variations), MANY):
        query = sa.select(InventoryItem.variation_id, sa.func.count()).where(
            InventoryItem.variation_id.in_(chunk), is_sold_status(), is_free()
        )
        found.update(session.execute(query.group_by(InventoryItem.variation_id)).all())
    return found
