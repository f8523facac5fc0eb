"""Tokens with which other systems call us, and what they called."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from wholecell.db import Base, BigId, utcnow


class ApiToken(Base):
    """What another system shows to be let in. The token itself is not kept: only its hash, and how it begins."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(80))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(12))
    scopes: Mapped[list[Any]] = mapped_column(default=list)  # services.api_tokens.SCOPES
    # It sees and changes what is this integration's; empty: everything.
    integration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("integration.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    last_address: Mapped[str] = mapped_column(sa.String(64), default="")


class ApiCall(Base):
    """One call that a token made. The newest are kept."""

    __tablename__ = "api_call"
    __table_args__ = (sa.Index("ix_api_call_token_id_id", "token_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_id: Mapped[int] = mapped_column(sa.ForeignKey("api_token.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    method: Mapped[str] = mapped_column(sa.String(10))
    path: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[int]
    address: Mapped[str] = mapped_column(sa.String(64), default="")
