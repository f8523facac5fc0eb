"""Files that people carry to a channel without an API, and whether they said that it is done."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class HandExport(Base):
    """One file of numbers or shipments to enter. One at a time is open for each: a newer one replaces it."""

    __tablename__ = "hand_export"
    __table_args__ = (
        sa.Index("ix_hand_export_integration_id_id", "integration_id", "id"),
        sa.Index(
            "uq_hand_export_open",
            "integration_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("confirmed_at IS NULL AND replaced_at IS NULL"),
            postgresql_where=sa.text("confirmed_at IS NULL AND replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))  # services.hand_exports.Kind
    rows: Mapped[int]  # how many, so that a list need not count them
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None]  # somebody entered it all
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    replaced_at: Mapped[datetime | None]  # a newer one was made before that


class HandExportRow(Base):
    """One line of such a file: a listing with the number to enter, or a shipment."""

    __tablename__ = "hand_export_row"

    export_id: Mapped[int] = mapped_column(sa.ForeignKey("hand_export.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listing.id"))
    old: Mapped[int | None]  # what the channel had as far as we knew
    number: Mapped[int | None]
    changed_at: Mapped[datetime | None]  # since when the number was this
    shipment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shipment.id"))
