"""The browsers people are signed in with: what the server remembers of each, and signing them out.

Only a hash of the browser's token is stored, so a stolen copy of the database signs nobody in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import UserSession
from wholecell.services.bulk import table

STAYS = timedelta(days=14)  # ticked "stay signed in"
LASTS = timedelta(hours=12)  # otherwise, since it was last seen
SEEN_EVERY = timedelta(minutes=5)  # how exact "last seen" is; finer would write on every page


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored for one browser."""

    data: bytes
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """One answered request of a browser, to be stored."""

    token: str
    data: bytes
    user_id: int | None
    stays: bool
    is_new: bool
    address: str
    browser: str


# Built once, for it runs with every page.
_SESSION = table(UserSession).c
_REMEMBERED = sa.select(_SESSION.data, _SESSION.seen_at).where(
    _SESSION.token_hash == sa.bindparam("token"), _SESSION.expires_at > sa.bindparam("now")
)


def digest(token: str) -> str:
    """What is stored instead of a token."""
    return sha256(token.encode()).hexdigest()


def load(token: str) -> Remembered | None:
    """What is remembered for this token; None when unknown, signed out or too old."""
    row = db.session.connection().execute(_REMEMBERED, {"token": digest(token), "now": utcnow()}).one_or_none()
    return Remembered(row.data, row.seen_at) if row else None


def save(visit: Visit) -> None:
    """Store a visit.

    A known browser is only updated, never inserted: one that was signed out meanwhile stays signed out.
    """
    now = utcnow()
    values = {
        "data": visit.data,
        "user_id": visit.user_id,
        "seen_at": now,
        "expires_at": now + (STAYS if visit.stays else LASTS),
        "address": visit.address[:64],
        "browser": visit.browser[:200],
    }
    with transaction() as session:
        if visit.is_new:
            session.execute(sa.delete(UserSession).where(UserSession.expires_at <= now))
            session.execute(sa.insert(UserSession).values(token_hash=digest(visit.token), created_at=now, **values))
        else:
            session.execute(
                sa.update(UserSession).where(UserSession.token_hash == digest(visit.token)).values(**values)
            )


def forget(*tokens: str) -> None:
    """Sign these browsers out."""
    if tokens:
        hashes = [digest(token) for token in tokens]
        with transaction() as session:
            session.execute(sa.delete(UserSession).where(UserSession.token_hash.in_(hashes)))


def of_user(user_id: int) -> list[UserSession]:
    """The browsers this person is signed in with, last seen first."""
    query = sa.select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at > utcnow())
    return list(db.session.scalars(query.order_by(UserSession.seen_at.desc(), UserSession.id.desc())))


def sign_out_others(user_id: int, token: str | None = None) -> int:
    """Sign the person out everywhere, but for the browser with this token. Returns how many browsers that were."""
    others = sa.delete(UserSession).where(UserSession.user_id == user_id)
    if token is not None:
        others = others.where(UserSession.token_hash != digest(token))
    with transaction() as session:
        return session.execute(others).rowcount  # type: ignore[attr-defined]
