"""Orders, what they want, and which phone is committed to which want."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wholecell.db import Base, BigId, utcnow


class SalesOrderStatus(Base):
    """A state of orders in the seller's own words; its flags say what follows from it."""

    __tablename__ = "sales_order_status"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(60), unique=True)
    color: Mapped[str] = mapped_column(sa.String(20), default="gray")
    position: Mapped[int] = mapped_column(default=0)
    counts_as_open: Mapped[bool]
    allows_commitment: Mapped[bool]
    syncs_to_shipstation: Mapped[bool] = mapped_column(default=False)


class SalesOrder(Base):
    """One order, from a channel or typed in by hand (then it has no integration)."""

    __tablename__ = "sales_order"
    __table_args__ = (
        sa.UniqueConstraint("integration_id", "external_id"),
        # `is_held_open` and an unmapped word are rare: small indexes of their own find them.
        sa.Index(
            "ix_sales_order_to_be_scanned",
            "id",
            sqlite_where=sa.text("is_to_be_scanned = 1"),
            postgresql_where=sa.text("is_to_be_scanned"),
        ),
        sa.Index(
            "ix_sales_order_unmapped",
            "id",
            sqlite_where=sa.text("status_id IS NULL"),
            postgresql_where=sa.text("status_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(80), index=True)
    integration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("integration.id"))
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    channel: Mapped[str] = mapped_column(sa.String(60), default="")
    # Empty while the channel's word is not mapped: such an order counts as open unless the word is final.
    status_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sales_order_status.id"), index=True)
    channel_status: Mapped[str] = mapped_column(sa.String(60), default="")
    is_channel_status_final: Mapped[bool] = mapped_column(default=False)
    is_to_be_scanned: Mapped[bool] = mapped_column(default=False)
    is_fulfilled_by_channel: Mapped[bool] = mapped_column(default=False)
    placed_at: Mapped[datetime] = mapped_column(default=utcnow, index=True)

    items: Mapped[list[OrderItem]] = relationship(back_populates="order", lazy="raise")


class OrderItem(Base):
    """A want of one order: units of a variation or SKU."""

    __tablename__ = "order_item"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "external_line_id"),
        sa.CheckConstraint("ordered >= 0", name="ordered"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sales_order.id"), index=True)
    external_line_id: Mapped[str | None] = mapped_column(sa.String(120))
    sku: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    variation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("product_variation.id"), index=True)
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listing.id"), index=True)
    ordered: Mapped[int]
    cancelled: Mapped[int] = mapped_column(default=0)
    refunded_before_shipping: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    is_set_aside: Mapped[bool] = mapped_column(default=False)

    order: Mapped[SalesOrder] = relationship(back_populates="items", lazy="raise")


class Commitment(Base):
    """This phone belongs to this order item, until released. One live one per phone, by a unique index."""

    __tablename__ = "commitment"
    __table_args__ = (
        sa.Index(
            "uq_commitment_live_item",
            "item_id",
            unique=True,
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        ),
        sa.Index(
            "ix_commitment_live_order_item",
            "order_item_id",
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        ),
        sa.Index("ix_commitment_order_item_id", "order_item_id"),
        sa.Index("ix_commitment_item_id", "item_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_item_id: Mapped[int] = mapped_column(sa.ForeignKey("order_item.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("inventory_item.id"))
    committed_at: Mapped[datetime] = mapped_column(default=utcnow)
    committed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    released_at: Mapped[datetime | None]
