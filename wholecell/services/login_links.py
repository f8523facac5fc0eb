"""Links that work once: set-up, choosing a password, signing in. Only a hash of each is stored."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Literal

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import LoginLink, User
from wholecell.services.browsers import digest
from wholecell.services.refusal import Refusal

Purpose = Literal["setup", "password", "signin"]
WORKS = timedelta(hours=1)


class SpentLink(Refusal):
    """The link is unknown, too old, or was used."""

    def __init__(self) -> None:
        super().__init__(
            "This link does not work any more: each works once, for an hour. Ask an admin of your team for a new one."
        )


def make(purpose: Purpose, user_id: int | None = None) -> str:
    """Make a link and return its token, the only copy there is. Earlier unused ones of the same kind stop working."""
    token = secrets.token_urlsafe(32)
    same = LoginLink.user_id.is_(None) if user_id is None else LoginLink.user_id == user_id
    with transaction() as session:
        session.execute(sa.delete(LoginLink).where(LoginLink.purpose == purpose, same, LoginLink.used_at.is_(None)))
        link = LoginLink(token_hash=digest(token), purpose=purpose, user_id=user_id, expires_at=utcnow() + WORKS)
        session.add(link)
    return token


def find(token: str) -> tuple[Purpose, User | None]:
    """What an unused link is for, without using it. Raises SpentLink."""
    row = db.session.execute(
        sa.select(LoginLink, User)
        .outerjoin(User, User.id == LoginLink.user_id)
        .where(LoginLink.token_hash == digest(token), *_open())
    ).one_or_none()
    if row is None or (row.User is not None and not row.User.active):
        raise SpentLink
    return row.LoginLink.purpose, row.User


def use(token: str, purpose: Purpose) -> int | None:
    """Use a link up, and return its person. Raises SpentLink for every use but the first."""
    with transaction() as session:
        row = session.execute(
            sa.update(LoginLink)
            .where(LoginLink.token_hash == digest(token), LoginLink.purpose == purpose, *_open())
            .values(used_at=utcnow())
            .returning(LoginLink.user_id)
        ).one_or_none()
        if row is None:
            raise SpentLink
        return row.user_id


def _open() -> tuple[sa.ColumnElement[bool], ...]:
    return LoginLink.used_at.is_(None), LoginLink.expires_at > utcnow()
