"""The phones, where they are and what state they are in."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wholecell.db import Base, BigId, utcnow
from wholecell.models.catalog import ProductVariation


class Warehouse(Base):
    """A building; integrations tick the ones they sell from."""

    __tablename__ = "warehouse"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    is_archived: Mapped[bool] = mapped_column(default=False)


class Location(Base):
    """A shelf or box; its name is unique over the whole account, so a scan of it is enough."""

    __tablename__ = "location"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(sa.ForeignKey("warehouse.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    is_archived: Mapped[bool] = mapped_column(default=False)

    warehouse: Mapped[Warehouse] = relationship(lazy="raise")


class InventoryStatus(Base):
    """What state a phone is in; it never says whose it is."""

    __tablename__ = "inventory_status"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), unique=True)
    color: Mapped[str] = mapped_column(sa.String(20), default="gray")
    position: Mapped[int] = mapped_column(default=0)
    is_archived: Mapped[bool] = mapped_column(default=False)


class InventoryItem(Base):
    """One phone."""

    __tablename__ = "inventory_item"
    __table_args__ = (
        # The quantity rule counts phones through this index alone.
        sa.Index("ix_inventory_item_rule", "variation_id", "status_id", "warehouse_id"),
        sa.Index("ix_inventory_item_status_id_id", "status_id", "id"),
        sa.Index("ix_inventory_item_warehouse_id_id", "warehouse_id", "id"),
        sa.Index("ix_inventory_item_location_id_id", "location_id", "id"),
        # A deleted phone's id is never used again: its timeline and uploads still name it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    esn: Mapped[str] = mapped_column(sa.String(40), unique=True)  # IMEI, MEID or serial, upper case
    # People type the last digits of an IMEI; reversed, that is a prefix an index answers.
    esn_reversed: Mapped[str] = mapped_column(sa.String(40), index=True)
    hex_id: Mapped[str] = mapped_column(sa.String(12), unique=True)  # our short label code
    variation_id: Mapped[int] = mapped_column(sa.ForeignKey("product_variation.id"))
    status_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_status.id"))
    warehouse_id: Mapped[int | None] = mapped_column(sa.ForeignKey("warehouse.id"))
    location_id: Mapped[int | None] = mapped_column(sa.ForeignKey("location.id"))
    cost_cents: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    version: Mapped[int] = mapped_column(default=1)

    variation: Mapped[ProductVariation] = relationship(lazy="raise")
    status: Mapped[InventoryStatus] = relationship(lazy="raise")
    warehouse: Mapped[Warehouse | None] = relationship(lazy="raise")
    location: Mapped[Location | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}
