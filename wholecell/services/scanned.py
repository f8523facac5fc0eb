"""From what a scanner read to the phone it names, or to a sentence that says what was read instead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum import ean

from wholecell.models import (
    Commitment,
    InventoryItem,
    Location,
    OrderItem,
    ProductVariation,
    SalesOrder,
    Shipment,
    User,
)
from wholecell.services.ages import ago
from wholecell.services.esn import compact, parse_esn, search_forms
from wholecell.services.refusal import Refusal

LONGEST_SHOWN = 60
EAN_LENGTHS = (8, 12, 13)  # of 14 digits an IMEI without its last one is likelier


@dataclass(frozen=True, slots=True)
class Phone:
    """The phone that was scanned."""

    id: int
    esn: str
    variation_id: int


@dataclass(frozen=True, slots=True)
class Held:
    """The live commitment of a phone: to which order, by whom and when."""

    commitment_id: int
    order_id: int
    order_item_id: int
    number: str
    at: datetime
    who: str

    @property
    def sentence(self) -> str:
        """By Maria 3 minutes ago."""
        return f"by {self.who} {ago(self.at)}" if self.who else ago(self.at)


def find_phone(session: Session, code: str) -> Phone:
    """The phone with this IMEI, MEID, serial or Hex ID, locked until the transaction ends.

    Raises Refusal that says what the code is where it names no phone.
    """
    forms = sorted(search_forms(code))
    phone = InventoryItem
    query = sa.select(phone.id, phone.esn, phone.variation_id).where(
        sa.or_(phone.esn.in_(forms), phone.hex_id == compact(code))
    )
    # A serial may read like another phone's Hex ID: what stands on the phone itself comes first.
    row = session.execute(query.order_by(phone.esn.not_in(forms), phone.id).limit(1).with_for_update()).first()
    if row is None:
        raise Refusal(explain(session, code))
    return Phone(*row)


def explain(session: Session, code: str) -> str:
    """What a code that names no phone of ours is, and what to do."""
    shown = code.strip()[:LONGEST_SHOWN]
    if not shown:
        return "Nothing was scanned: scan the IMEI or the Hex ID of a phone."
    for column, what in _OTHERS:
        if session.scalar(sa.select(sa.exists().where(column == shown))):
            return f"{shown} is {what}, not a phone: scan the IMEI or the Hex ID of the phone."
    if len(compact(shown)) in EAN_LENGTHS and ean.is_valid(compact(shown)):
        return f"{shown} is the barcode of a product (EAN or UPC), every box has the same: scan the one with the IMEI."
    try:
        parse_esn(code)
    except Refusal as refusal:
        return str(refusal)
    return f"{shown} is not in stock: take the phone in first, or scan it again."


_OTHERS: tuple[tuple[Any, str], ...] = (
    (SalesOrder.number, "the number of an order"),
    (Location.name, "a location"),
    (ProductVariation.sku, "a SKU"),
    (Shipment.tracking_number, "a tracking number"),
)


def holder(session: Session, item_id: int) -> Held | None:
    """Where the phone is committed now, if anywhere."""
    query = (
        sa.select(
            Commitment.id,
            SalesOrder.id,
            OrderItem.id,
            SalesOrder.number,
            Commitment.committed_at,
            User.name,
            User.email,
        )
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(SalesOrder, SalesOrder.id == OrderItem.order_id)
        .outerjoin(User, User.id == Commitment.committed_by_id)
        .where(Commitment.item_id == item_id, Commitment.released_at.is_(None))
    )
    row = session.execute(query).first()
    return row and Held(*row[:5], row[5] or row[6] or "")
