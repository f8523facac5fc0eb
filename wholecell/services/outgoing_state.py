"""Which orders are handed to a program that ships them, as conditions and as reasons for people.

The conditions stand in a query of SalesOrder.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from wholecell.models import HandedOrder, SalesOrder, SalesOrderStatus
from wholecell.services.order_state import is_ours

Condition = sa.ColumnElement[bool]

# What an address must have, and what people are told where it is missing. A company does for a name.
_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("name", ("ship_name", "ship_company")),
    ("street", ("ship_street",)),
    ("city", ("ship_city",)),
    ("postal code", ("ship_postal_code",)),
)
COUNTRY = "country as two letters"


def was_handed(integration_id: int) -> Condition:
    """It is there, so that what becomes of it must be told."""
    row = (HandedOrder.integration_id == integration_id, HandedOrder.handed_at.is_not(None))
    return sa.exists().where(HandedOrder.order_id == SalesOrder.id, *row).correlate(SalesOrder)


def begins(integration_id: int, channels: Collection[str]) -> Condition:
    """It goes there once its address is complete, whether it went before or not: an open order whose status says so.

    An order that somebody shipped or cancelled before it ever went does not go.
    """
    return sa.and_(_may_go(integration_id, channels), is_flagged())


def goes_next(integration_id: int, channels: Collection[str]) -> Condition:
    """It goes there now, and never went."""
    return sa.and_(begins(integration_id, channels), is_complete(), ~was_handed(integration_id))


def is_for(integration_id: int, channels: Collection[str]) -> Condition:
    """The same, and what went before, whatever became of it."""
    return sa.and_(_may_go(integration_id, channels), sa.or_(is_flagged(), was_handed(integration_id)))


def is_flagged() -> Condition:
    """Its status counts as open and says that its orders go."""
    goes = (SalesOrderStatus.syncs_to_shipstation, SalesOrderStatus.counts_as_open)
    return SalesOrder.status_id.in_(sa.select(SalesOrderStatus.id).where(*goes))


def _may_go(integration_id: int, channels: Collection[str]) -> Condition:
    """Its sales channel is ticked. One whose buyer was erased never goes, and none that the channel ships itself."""
    return sa.and_(
        SalesOrder.channel.in_(sorted(channels)),
        SalesOrder.integration_id.is_distinct_from(integration_id),  # it came from there
        SalesOrder.erased_at.is_(None),
        is_ours(),
    )


def is_complete() -> Condition:
    """Its address has all that a label needs."""
    parts = [sa.or_(*(sa.func.trim(getattr(SalesOrder, name)) != "" for name in names)) for _, names in _PARTS]
    return sa.and_(*parts, sa.func.length(sa.func.trim(SalesOrder.ship_country)) == 2)


def missing(order: Mapping[str, Any]) -> list[str]:
    """What the address lacks, in words for people; nothing when it is complete."""
    lacking = [word for word, names in _PARTS if not any(order[name].strip() for name in names)]
    return lacking + ([COUNTRY] if len(order["ship_country"].strip()) != 2 else [])
