"""What a connector keeps between its runs."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, utcnow


class IntegrationNote(Base):
    """A text of one connector under a name, encrypted: its access token, or how far unfinished work is."""

    __tablename__ = "integration_note"

    integration_id: Mapped[int] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    # Of the login it was made with: under another it is worth nothing.
    login_version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    expires_at: Mapped[datetime | None]
    fetching_until: Mapped[datetime | None]  # one process fetches a new token until then
    written_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
