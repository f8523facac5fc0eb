"""Test clients that behave like a browser: a context of their own for each request, and a session in the database."""

import secrets
import time

import msgspec
from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from tests.factories import make_user
from wholecell.db import db
from wholecell.services import browsers


class Browser(FlaskClient):
    """Sends the CSRF token with every change by itself, unless told `token=False`; has it once it is signed in.

    Each request gets a fresh application context, as in production: the one of the test would share the person
    signed in and the database session between clients.
    """

    user = None
    csrf = None

    def open(self, *args, token=True, **kwargs):
        if token and self.csrf:
            kwargs["headers"] = {"X-CSRFToken": self.csrf, **dict(kwargs.get("headers") or {})}
        _end_reading()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        _end_reading()
        return answer

    @property
    def cookie(self):
        name = self.application.config["SESSION_COOKIE_NAME"]
        found = self.get_cookie(name)
        return found and found.value

    def use_cookie(self, value):
        self.set_cookie(self.application.config["SESSION_COOKIE_NAME"], value)

    def submit(self, page, data, **kwargs):
        """Fill in the page's form as a person would: with the token it holds."""
        return self.post(page, data={"csrf_token": self.page_token(page), **data}, **kwargs)

    def page_token(self, page):
        text = self.get(page).text
        assert 'name="csrf_token" value="' in text, text
        return text.split('name="csrf_token" value="')[1].split('"')[0]


def _end_reading():
    """End the test's own transaction, so that it sees what the request does."""
    if has_app_context():
        db.session.commit()
        db.session.expire_all()


def sign_in_quickly(client, user):
    """Sign in without the sign-in page, whose password hash takes its time."""
    app, raw, token = client.application, secrets.token_hex(20), secrets.token_urlsafe(32)
    data = {
        "_user_id": user.fs_uniquifier,
        "_fresh": True,
        "fs_cc": "set",
        "fs_paa": time.time(),
        "person": user.id,
        "csrf_token": raw,
    }
    browsers.save(
        browsers.Visit(token, msgspec.msgpack.encode(data), user.id, False, True, "127.0.0.1", "Firefox Linux")
    )
    client.use_cookie(token)
    client.csrf = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(raw)
    client.user = user
    return client


def signed_in(app, role="admin", **fields):
    """A client signed in as a new person with this role."""
    app.test_client_class = Browser
    return sign_in_quickly(app.test_client(), make_user(role=role, **fields))
