"""Programs that ship for us: how orders go there, which went, and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class ShippingSettings(Base):
    """What one integration hands on and how, and the login with which it calls us."""

    __tablename__ = "shipping_settings"

    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True)
    prefix: Mapped[str] = mapped_column(sa.String(12))  # of references: another installation has another one
    channels: Mapped[list[Any]] = mapped_column(default=list)  # names of sales channels, letter for letter
    line_format: Mapped[str] = mapped_column(sa.String(20), default="items")  # services.shipping_settings.LineFormat
    address_source: Mapped[str] = mapped_column(sa.String(20), default="order")  # .AddressSource
    attributes: Mapped[list[Any]] = mapped_column(default=list)  # of a phone, in the name of a line
    # Where it calls us; the password is encrypted, as logins are.
    user_name: Mapped[str | None] = mapped_column(sa.String(40), unique=True)
    secrets: Mapped[str] = mapped_column(sa.Text, default="")
    password_at: Mapped[datetime | None]
    called_at: Mapped[datetime | None]
    # Where we call it: shipments told before this were read.
    shipments_until: Mapped[datetime | None]
    sends_orders: Mapped[bool] = mapped_column(default=False)  # a person switched it on; a restored copy has it off
    sent_until: Mapped[int] = mapped_column(BigId, default=0)  # all that timelines of orders say up to this line went
    stores: Mapped[list[Any]] = mapped_column(default=list)  # of the account, as last read: id, title, is by hand
    import_stores: Mapped[list[Any]] = mapped_column(default=list)  # ids of those whose orders come here
    # Of the secret in the address at which the program tells us that something was shipped; empty: it does not tell.
    notice_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    store: Mapped[str] = mapped_column(sa.String(40), default="")  # id of the one our orders go to; empty: it chooses


class HandedOrder(Base):
    """An order that went to the program, as far as it went."""

    __tablename__ = "handed_order"
    __table_args__ = (
        sa.Index("ix_handed_order_order_id", "order_id"),
        sa.Index("ix_handed_order_integration_id_external_id", "integration_id", "external_id"),
        sa.Index(
            "ix_handed_order_refused",
            "integration_id",
            sqlite_where=sa.text("problem <> ''"),
            postgresql_where=sa.text("problem <> ''"),
        ),
    )

    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sales_order.id"), primary_key=True)
    handed_at: Mapped[datetime | None]  # empty: refused, and never there
    event_id: Mapped[int] = mapped_column(BigId, default=0)  # the last line of its timeline that went along
    stage: Mapped[str] = mapped_column(sa.String(20), default="")  # contract.Stage
    digest: Mapped[str] = mapped_column(sa.String(64), default="")  # of all that was sent, where we call the program
    external_id: Mapped[str] = mapped_column(sa.String(120), default="")
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    advice: Mapped[str] = mapped_column(sa.Text, default="")


class OrderExport(Base):
    """One asking for orders by a program that calls us: what it asked, and how many pages of it were fetched."""

    __tablename__ = "order_export"
    __table_args__ = (sa.Index("ix_order_export_integration_id_id", "integration_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"))
    asked_from: Mapped[datetime]
    asked_until: Mapped[datetime]
    made_at: Mapped[datetime] = mapped_column(default=utcnow)
    orders: Mapped[int]
    pages: Mapped[int]
    fetched: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]  # all pages were fetched of one that goes on from the last


class OrderExportPage(Base):
    """The orders of one page, fixed when the first page is asked for: a change in between moves none."""

    __tablename__ = "order_export_page"

    export_id: Mapped[int] = mapped_column(sa.ForeignKey("order_export.id", ondelete="CASCADE"), primary_key=True)
    page: Mapped[int] = mapped_column(primary_key=True)
    order_ids: Mapped[list[Any]]
    fetched_at: Mapped[datetime | None]


class ShipmentNotice(Base):
    """A shipment that a program told of, once however often it told; it names nobody."""

    __tablename__ = "shipment_notice"
    __table_args__ = (
        sa.UniqueConstraint("integration_id", "key"),
        sa.Index("ix_shipment_notice_integration_id_id", "integration_id", "id"),
        sa.Index("ix_shipment_notice_order_id", "order_id"),
        sa.Index("ix_shipment_notice_shipment_id", "shipment_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(sa.String(64))  # digest of order, tracking number and whether it is voided
    number: Mapped[str] = mapped_column(sa.String(120))  # of the order, as it was told
    carrier: Mapped[str] = mapped_column(sa.String(60), default="")
    tracking_number: Mapped[str] = mapped_column(sa.String(100), default="")
    is_voided: Mapped[bool] = mapped_column(default=False)
    cost_cents: Mapped[int | None]
    lines: Mapped[dict[str, Any]] = mapped_column(default=dict)  # units by our order item; empty: all that was left
    first_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_at: Mapped[datetime] = mapped_column(default=utcnow)
    times: Mapped[int] = mapped_column(default=1)
    outcome: Mapped[str] = mapped_column(sa.String(20))  # services.incoming_shipments.Outcome
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sales_order.id"))
    shipment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("shipment.id"))
