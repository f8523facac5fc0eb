"""A sheet on its way in: the file's rows, what each would do, and what it did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class Upload(Base):
    """One uploaded sheet: columns matched, tried dry, applied, perhaps undone."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))  # variations, phones, listings, orders
    # Whose listings or orders these are; empty for the others.
    integration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("integration.id"))
    filename: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(20))  # matching, tried, applied, undone
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    header: Mapped[list[Any]] = mapped_column(default=list)  # the file's own column names
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)  # our field -> index of the file's column
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # defaults set beside the sheet
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    warnings: Mapped[list[Any]] = mapped_column(default=list)  # what applying leads to, as sentences
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("change_batch.id"))


class UploadRow(Base):
    """One row of a sheet."""

    __tablename__ = "upload_row"
    __table_args__ = (sa.Index("ix_upload_row_upload_id_outcome_number", "upload_id", "outcome", "number"),)

    upload_id: Mapped[int] = mapped_column(sa.ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # as the spreadsheet numbers it
    cells: Mapped[list[Any]] = mapped_column(default=list)
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")  # new, changed, same, refused, conflict, kept
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    target_id: Mapped[int | None] = mapped_column(BigId)
    target_version: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # field -> [old, new], the words shown
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what applying writes, and what undoing writes back
    faults: Mapped[list[Any]] = mapped_column(default=list)  # the fields whose cells refuse the row
