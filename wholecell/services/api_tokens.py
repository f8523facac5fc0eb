"""Tokens of other systems: made, found, taken back. A token is shown once; afterwards nobody can read it here."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import ApiToken, Integration, User
from wholecell.services.events import Actor, record
from wholecell.services.refusal import Refusal

BEGINS = "wc_"  # so that a token found in some file is known for what it is
SHOWN = 9  # characters of it that lists show
SCOPES = {
    "listings:read": "Read listings and their quantities",
    "quantities:write": "Confirm that quantities were taken over",
    "orders:read": "Read orders, with names and addresses",
    "orders:write": "Send orders in",
    "shipments:read": "Read shipments, with the numbers of their phones",
    "shipments:write": "Confirm that shipments were taken over",
}
LIFETIMES = {"": "until revoked", "30": "30 days", "90": "90 days", "365": "1 year"}


@dataclass(frozen=True, slots=True)
class Token:
    """What a token that was shown allows; `integration_id` is None when it is not tied to one."""

    id: int
    name: str
    scopes: frozenset[str]
    integration_id: int | None


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as the list shows it."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    integration: str | None
    created_at: datetime
    created_by: str | None
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_address: str

    @property
    def is_live(self) -> bool:
        """Whether it still lets somebody in."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > utcnow())


def create(
    who: Actor, name: str, scopes: Collection[str], integration_id: int | None = None, days: int | None = None
) -> str:
    """Make a token; returns it, for this one time. Raises Refusal for a form that says too little."""
    name = " ".join(name.split())
    chosen = [scope for scope in SCOPES if scope in scopes]
    if not name or len(name) > 80:
        raise Refusal("Give it a name of up to 80 characters: the system that will use it, such as Web shop.")
    if not chosen:
        raise Refusal("Tick what the token may do.")
    token = BEGINS + secrets.token_urlsafe(32)
    with transaction() as session:
        if integration_id is not None and session.get(Integration, integration_id) is None:
            raise Refusal("That integration is not here any more: choose another.")
        row = ApiToken(
            name=name,
            token_hash=_hash(token),
            prefix=token[:SHOWN],
            scopes=chosen,
            integration_id=integration_id,
            created_by_id=who.user_id,
            expires_at=utcnow() + timedelta(days=days) if days else None,
        )
        session.add(row)
        session.flush()
        record(session, who, "account", row.id, "token made", new=name)
    return token


def revoke(who: Actor, token_id: int) -> None:
    """Let the token in no more, from the next call on. Raises Refusal when it is revoked already."""
    with transaction() as session:
        row = session.get(ApiToken, token_id, with_for_update=True)
        if row is None or row.revoked_at is not None:
            raise Refusal("That token is revoked already.")
        row.revoked_at = utcnow()
        record(session, who, "account", row.id, "token revoked", old=row.name)


def find(token: str) -> Token | None:
    """What the token shown allows now; None for one that is unknown, revoked or expired."""
    row = db.session.execute(
        sa.select(ApiToken.id, ApiToken.name, ApiToken.scopes, ApiToken.integration_id).where(
            ApiToken.token_hash == _hash(token),
            ApiToken.revoked_at.is_(None),
            sa.or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > utcnow()),
        )
    ).first()
    return Token(row.id, row.name, frozenset(row.scopes), row.integration_id) if row else None


def rows() -> list[TokenRow]:
    """All tokens, those that work first, the newest first among them."""
    query = (
        sa.select(
            ApiToken.id,
            ApiToken.name,
            ApiToken.prefix,
            ApiToken.scopes,
            Integration.name,
            ApiToken.created_at,
            sa.func.coalesce(sa.func.nullif(User.name, ""), User.email),
            ApiToken.expires_at,
            ApiToken.revoked_at,
            ApiToken.last_used_at,
            ApiToken.last_address,
        )
        .outerjoin(Integration, Integration.id == ApiToken.integration_id)
        .outerjoin(User, User.id == ApiToken.created_by_id)
        .order_by(ApiToken.id.desc())
    )
    return sorted((TokenRow(*row) for row in db.session.execute(query)), key=lambda row: not row.is_live)


def names() -> list[tuple[int, str]]:
    """Id and name of all tokens, the newest first, to choose one whose calls are shown."""
    return [
        (key, name)
        for key, name in db.session.execute(sa.select(ApiToken.id, ApiToken.name).order_by(ApiToken.id.desc()))
    ]


def integrations() -> list[tuple[int, str]]:
    """Id and name of the integrations a token may be tied to."""
    query = sa.select(Integration.id, Integration.name).order_by(Integration.name, Integration.id)
    return [(key, name) for key, name in db.session.execute(query)]


def revoke_all(session: sa.orm.Session) -> None:
    """Revoke every token, in the caller's transaction: a copy of old may hold some that were revoked since."""
    live = sa.update(ApiToken).where(ApiToken.revoked_at.is_(None)).values(revoked_at=utcnow())
    session.execute(live, execution_options={"synchronize_session": False})


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
