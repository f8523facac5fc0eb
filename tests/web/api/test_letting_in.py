"""Who is let in, how often, and what is written down of it."""

import sqlalchemy as sa
from limits import RateLimitItemPerMinute

from tests.web.api.callers import caller, make_token
from wholecell.db import db
from wholecell.models import ApiCall, ApiToken, Event, UserSession
from wholecell.services import api_calls, api_tokens, throttle
from wholecell.services.events import Actor

PAGE = "/api/v1/listings"


def calls():
    return db.session.execute(sa.select(ApiCall.method, ApiCall.path, ApiCall.status).order_by(ApiCall.id)).all()


def test_only_a_live_token_in_the_header_lets_in(app):
    client = caller(app)
    token, client.token = client.token, ""
    for headers, query in (
        ({}, ""),
        ({}, f"?token={token}&access_token={token}"),
        ({"Authorization": f"Basic {token}"}, ""),
        ({"Authorization": "Bearer "}, ""),
        ({"Authorization": "Bearer wc_guessed"}, ""),
        ({"Authorization": f"Bearer {token}x"}, ""),
        ({"Authorization": "Bearer \xff\x00"}, ""),
    ):
        answer = client.get(PAGE + query, headers=headers)
        assert answer.status_code == 401, headers
        assert answer.json.keys() == {"error", "message"}
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert calls() == []  # strangers fill no table
    answer = client.get(PAGE, headers={"Authorization": f"bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert db.session.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 0
    assert calls() == [("GET", PAGE, 200)]
    row = db.session.scalars(sa.select(ApiToken)).one()
    assert (row.last_address, row.last_used_at is None) == ("127.0.0.1", False)
    assert token not in repr(vars(row)) and row.prefix == token[:9]

    row.expires_at = row.created_at
    db.session.commit()
    assert client.get(PAGE, headers={"Authorization": f"Bearer {token}"}).json["error"] == "unknown_token"
    row.expires_at = None
    db.session.commit()
    api_tokens.revoke(Actor(), row.id)
    assert client.get(PAGE, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    kinds = list(db.session.scalars(sa.select(Event.kind).where(Event.subject == "account").order_by(Event.id)))
    assert kinds == ["token made", "token revoked"]


def test_a_token_does_what_its_scopes_say_and_a_signed_in_browser_nothing(app, client_as):
    client = caller(app, "orders:read")
    answer = client.get(PAGE)
    assert (answer.status_code, answer.json["error"]) == (403, "insufficient_scope")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="listings:read"'
    assert client.get("/api/v1/orders").status_code == 200
    assert [status for _, _, status in calls()] == [403, 200]
    answer = client_as("admin", email="boss@example.com").get(PAGE)
    assert (answer.status_code, answer.json["error"]) == (401, "no_token")


def test_everything_under_the_api_answers_in_json(app, monkeypatch):
    client = caller(app)
    for method, url, status in (
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/listings/1", 404),
        ("GET", f"/api/v1/listings/{2**63}", 404),
        ("GET", "/api/v1/orders/-1", 404),
        ("DELETE", PAGE, 405),
    ):
        answer = client.open(url, method=method)
        assert (answer.status_code, answer.mimetype) == (status, "application/json"), url
        assert answer.json["message"]
    assert "GET" in client.delete(PAGE).headers["Allow"]

    def fails(*_):
        raise RuntimeError("a secret")

    monkeypatch.setattr("wholecell.services.api_listings.find", fails)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    answer = client.get(PAGE)
    assert (answer.status_code, answer.json["error"]) == (500, "failed")
    assert "secret" not in answer.text
    assert calls()[-1] == ("GET", PAGE, 500)


def test_calls_are_counted_for_each_token(app, monkeypatch):
    monkeypatch.setattr(throttle, "PER_TOKEN", RateLimitItemPerMinute(2, namespace="token"))
    client = caller(app)
    other = make_token("listings:read", name="Other")
    left = [client.get(PAGE).headers["RateLimit-Remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    answer = client.get(PAGE)
    assert (answer.status_code, answer.json["error"]) == (429, "too_many_calls")
    assert 0 < int(answer.headers["Retry-After"]) <= 61
    assert client.get(PAGE, headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_an_address_that_guesses_is_slowed_down_and_does_not_shut_out_real_tokens(app, monkeypatch):
    monkeypatch.setattr(throttle, "PER_ADDRESS", RateLimitItemPerMinute(2, 10, namespace="address"))
    client = caller(app)
    guesses = [client.get(PAGE, headers={"Authorization": f"Bearer wc_{n}"}).status_code for n in range(3)]
    assert guesses == [401, 401, 429]
    assert client.get(PAGE).status_code == 200


def test_the_newest_calls_are_kept(app, monkeypatch):
    monkeypatch.setattr(api_calls, "KEPT", 3)
    monkeypatch.setattr(api_calls, "CLEARED_EVERY", 2)
    make_token()
    token_id = db.session.scalars(sa.select(ApiToken.id)).one()
    for number in range(8):
        api_calls.note(token_id, "GET", f"/{number}" + "x" * 300, 200, "::1")
    assert [path[:2] for _, path, _ in calls()] == ["/5", "/6", "/7"]
