"""Timelines: what happened to what, who did it and from where. Rows are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class ChangeBatch(Base):
    """One bulk action or applied upload: what an undo takes back as one."""

    __tablename__ = "change_batch"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)  # settings only: what an undo puts back
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class Event(Base):
    """One line of a timeline. The database refuses to change or delete it.

    `subject` names the kind of row, `subject_id` its id, with no foreign key: the line outlives the row.
    `old` and `new` hold shown words, never names of customers, addresses, e-mail or phone numbers. `old_id` and
    `new_id` name the rows the words stand for (a status, a location), so that an undo survives their renaming.
    """

    __tablename__ = "event"
    __table_args__ = (
        sa.Index("ix_event_subject_subject_id_id", "subject", "subject_id", "id"),
        sa.Index("ix_event_batch_id", "batch_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    subject: Mapped[str] = mapped_column(sa.String(20))  # item, variation, listing, order, integration, account
    subject_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(sa.String(40))  # received, moved, status, regraded, sku, ...
    old: Mapped[str | None] = mapped_column(sa.Text)
    new: Mapped[str | None] = mapped_column(sa.Text)
    old_id: Mapped[int | None] = mapped_column(BigId)
    new_id: Mapped[int | None] = mapped_column(BigId)
    source: Mapped[str] = mapped_column(sa.String(20), default="person")  # person, scan, upload, channel, system
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_batch.id"))
