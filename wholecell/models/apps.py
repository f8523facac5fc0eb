"""What is entered once for all logins of a kind: the keys of the seller's own app at a channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, utcnow


class MarketplaceApp(Base):
    """The seller's app at one channel."""

    __tablename__ = "marketplace_app"

    kind: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)  # those of the app's form that are no secret
    secrets: Mapped[str] = mapped_column(sa.Text, default="")  # the others, encrypted
    changed_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)
