"""The lines of a file that a person carries to the channel, as it was when it was made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import (
    Commitment,
    HandExport,
    HandExportRow,
    InventoryItem,
    Listing,
    SalesOrder,
    Shipment,
    ShipmentUnit,
)
from wholecell.services.bulk import chunks
from wholecell.services.hand_exports import Kind
from wholecell.services.sheets import Cell

QUANTITIES = ("listing_id", "sku", "title", "condition", "current_quantity", "new_quantity", "changed_at")
SHIPMENTS = ("order_id", "carrier", "tracking_number", "shipped_at", "imeis")


def header(export: HandExport) -> Sequence[str]:
    """The names of its columns."""
    return QUANTITIES if export.kind == Kind.QUANTITIES else SHIPMENTS


def lines(export: HandExport) -> Iterator[Sequence[Cell]]:
    """Its lines; times are UTC, phones' numbers are parted by semicolons."""
    return _quantities(export.id) if export.kind == Kind.QUANTITIES else _shipments(export.id)


def _quantities(export_id: int) -> Iterator[Sequence[Cell]]:
    row = HandExportRow
    columns = (Listing.external_id, Listing.sku, Listing.title, Listing.detail, row.old, row.number, row.changed_at)
    query = sa.select(*columns).select_from(row).join(Listing, Listing.id == row.listing_id)
    for *cells, changed_at in db.session.execute(query.where(row.export_id == export_id).order_by(row.position)):
        yield [*cells, _time(changed_at)]


def _shipments(export_id: int) -> Iterator[Sequence[Cell]]:
    row = HandExportRow
    columns = (Shipment.id, SalesOrder.external_id, Shipment.carrier, Shipment.tracking_number, Shipment.shipped_at)
    query = (
        sa.select(*columns)
        .select_from(row)
        .join(Shipment, Shipment.id == row.shipment_id)
        .join(SalesOrder, SalesOrder.id == Shipment.order_id)
        .where(row.export_id == export_id)
        .order_by(row.position)
    )
    for chunk in chunks(db.session.execute(query).all()):
        esns = _esns([found[0] for found in chunk])
        for key, order_id, carrier, number, shipped_at in chunk:
            yield [order_id, carrier, number, _time(shipped_at), ";".join(esns[key])]


def _esns(shipment_ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        sa.select(ShipmentUnit.shipment_id, InventoryItem.esn)
        .join(Commitment, Commitment.id == ShipmentUnit.commitment_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .where(ShipmentUnit.shipment_id.in_(shipment_ids))
        .order_by(ShipmentUnit.shipment_id, ShipmentUnit.commitment_id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for key, esn in db.session.execute(query):
        found[key].append(esn)
    return found


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
