"""What the Updates tab of an integration shows: what waits to be entered, the open files, and those before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import HandExport, HandExportRow, Integration, Listing, SalesOrder, Shipment
from wholecell.services import hand_due
from wholecell.services.hand_exports import Kind
from wholecell.services.people_names import people_names

SHOWN = 50
FILES = 20


@dataclass(frozen=True, slots=True)
class WaitingNumber:
    """A listing whose number is to be entered."""

    listing_id: int
    title: str
    detail: str
    external_id: str
    old: int | None
    number: int | None
    since: datetime | None
    is_in_file: bool  # the open file holds this number


@dataclass(frozen=True, slots=True)
class WaitingShipment:
    """A shipment to be entered."""

    shipment_id: int
    order_id: int
    number: str
    carrier: str
    tracking_number: str
    shipped_at: datetime
    is_in_file: bool


@dataclass(frozen=True, slots=True)
class Updates:
    """The tab; counts are of all that waits, lists are their beginnings."""

    numbers: Sequence[WaitingNumber]
    number_count: int
    shipments: Sequence[WaitingShipment]
    shipment_count: int
    open: Mapping[str, HandExport]  # by kind
    files: Sequence[HandExport]
    next: int | None  # the files before this one
    people: Mapping[int, str]


def updates(integration_id: int, before: int | None = None) -> Updates:
    """Read the tab in a fixed number of queries; `before` leads to older files."""
    own = HandExport.integration_id == integration_id
    still_open = sa.select(HandExport).where(own, hand_due.is_open())
    waiting = {each.kind: each for each in db.session.scalars(still_open)}
    query = sa.select(HandExport).where(own).order_by(HandExport.id.desc()).limit(FILES + 1)
    files = list(db.session.scalars(query.where(HandExport.id < before) if before else query))
    shown = files[:FILES]
    numbers, number_count = _numbers(integration_id, waiting.get(Kind.QUANTITIES))
    shipments, shipment_count = _shipments(integration_id, waiting.get(Kind.SHIPMENTS))
    ids = [key for each in (*shown, *waiting.values()) for key in (each.user_id, each.confirmed_by_id)]
    following = shown[-1].id if len(files) > FILES else None
    return Updates(numbers, number_count, shipments, shipment_count, waiting, shown, following, people_names(ids))


def _numbers(integration_id: int, export: HandExport | None) -> tuple[list[WaitingNumber], int]:
    row = HandExportRow
    in_file = sa.exists().where(
        row.export_id == (export.id if export else 0), row.listing_id == Listing.id, row.number == Listing.last_offered
    )
    columns = (Listing.id, Listing.title, Listing.detail, Listing.external_id, hand_due.shown_number())
    query = (
        sa.select(*columns, Listing.last_offered, Listing.offered_at, in_file, sa.func.count().over())
        .where(Listing.integration_id == integration_id, hand_due.is_waiting())
        .order_by(*hand_due.is_worse())
        .limit(SHOWN)
    )
    rows = db.session.execute(query).all()
    return [WaitingNumber(*found[:-1]) for found in rows], rows[0][-1] if rows else 0


def _shipments(integration_id: int, export: HandExport | None) -> tuple[list[WaitingShipment], int]:
    row = HandExportRow
    in_file = sa.exists().where(row.export_id == (export.id if export else 0), row.shipment_id == Shipment.id)
    columns = (Shipment.id, SalesOrder.id, SalesOrder.number, Shipment.carrier, Shipment.tracking_number)
    query = (
        sa.select(*columns, Shipment.shipped_at, in_file, sa.func.count().over())
        .join(SalesOrder, SalesOrder.id == Shipment.order_id)
        .join(Integration, Integration.id == SalesOrder.integration_id)
        .where(Integration.id == integration_id, hand_due.is_shipment_waiting())
        .order_by(Shipment.id)
        .limit(SHOWN)
    )
    rows = db.session.execute(query).all()
    return [WaitingShipment(*found[:-1]) for found in rows], rows[0][-1] if rows else 0
