"""The sync engine's own records: what is claimed, what ran, what was sent, what waits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class Work(Base):
    """One kind of work of one integration: who runs it, and when it may run again."""

    __tablename__ = "work"

    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)  # services.work.Kind
    lease: Mapped[str | None] = mapped_column(sa.String(40))
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]  # a temporary error or a limit asked to wait
    not_before_reason: Mapped[str] = mapped_column(sa.Text, default="")
    rises_not_before: Mapped[datetime | None]  # what raises numbers waits, and falls do not
    rises_reason: Mapped[str] = mapped_column(sa.Text, default="")
    failures: Mapped[int] = mapped_column(default=0)  # temporary errors in a row
    wanted_at: Mapped[datetime | None]  # a person asked for a run
    wanted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    last_started_at: Mapped[datetime | None]
    last_good_at: Mapped[datetime | None]


class SyncRun(Base):
    """One run of one kind of work, as History shows it; only its own runner changes it, until it ends."""

    __tablename__ = "sync_run"
    __table_args__ = (sa.Index("ix_sync_run_integration_id_id", "integration_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    lease: Mapped[str] = mapped_column(sa.String(40))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # empty: the schedule
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(sa.String(20), default="running")  # running, waiting, done, failed, stopped
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    advice: Mapped[str] = mapped_column(sa.Text, default="")
    is_stop_asked: Mapped[bool] = mapped_column(default=False)


class QuantityPush(Base):
    """One number sent, and what the channel said. The database refuses to change or delete it."""

    __tablename__ = "quantity_push"
    __table_args__ = (
        sa.Index("ix_quantity_push_listing_id_id", "listing_id", "id"),
        sa.Index("ix_quantity_push_integration_id_id", "integration_id", "id"),
        sa.Index("ix_quantity_push_run_id", "run_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sync_run.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow, index=True)
    old: Mapped[int | None]
    new: Mapped[int]
    reason: Mapped[str] = mapped_column(sa.String(40))  # services.due.Reason
    outcome: Mapped[str] = mapped_column(sa.String(20))  # accepted, pending, rejected, unknown, not sent
    stored: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")


class OfferChange(Base):
    """One change of the number a listing offers, with its cause; the guard counts these. Only ever added."""

    __tablename__ = "offer_change"
    __table_args__ = (
        sa.Index("ix_offer_change_integration_id_at", "integration_id", "at"),
        sa.Index("ix_offer_change_listing_id_id", "listing_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listing.id"))
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    old: Mapped[int | None]
    new: Mapped[int | None]
    cause: Mapped[str] = mapped_column(sa.String(40))  # services.recompute.Cause
    is_guarded: Mapped[bool]  # a fall to 0 or a rise from a cause the guard looks at
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_batch.id"))


class OfferChangeOrder(Base):
    """An order that made a number change, so that its page can say what it did. Only ever added."""

    __tablename__ = "offer_change_order"

    order_id: Mapped[int] = mapped_column(sa.ForeignKey("sales_order.id"), primary_key=True)
    change_id: Mapped[int] = mapped_column(sa.ForeignKey("offer_change.id"), primary_key=True)


class RecomputeRequest(Base):
    """Written by a change in its own transaction: these listings' numbers must be computed again.

    A row names a variation, a listing, or a whole integration; all three empty means every listing.
    """

    __tablename__ = "recompute_request"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    variation_id: Mapped[int | None] = mapped_column(BigId)
    listing_id: Mapped[int | None] = mapped_column(BigId)
    integration_id: Mapped[int | None] = mapped_column(BigId)
    cause: Mapped[str] = mapped_column(sa.String(40))
    user_id: Mapped[int | None] = mapped_column(BigId)
    batch_id: Mapped[int | None] = mapped_column(BigId)
    order_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class RateLimitState(Base):
    """How far one limit of one integration is used up, shared by all processes."""

    __tablename__ = "rate_limit_state"

    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    # Theoretical arrival time of the next call, seconds since 1970: a leaky bucket in one number.
    next_at: Mapped[float] = mapped_column(default=0.0)


class BudgetState(Base):
    """How far a day's calls of one kind are used up: they are the app's, for all its logins together."""

    __tablename__ = "budget_state"

    kind: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    ends_at: Mapped[datetime]  # of the day that `used` counts
    count: Mapped[int | None]  # what the channel said a day has; empty: what its folder assumes
    used: Mapped[int] = mapped_column(default=0)
