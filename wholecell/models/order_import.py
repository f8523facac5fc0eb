"""What an import of orders keeps for itself: the map of statuses, and orders that could not be stored."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class StatusMapping(Base):
    """A channel's word for an order's state, and the status of ours it becomes; empty while nobody chose one."""

    __tablename__ = "status_mapping"

    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    status_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sales_order_status.id"), index=True)


class OrderImportError(Base):
    """An order the channel told us that could not be stored. It is asked for again by its id until it can be."""

    __tablename__ = "order_import_error"
    __table_args__ = (sa.UniqueConstraint("integration_id", "external_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)
    payload: Mapped[str] = mapped_column(sa.Text, default="")  # encrypted, emptied after 30 days
    first_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_at: Mapped[datetime] = mapped_column(default=utcnow)
    tries: Mapped[int] = mapped_column(default=1)
    dismissed_at: Mapped[datetime | None]  # a person decided to leave it; told again, it comes back
