"""Headers, host names, error pages, health."""

import dataclasses

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import RequestEntityTooLarge, TooManyRequests

from tests.factories import make_user
from tests.web.clients import Browser, sign_in_quickly
from tests.web.pages import check_page, get_page
from wholecell import create_app
from wholecell.db import db
from wholecell.models import User
from wholecell.web import health
from wholecell.web.access import Least, needs


def app_with(settings, **changed):
    app = create_app(dataclasses.replace(settings, **changed))
    app.test_client_class = Browser
    return app


@pytest.mark.parametrize("url", ["/sign-in", "/nowhere", "/healthz", "/static/app.css"])
def test_every_answer_carries_the_strict_headers(client, url):
    headers = client.get(url).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_pages_are_not_kept_by_the_browser(client, client_as):
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert client_as("viewer").get("/account/").headers["Cache-Control"] == "no-store"


def test_cookies_on_this_machine_and_behind_https(client, settings):
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie

    public = app_with(settings, public_url="https://phones.example.com")
    answer = public.test_client().get("/sign-in", base_url="https://phones.example.com")
    assert answer.headers["Set-Cookie"].startswith("__Host-wholecell=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_only_our_own_name_is_answered(client, settings):
    assert client.get("/sign-in", base_url="http://evil.example").status_code == 421
    assert client.get("/healthz", base_url="http://10.0.0.7").status_code == 200
    public = app_with(settings, public_url="https://phones.example.com").test_client()
    assert public.get("/sign-in", base_url="http://localhost").status_code == 421


def test_proxies_are_believed_as_far_as_the_settings_say(settings):
    told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "phones.example.com"}
    for proxies, status in ((0, 421), (1, 200)):
        app = app_with(settings, public_url="https://phones.example.com", trusted_proxies=proxies)
        assert app.test_client().get("/sign-in", headers=told, base_url="http://127.0.0.1").status_code == status


def test_error_pages_are_in_the_shell_with_a_way_out(app, client_as):
    failures = {"/too-large": RequestEntityTooLarge(), "/too-often": TooManyRequests(), "/broken": RuntimeError("x")}
    for url, error in failures.items():
        app.add_url_rule(url, url, needs(Least.VIEWER)(_raise(error)))
    viewer = client_as("viewer")
    for url, status in (
        ("/nowhere", 404),
        ("/people/", 403),
        ("/account/name", 405),
        ("/too-large", 413),
        ("/too-often", 429),
        ("/broken", 500),
    ):
        page = get_page(viewer, url, status)
        assert "rail" in page.text
        assert "Go to the first page" in page.text
    assert "RuntimeError" not in viewer.get("/broken").text


def _raise(error):
    def view():
        raise error

    return view


def test_a_broken_request_answers_htmx_with_a_sentence(app, client_as):
    answer = client_as("viewer").get("/nowhere", headers={"HX-Request": "true"})
    assert answer.mimetype == "text/plain"
    assert answer.text.startswith("There is no such page.")


def test_an_error_page_for_strangers_has_no_rail(client):
    page = check_page(client, client.get("/nowhere"))
    assert 'class="rail"' not in page.text
    assert "Go to sign-in" in page.text


def test_health_says_whether_the_database_answers(client, monkeypatch):
    assert client.get("/healthz").text == "ok\n"

    def fails():
        raise sa.exc.OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(health, "database_answers", fails)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "gone" not in answer.text


def test_metrics_are_for_admins(client_as):
    assert client_as("manager").get("/metrics").status_code == 403
    answer = client_as("admin").get("/metrics")
    assert "python_info" in answer.text


def test_a_failed_request_saves_nothing_half(app, client_as):
    viewer = client_as("viewer")

    @needs(Least.VIEWER)
    def half():
        make_user_without_commit()
        raise RuntimeError("in the middle")

    app.add_url_rule("/half", "half", half)
    assert viewer.get("/half").status_code == 500
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1
    assert viewer.get("/account/").status_code == 200


def make_user_without_commit():
    db.session.add(User(email="half@example.com"))
    db.session.flush()


def test_rail_shows_the_pages_there_are(app, client):
    client = sign_in_quickly(client, make_user("kim@example.com", "viewer"))
    page = get_page(client, "/account/")
    assert "/orders" not in page.links()
