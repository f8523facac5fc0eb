"""Logins on channels, and the listings they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wholecell.db import Base, BigId, utcnow

integration_statuses = sa.Table(
    "integration_status",
    Base.metadata,
    sa.Column("integration_id", BigId, sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("status_id", BigId, sa.ForeignKey("inventory_status.id"), primary_key=True, index=True),
)
integration_warehouses = sa.Table(
    "integration_warehouse",
    Base.metadata,
    sa.Column("integration_id", BigId, sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("warehouse_id", BigId, sa.ForeignKey("warehouse.id"), primary_key=True, index=True),
)


class Integration(Base):
    """One login on one channel, and what it may sell from there."""

    __tablename__ = "integration"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(30), index=True)
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)
    login: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the fields of the login form that are no secret
    secrets: Mapped[str] = mapped_column(sa.Text, default="")  # the others, encrypted
    is_by_hand: Mapped[bool] = mapped_column(default=False)  # told by its login: people carry files, nothing is called
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    # The channel refused the login: nothing is called until a person gives a new one.
    login_refused_at: Mapped[datetime | None]
    login_problem: Mapped[str] = mapped_column(sa.Text, default="")
    # What the channel said of the account when the login was last checked, a sentence each.
    account_notes: Mapped[list[Any]] = mapped_column(default=list)
    checked_at: Mapped[datetime | None] = mapped_column(default=utcnow)
    # Grows with each change of the login, so that what failed under the old one is tried again.
    login_version: Mapped[int] = mapped_column(default=1)

    imports_online_only: Mapped[bool] = mapped_column(default=False)
    matches_via_sku: Mapped[bool] = mapped_column(default=True)
    pushes_quantities: Mapped[bool] = mapped_column(default=True)
    imports_orders: Mapped[bool] = mapped_column(default=False)
    imports_channel_fulfilled: Mapped[bool] = mapped_column(default=False)  # orders it ships from its own stock too
    adds_own_orders: Mapped[bool] = mapped_column(default=False)  # the channel itself subtracts its open orders
    is_exclusive: Mapped[bool] = mapped_column(default=False)  # its warehouses serve only this channel
    armed_at: Mapped[datetime | None]
    listings_read_at: Mapped[datetime | None]  # when the last whole reading of its listings began
    guard_released_at: Mapped[datetime | None]  # a person agreed: earlier changes no longer count for the guard

    zero_out_threshold: Mapped[int] = mapped_column(default=0)
    percentage: Mapped[int] = mapped_column(default=100)
    safety_quantity: Mapped[int] = mapped_column(default=0)
    maximum_quantity: Mapped[int | None]

    # How orders come in, and what is sent about them.
    order_minimum_at: Mapped[datetime | None]  # orders placed since then are fetched too
    order_customer: Mapped[str] = mapped_column(sa.String(20), default="shipping name")  # or "channel name"
    holds_for_scan: Mapped[bool] = mapped_column(default=True)  # shipped there and not scanned here: to be scanned
    # When the channel's wish for a yes is met: "by hand", "on import", or "none", as somebody does it elsewhere.
    accepting: Mapped[str] = mapped_column(sa.String(20), default="by hand")
    sends_shipments: Mapped[bool] = mapped_column(default=True)
    needs_all_phones: Mapped[bool] = mapped_column(default=False)  # no shipment while the order lacks phones
    # Changes before this were read; empty until the first import went through.
    orders_changed_until: Mapped[datetime | None]
    # The earliest minimum date whose orders were fetched.
    orders_placed_from: Mapped[datetime | None]
    # When the last finished order import began, and when the last one of any kind was asked for.
    orders_imported_from: Mapped[datetime | None]
    orders_imported_at: Mapped[datetime | None]
    orders_wanted_at: Mapped[datetime | None]

    @property
    def is_armed(self) -> bool:
        """Whether numbers leave for the channel."""
        return self.armed_at is not None


# What has to hold of a listing that is due, or waits to become so: a few of many, which an index keeps apart. Its
# text is the index's own, for else neither database knows that the index holds what is asked for.
UNSETTLED = (
    "(last_synced IS NULL AND last_offered IS NOT NULL) OR last_offered <> last_synced"
    " OR last_imported <> last_offered OR is_number_unknown"
    " OR sending IS NOT NULL OR receipt <> '' OR is_less_confirmed"
    " OR order_seen_at > answered_at OR (order_seen_at IS NOT NULL AND answered_at IS NULL)"
)


class Listing(Base):
    """One sellable offer on a channel, and every fact the decision to send it a number rests on."""

    __tablename__ = "listing"
    __table_args__ = (
        sa.UniqueConstraint("integration_id", "external_id"),
        sa.Index("ix_listing_integration_id_state_id", "integration_id", "state", "id"),
        sa.Index("ix_listing_integration_id_title_id", "integration_id", "title", "id"),
        sa.Index("ix_listing_title_id", "title", "id"),
        sa.Index(
            "ix_listing_group",
            "integration_id",
            "group_id",
            sqlite_where=sa.text("group_id <> ''"),
            postgresql_where=sa.text("group_id <> ''"),
        ),
        sa.Index(
            "ix_listing_unsettled",
            "integration_id",
            "state",
            sqlite_where=sa.text(UNSETTLED),
            postgresql_where=sa.text(UNSETTLED),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"))
    external_id: Mapped[str] = mapped_column(sa.String(120))
    sku: Mapped[str] = mapped_column(sa.String(255), index=True)
    title: Mapped[str] = mapped_column(sa.String(500))
    detail: Mapped[str] = mapped_column(sa.String(120), default="")
    price_cents: Mapped[int | None]
    currency: Mapped[str] = mapped_column(sa.String(3), default="")
    state: Mapped[str] = mapped_column(sa.String(20))  # contract.ListingState
    channel_state: Mapped[str] = mapped_column(sa.String(60), default="")
    state_reason: Mapped[str] = mapped_column(sa.String(500), default="")
    is_pushable: Mapped[bool] = mapped_column(default=True)
    other_ids: Mapped[dict[str, Any]] = mapped_column(default=dict)
    url: Mapped[str] = mapped_column(sa.String(500), default="")
    # Of variations that are one listing on the channel: its id there and its title. Each is connected by itself.
    group_id: Mapped[str] = mapped_column(sa.String(120), default="")
    group_title: Mapped[str] = mapped_column(sa.String(500), default="")
    first_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)  # began_at of the last import that held it
    is_connected: Mapped[bool] = mapped_column(default=False)  # S was not empty when last computed
    unfollowed_at: Mapped[datetime | None]  # stopped being connected while a number of ours was out there

    # The listing's own limits; empty inherits the integration's.
    zero_out_threshold: Mapped[int | None]
    percentage: Mapped[int | None]
    safety_quantity: Mapped[int | None]
    maximum_quantity: Mapped[int | None]

    # What we last computed to offer. `cause` says what changed it last.
    last_offered: Mapped[int | None]
    offered_at: Mapped[datetime | None]
    cause: Mapped[str] = mapped_column(sa.String(40), default="")
    # What the guard holds back until a person decides: "rise" (numbers above last synced) or "zero".
    held: Mapped[str | None] = mapped_column(sa.String(10))
    is_set_to_zero: Mapped[bool] = mapped_column(default=False)  # no longer followed, and a person said: offer 0

    # What the channel last accepted, and when it answered.
    last_synced: Mapped[int | None]
    answered_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # answered_at and the channel's settle time: readings begun later count
    sending: Mapped[int | None]  # committed before a call, cleared by its answer
    # A call may or may not have been applied. Never pushed is another kind of unknown: last_synced is empty.
    is_number_unknown: Mapped[bool] = mapped_column(default=False)
    receipt: Mapped[str] = mapped_column(sa.String(120), default="")
    receipt_number: Mapped[int | None]
    receipt_at: Mapped[datetime | None]
    receipt_asked_at: Mapped[datetime | None]

    # What the channel showed last, and when that reading began.
    last_imported: Mapped[int | None]
    last_imported_at: Mapped[datetime | None]
    last_sellable: Mapped[int | None]  # what shoppers could still buy then, where the channel tells it apart
    # The first of the readings that show one same number below what we offer; confirmed by one an hour later.
    less_shown: Mapped[int | None]
    less_shown_at: Mapped[datetime | None]
    is_less_confirmed: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0)  # how often it was sent again because of that
    more_shown: Mapped[int] = mapped_column(default=0)  # readings in a row that showed more than we offer

    # Refused by the channel, in its words; stays until what was refused changes or a person tries again.
    rejected_at: Mapped[datetime | None]
    rejected_number: Mapped[int | None]
    rejected_words: Mapped[str] = mapped_column(sa.Text, default="")
    rejected_advice: Mapped[str] = mapped_column(sa.Text, default="")
    order_seen_at: Mapped[datetime | None]  # an order of its own integration touched it

    integration: Mapped[Integration] = relationship(lazy="raise")


class ListingSku(Base):
    """A SKU chosen by hand for a listing, in place of the channel's own."""

    __tablename__ = "listing_sku"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    sku: Mapped[str] = mapped_column(sa.String(120), primary_key=True, index=True)


class ListingVariation(Base):
    """A variation chosen by hand for a listing."""

    __tablename__ = "listing_variation"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    variation_id: Mapped[int] = mapped_column(sa.ForeignKey("product_variation.id"), primary_key=True, index=True)
