"""Parcels that left, and what the channel knows of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class Shipment(Base):
    """One parcel of one order."""

    __tablename__ = "shipment"
    __table_args__ = (
        # What waits to be sent is rare among all: a small index of its own finds it.
        sa.Index(
            "ix_shipment_unsent",
            "order_id",
            sqlite_where=sa.text("state IN ('waiting', 'sending', 'refused')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending', 'refused')"),
        ),
        sa.Index("ix_shipment_order_id", "order_id"),
        sa.Index("ix_shipment_tracking_number", "tracking_number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sales_order.id"))
    carrier: Mapped[str] = mapped_column(sa.String(60))
    service: Mapped[str] = mapped_column(sa.String(60), default="")
    tracking_number: Mapped[str] = mapped_column(sa.String(100))
    tracking_url: Mapped[str] = mapped_column(sa.String(500), default="")
    shipped_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    voided_at: Mapped[datetime | None]
    # services.shipments.State: here only, waiting, sending, sent, refused. *Sending* left by a dead run means that
    # the channel may know of it: it is read back before anything is repeated.
    state: Mapped[str] = mapped_column(sa.String(20))
    sent_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    advice: Mapped[str] = mapped_column(sa.Text, default="")


class ShipmentUnit(Base):
    """A phone in a parcel, and whether the channel took its identifier."""

    __tablename__ = "shipment_unit"

    shipment_id: Mapped[int] = mapped_column(sa.ForeignKey("shipment.id", ondelete="CASCADE"), primary_key=True)
    commitment_id: Mapped[int] = mapped_column(sa.ForeignKey("commitment.id"), primary_key=True, index=True)
    esn_sent_at: Mapped[datetime | None]
    esn_problem: Mapped[str] = mapped_column(sa.Text, default="")
