"""What the processes share of one integration beside its limits: its access token and its connector's notes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wholecell.channels.contract import AccessToken, WaitingError
from wholecell.db import db, transaction, utcnow
from wholecell.models import IntegrationNote
from wholecell.services.pacing import SharedLimiter
from wholecell.services.vault import Vault, VaultError

TOKEN = "access token"
LONGEST_FETCH = timedelta(seconds=60)  # of one process; then another tries
LONGEST_NAP, NAP = 2.0, 0.1  # seconds


class IntegrationState(SharedLimiter):
    """The contract's SharedState of one integration, under one version of its login."""

    def __init__(
        self, integration_id: int, kind: str, login_version: int, vault: Vault, limits_of: int | None = None
    ) -> None:
        """Share with all who use this version of the login; texts are encrypted by the vault.

        `limits_of` is the integration whose limits these calls count into; None: its own.
        """
        super().__init__(integration_id if limits_of is None else limits_of, kind)
        self._notes_of = integration_id
        self._version = login_version
        self._vault = vault
        self._known: AccessToken | None = None  # so that not every call asks the database

    def token(self, fetch: Callable[[], AccessToken]) -> str:
        """Give the token that is valid for another minute, or fetch one; of many who need one, one fetches.

        Raises what `fetch` raises, and WaitingError when another process takes longer than two seconds.
        """
        if self._known is not None and self._known.is_fresh(utcnow()):
            return self._known.text
        give_up_at = time.monotonic() + LONGEST_NAP
        while True:
            note = self._note(TOKEN)
            if text := self._opened(note):
                self._known = AccessToken(text, note.expires_at)
                if self._known.is_fresh(utcnow()):
                    return text
            if self._may_fetch(note.expires_at if note else None):
                self._known = self._fetch(fetch)
                return self._known.text
            if time.monotonic() >= give_up_at:
                raise WaitingError("Another process signs in to the channel.", retry_after=LONGEST_NAP)
            time.sleep(NAP)

    def drop_token(self, token: str) -> None:
        """Forget this token, which the channel refused; one fetched meanwhile stays."""
        self._known = None
        if self._opened(self._note(TOKEN)) == token:
            self._write(TOKEN, text="", expires_at=None)

    def recall(self, name: str) -> str:
        """Give the text remembered under this name; empty when there is none."""
        return self._opened(self._note(name))

    def remember(self, name: str, text: str) -> None:
        """Keep a text for the runs to come; an empty one is forgotten."""
        self._write(name, text=self._vault.close({"text": text}) if text else "")

    def _fetch(self, fetch: Callable[[], AccessToken]) -> AccessToken:
        try:
            token = fetch()
        except BaseException:
            self._write(TOKEN, fetching_until=None)
            raise
        sealed = self._vault.close({"text": token.text})
        self._write(TOKEN, text=sealed, expires_at=token.expires_at, fetching_until=None)
        return token

    def _may_fetch(self, seen: datetime | None) -> bool:
        """The guarded UPDATE: of any number that saw a token with this end, one fetches the next."""
        now, note = utcnow(), IntegrationNote
        with transaction() as session:
            self._ensure(session, TOKEN)
            is_free = sa.or_(note.fetching_until.is_(None), note.fetching_until < now)
            update = (
                sa.update(note)
                .where(self._own(TOKEN), is_free, note.expires_at.is_not_distinct_from(seen))
                .values(fetching_until=now + LONGEST_FETCH)
            )
            return bool(session.execute(update).rowcount)  # type: ignore[attr-defined]

    def _note(self, name: str) -> Any:
        query = sa.select(IntegrationNote.text, IntegrationNote.expires_at).where(self._own(name))
        with transaction() as session:  # ends what an earlier reading began: another process may have written since
            return session.execute(query).first()

    def _opened(self, note: Any) -> str:
        if note is None or not note.text:
            return ""
        try:
            return self._vault.open(note.text).get("text", "")
        except VaultError:  # encrypted with a key that is gone: it can be had again
            return ""

    def _write(self, name: str, **values: Any) -> None:
        with transaction() as session:
            self._ensure(session, name)
            session.execute(sa.update(IntegrationNote).where(self._own(name)).values(**values))

    def _ensure(self, session: sa.orm.Session, name: str) -> None:
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        values = {"integration_id": self._notes_of, "name": name, "login_version": self._version, "text": ""}
        session.execute(insert(IntegrationNote).values(values).on_conflict_do_nothing())

    def _own(self, name: str) -> sa.ColumnElement[bool]:
        note = IntegrationNote
        return sa.and_(note.integration_id == self._notes_of, note.name == name, note.login_version == self._version)


def forget(session: sa.orm.Session, integration_id: int) -> None:
    """Forget the token and the notes of an integration whose login changes, in the caller's transaction."""
    session.execute(sa.delete(IntegrationNote).where(IntegrationNote.integration_id == integration_id))
