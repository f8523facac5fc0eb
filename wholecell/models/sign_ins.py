"""Sign-ins on a channel's own pages that were begun here and are waited for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId


class ChannelSignIn(Base):
    """One that a person began; its state comes back once, within minutes, in the same person's browser."""

    __tablename__ = "channel_sign_in"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    # The integration whose login is replaced; of a new one, empty until it is there.
    integration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(80), default="")  # of a new integration
    login: Mapped[str] = mapped_column(sa.Text)  # what was entered, and the state, encrypted
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
