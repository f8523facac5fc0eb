"""Flask-Session's interface over our own table.

Its SQLAlchemy backend creates its table by itself, before the migrations, keeps tokens readable, and commits
in the middle of a request; so this class stores what Flask-Session hands it through services.browsers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from flask import Flask, Request, Response, request
from flask_session.base import ServerSideSession, ServerSideSessionInterface

from wholecell.db import db, utcnow
from wholecell.services import browsers

API = "/api/"  # other systems call it, with tokens of their own
PERSON = "person"  # the id of the person signed in, kept in the session for the row


class BrowserSession(ServerSideSession):
    """The session of one browser."""

    def __init__(self, *args: Any, is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = is_new
        self.replaced: list[str] = []


class DatabaseSessions(ServerSideSessionInterface):
    """Opens and saves sessions; a token that is not in the table is never taken over."""

    session_class = BrowserSession

    def open_session(self, app: Flask, request: Request) -> BrowserSession:
        """The stored session of this browser, or a new empty one, which is stored only when something is put in."""
        token = request.cookies.get(app.config["SESSION_COOKIE_NAME"], "")
        has_none = request.path.startswith((f"{app.static_url_path}/", API))
        found = browsers.load(token) if token and not has_none else None
        if found is None:
            return BrowserSession(sid=self._generate_sid(self.sid_length))
        session = BrowserSession(msgspec.msgpack.decode(found.data), sid=token, is_new=False)
        session.modified = utcnow() - found.seen_at > browsers.SEEN_EVERY  # saved again, for its time to go on
        return session

    def regenerate(self, session: BrowserSession) -> None:
        """Give the session a new token; the old one is dead once the answer leaves."""
        if not session.is_new:
            session.replaced.append(session.sid)
        session.sid, session.is_new, session.modified = self._generate_sid(self.sid_length), True, True

    def save_session(self, app: Flask, session: BrowserSession, response: Response) -> None:
        """Store what changed, and tell the browser its token when that is new."""
        if session.replaced:
            _drop_unfinished()
            browsers.forget(*session.replaced)
        super().save_session(app, session, response)

    def _retrieve_session_data(self, store_id: str) -> dict[str, Any] | None:
        found = browsers.load(store_id)
        return msgspec.msgpack.decode(found.data) if found else None

    def _delete_session(self, store_id: str) -> None:
        _drop_unfinished()
        browsers.forget(store_id)

    def _upsert_session(self, session_lifetime: timedelta, session: BrowserSession, store_id: str) -> None:
        _drop_unfinished()
        visit = browsers.Visit(
            token=session.sid,
            data=msgspec.msgpack.encode(dict(session)),
            user_id=session.get(PERSON),
            stays=session.permanent,
            is_new=session.is_new,
            address=request.remote_addr or "",
            browser=request.user_agent.string,
        )
        browsers.save(visit)


def _drop_unfinished() -> None:
    # What a failed request left undone must not be saved together with its session.
    if db.session.new or db.session.dirty or db.session.deleted:
        db.session.rollback()
