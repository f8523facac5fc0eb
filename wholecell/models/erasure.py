"""Buyers who want to be forgotten: what channels told us of them, and whom we must not take in again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class ErasureNotice(Base):
    """A channel's notice that a buyer is to be forgotten. Once that is done it names nobody any more."""

    __tablename__ = "erasure_notice"
    __table_args__ = (
        sa.UniqueConstraint("kind", "notice_id"),
        sa.Index(
            "ix_erasure_notice_waiting",
            "id",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(30))  # of channel
    notice_id: Mapped[str] = mapped_column(sa.String(120))  # the channel's own, the same when it repeats one
    names: Mapped[list[Any]] = mapped_column(default=list)  # under which the channel may have told of the buyer
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    done_at: Mapped[datetime | None]
    orders: Mapped[int] = mapped_column(default=0)  # how many were erased


class ErasedBuyer(Base):
    """A buyer's name as a digest, kept for a while: an order read before the erasure may be stored after it."""

    __tablename__ = "erased_buyer"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(default=utcnow)
