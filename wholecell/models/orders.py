"""Orders, what they want, and which phone is committed to which want."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
    """One order, from a channel or typed in by hand (then it has no integration).

    Names and addresses of people stand on orders and customers only. Where our value may differ from the channel's,
    `channel_said` keeps the channel's last one: a refresh overwrites ours only when the channel's own changed.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        sa.UniqueConstraint("integration_id", "external_id"),
        sa.Index("ix_sales_order_status_id_placed_at_id", "status_id", "placed_at", "id"),
        sa.Index("ix_sales_order_placed_at_id", "placed_at", "id"),
        sa.Index("ix_sales_order_ship_by_id", "ship_by", "id"),
        sa.Index("ix_sales_order_integration_id_channel_status", "integration_id", "channel_status"),
        sa.Index(
            "ix_sales_order_to_accept",
            "id",
            sqlite_where=sa.text("is_to_accept = 1"),
            postgresql_where=sa.text("is_to_accept"),
        ),
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
        # Few channels tell the buyer's name there, and few orders were erased.
        sa.Index(
            "ix_sales_order_buyer",
            "buyer",
            sqlite_where=sa.text("buyer <> ''"),
            postgresql_where=sa.text("buyer <> ''"),
        ),
        sa.Index(
            "ix_sales_order_erased",
            "id",
            sqlite_where=sa.text("erased_at IS NOT NULL"),
            postgresql_where=sa.text("erased_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(80), index=True)
    integration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("integration.id"))
    external_id: Mapped[str | None] = mapped_column(sa.String(120))
    channel: Mapped[str] = mapped_column(sa.String(60), default="")
    # Empty while the channel's word is not mapped: such an order counts as open unless the word is final.
    status_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sales_order_status.id"))
    # The channel's own word, when it changed there, and when our request for what we keep of it began.
    channel_status: Mapped[str] = mapped_column(sa.String(60), default="")
    channel_changed_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    is_channel_status_final: Mapped[bool] = mapped_column(default=False)
    # A shipped, cancelled or refunded order goes back to open only when a second reading agrees with this one.
    reopening_status: Mapped[str] = mapped_column(sa.String(60), default="")
    is_to_be_scanned: Mapped[bool] = mapped_column(default=False)
    is_fulfilled_by_channel: Mapped[bool] = mapped_column(default=False)
    is_to_accept: Mapped[bool] = mapped_column(default=False)  # the channel waits for our yes
    is_cancel_asked: Mapped[bool] = mapped_column(default=False)  # the buyer asked the channel to cancel it
    accept_wanted_at: Mapped[datetime | None]  # a person or the setting said yes; the next run sends it
    accept_problem: Mapped[str] = mapped_column(sa.Text, default="")
    placed_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    ship_by: Mapped[datetime | None]

    customer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("customer.id"), index=True)
    currency: Mapped[str] = mapped_column(sa.String(3), default="")
    total_cents: Mapped[int | None]
    shipping_cents: Mapped[int | None]
    ship_name: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_company: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_street: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_street2: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_city: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_state: Mapped[str] = mapped_column(sa.String(200), default="")
    ship_postal_code: Mapped[str] = mapped_column(sa.String(60), default="")
    ship_country: Mapped[str] = mapped_column(sa.String(2), default="")
    ship_phone: Mapped[str] = mapped_column(sa.String(60), default="")
    ship_service: Mapped[str] = mapped_column(sa.String(120), default="")  # what the buyer paid for
    buyer: Mapped[str] = mapped_column(sa.String(200), default="")  # the name under which the channel knows them
    email: Mapped[str] = mapped_column(sa.String(200), default="")
    # At the buyer's wish everything about them was taken off; no later reading brings it back.
    erased_at: Mapped[datetime | None]
    channel_notes: Mapped[list[Any]] = mapped_column(default=list)  # what the channel wants people to know
    channel_said: Mapped[dict[str, Any]] = mapped_column(default=dict)

    items: Mapped[list[OrderItem]] = relationship(back_populates="order", lazy="raise")


class OrderItem(Base):
    """A want of one order: units of a variation or SKU."""

    __tablename__ = "order_item"
    __table_args__ = (
        sa.UniqueConstraint("order_id", "external_line_id"),
        sa.CheckConstraint("ordered >= 0", name="ordered"),
        sa.Index(
            "ix_order_item_to_cancel",
            "id",
            sqlite_where=sa.text("cancel_wanted_at IS NOT NULL"),
            postgresql_where=sa.text("cancel_wanted_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sales_order.id"), index=True)
    external_line_id: Mapped[str | None] = mapped_column(sa.String(120))
    sku: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    title: Mapped[str] = mapped_column(sa.String(500), default="")  # what the channel calls it
    variation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("product_variation.id"), index=True)
    listing_id: Mapped[int | None] = mapped_column(sa.ForeignKey("listing.id"), index=True)
    listing_ids: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # the channel's ids of the listing it is sold from
    price_cents: Mapped[int | None]  # of one unit
    ordered: Mapped[int]
    cancelled: Mapped[int] = mapped_column(default=0)
    refunded_before_shipping: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    shipped: Mapped[int] = mapped_column(default=0)  # units the channel says have left
    channel_status: Mapped[str] = mapped_column(sa.String(60), default="")
    channel_said: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as on the order
    is_set_aside: Mapped[bool] = mapped_column(default=False)
    is_extra: Mapped[bool] = mapped_column(default=False)  # not on the channel's order: phones no item wanted
    cancel_wanted_at: Mapped[datetime | None]  # a person asked to cancel it on the channel
    cancel_problem: Mapped[str] = mapped_column(sa.Text, default="")

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
    is_direct: Mapped[bool] = mapped_column(default=False)  # taken although its SKU differs or the item was full
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    is_returned: Mapped[bool] = mapped_column(default=False)  # released because the buyer sent it back


class OrderNote(Base):
    """A remark of a person about an order."""

    __tablename__ = "order_note"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sales_order.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    text: Mapped[str] = mapped_column(sa.Text)
