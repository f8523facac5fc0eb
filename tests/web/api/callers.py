"""Another system that calls the API with a token."""

from flask.testing import FlaskClient

from tests.factories import make_user
from wholecell.services import api_tokens
from wholecell.services.events import Actor


def make_token(*scopes, integration=None, days=None, name="Web shop"):
    """A new token; with every scope when none is named."""
    user = make_user(f"{name}@example.com".replace(" ", "").lower())
    chosen = scopes or tuple(api_tokens.SCOPES)
    return api_tokens.create(Actor(user.id), name, chosen, integration and integration.id, days)


class Caller(FlaskClient):
    """Sends the token with each call, in an application context of the call's own."""

    token = ""

    def open(self, *args, **kwargs):
        if self.token:
            kwargs["headers"] = {"Authorization": f"Bearer {self.token}", **(kwargs.get("headers") or {})}
        from wholecell.db import db

        db.session.commit()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        db.session.commit()
        db.session.expire_all()
        return answer


def caller(app, *scopes, **token):
    """A client with a new token."""
    app.test_client_class = Caller
    client = app.test_client()
    client.token = make_token(*scopes, **token)
    return client
