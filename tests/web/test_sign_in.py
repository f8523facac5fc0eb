"""Signing in and out, wrong tries, second step."""

import time
from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa
from passlib.totp import TOTP

from tests.factories import make_user
from tests.web.clients import Browser
from tests.web.pages import Page, check_page, get_page
from wholecell import create_app
from wholecell.db import db, utcnow
from wholecell.models import Throttle, UserSession
from wholecell.services import browsers, throttle

PASSWORD = "correct horse battery"


@pytest.fixture
def maya(app):
    return make_user("maya@example.com", "manager", password=PASSWORD)


def sign_in(client, password=PASSWORD, email="maya@example.com", **more):
    return client.submit("/sign-in", {"email": email, "password": password, **more})


def test_right_password_signs_in_and_goes_on_to_the_page_wanted(client, maya):
    assert client.get("/account/?x=1").location == "/sign-in?next=/account/?x%3D1"
    answer = client.submit(
        "/sign-in?next=/account/", {"email": " Maya@Example.com ", "password": PASSWORD, "next": "/account/"}
    )
    assert answer.location == "/account/"
    assert get_page(client, "/account/").headings == ["Your account"]


def test_sign_in_never_leads_to_another_site(client, maya):
    answer = client.submit(
        "/sign-in", {"email": "maya@example.com", "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert "evil.example" not in (answer.location or "")


def test_wrong_password_and_unknown_person_read_the_same(client, maya):
    texts = []
    for email in ("maya@example.com", "nobody@example.com"):
        answer = sign_in(client, "wrong password", email)
        assert answer.status_code == 422
        page = check_page(client, answer)
        texts.append(page.text.replace(email, "").replace(page.forms[0]["fields"]["csrf_token"], ""))
        assert "do not go together. 4 tries left" in page.text
    assert texts[0].split("<form")[1].split("csrf_token")[0] == texts[1].split("<form")[1].split("csrf_token")[0]


def test_an_empty_field_is_no_try(client, maya):
    answer = sign_in(client, "")
    assert answer.status_code == 422
    assert "Enter your password." in answer.text
    assert db.session.scalar(sa.select(sa.func.count(Throttle.key))) == 0


def test_too_many_tries_pause_also_after_a_restart(client, maya, settings):
    for _ in range(5):
        sign_in(client, "wrong password")
    answer = sign_in(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 600
    assert "Try again at" in answer.text

    again = create_app(settings)
    again.test_client_class = Browser
    answer = sign_in(again.test_client())
    assert answer.status_code == 429
    with again.app_context():
        db.engine.dispose()


def test_the_pause_ends(client, maya):
    for _ in range(5):
        sign_in(client, "wrong password")
    db.session.execute(sa.update(Throttle).values(expires_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert sign_in(client).status_code == 302


def test_one_address_cannot_try_many_people(client, app):
    for number in range(30):
        throttle.Attempt("sign-in", f"person{number}@example.com", "127.0.0.1").failed()
    make_user("new@example.com", "viewer", password=PASSWORD)
    assert sign_in(client, email="new@example.com").status_code == 429


def test_the_session_gets_a_new_token_at_sign_in(client, maya):
    client.get("/sign-in")
    before = client.cookie
    sign_in(client)
    assert client.cookie != before
    stranger = client.application.test_client()
    stranger.use_cookie(before)
    assert stranger.get("/account/").status_code == 303


def test_a_token_made_up_by_somebody_else_is_never_taken_over(client, maya):
    client.use_cookie("planted")
    sign_in(client)
    assert client.cookie != "planted"


def test_sign_out_kills_the_session_also_for_a_copy_of_its_cookie(client, maya):
    sign_in(client)
    copied = client.cookie
    token = client.page_token("/account/")
    answer = client.post("/sign-out", data={"csrf_token": token})
    assert answer.location == "/sign-in"
    assert client.get("/account/").status_code == 303
    client.use_cookie(copied)
    assert client.get("/account/").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count()).where(UserSession.user_id.is_not(None))) == 0


def test_the_database_holds_no_token(client, maya):
    sign_in(client)
    row = db.session.scalars(sa.select(UserSession).where(UserSession.user_id == maya.id)).one()
    assert row.token_hash == browsers.digest(client.cookie)
    assert client.cookie.encode() not in row.data


def test_staying_signed_in_lasts_14_days_and_needs_no_second_cookie(client, maya):
    answer = sign_in(client, remember="y")
    cookies = answer.headers.getlist("Set-Cookie")
    assert len(cookies) == 1
    assert "Expires=" in cookies[0]
    row = db.session.scalars(sa.select(UserSession).where(UserSession.user_id == maya.id)).one()
    assert timedelta(days=13, hours=23) < row.expires_at - utcnow() <= timedelta(days=14)


def test_otherwise_the_session_ends_with_the_browser(client, maya):
    answer = sign_in(client)
    assert "Expires=" not in answer.headers["Set-Cookie"]
    row = db.session.scalars(sa.select(UserSession).where(UserSession.user_id == maya.id)).one()
    assert row.expires_at - utcnow() <= timedelta(hours=12)


def test_an_expired_session_is_signed_out(client, maya):
    sign_in(client)
    db.session.execute(sa.update(UserSession).values(expires_at=utcnow()))
    db.session.commit()
    assert client.get("/account/").status_code == 303


def test_pages_do_not_write_the_session_until_it_was_unseen_for_minutes(client, maya):
    sign_in(client)
    client.get("/account/")
    row = db.session.scalars(sa.select(UserSession).where(UserSession.user_id == maya.id)).one()
    seen = row.seen_at
    client.get("/account/")
    db.session.refresh(row)
    assert row.seen_at == seen
    row.seen_at = seen - timedelta(minutes=6)
    db.session.commit()
    client.get("/account/")
    db.session.refresh(row)
    assert row.seen_at >= seen


def test_a_browser_signed_out_during_a_request_stays_out(app, maya):
    token = "t" * 43
    browsers.save(browsers.Visit(token, b"\x80", maya.id, False, True, "", ""))
    browsers.sign_out_others(maya.id)
    browsers.save(browsers.Visit(token, b"\x80", maya.id, False, False, "", ""))  # the request ends after that
    assert browsers.load(token) is None


def test_strangers_who_look_at_other_pages_leave_no_session(client):
    client.get("/nowhere")
    client.get("/account/")
    assert db.session.scalar(sa.select(sa.func.count(UserSession.id))) == 0


def test_json_answers_hand_out_no_tokens(client, maya):
    token = client.page_token("/sign-in")
    answer = client.post(
        "/sign-in?include_auth_token",
        json={"email": "maya@example.com", "password": PASSWORD},
        headers={"X-CSRFToken": token, "Accept": "application/json"},
    )
    assert "token" not in answer.text.lower().replace("csrf_token", "")


def test_a_deactivated_person_cannot_sign_in(client, maya):
    maya.active = False
    db.session.commit()
    answer = sign_in(client)
    assert answer.status_code == 422
    assert "do not go together" in answer.text


def turn_on_two_factor(client):
    """Through the pages; returns the secret as the authenticator app has it."""
    page = client.submit("/account/two-factor", {"setup": "authenticator"}).text
    key = page.split("<code>")[1].split("</code>")[0]
    action = page.split('action="/account/two-factor/')[1].split('"')[0]
    token = Page(page).form(f"/account/two-factor/{action}")["fields"]["csrf_token"]
    answer = client.post(f"/account/two-factor/{action}", data={"code": code(key), "csrf_token": token})
    assert answer.status_code == 302
    return key


def code(key, steps=0):
    return TOTP(key=key.replace("-", "").replace(" ", ""), format="base32").generate(time.time() + 30 * steps).token


def test_two_factor_asks_for_a_code_that_works_once(app, client, maya):
    sign_in(client)
    key = turn_on_two_factor(client)
    other = app.test_client()
    assert sign_in(other).location.startswith("/sign-in/code")
    assert other.get("/account/").status_code == 303
    get_page(other, "/sign-in/code")

    wrong = other.submit("/sign-in/code", {"code": "000000"})
    assert wrong.status_code == 422
    assert "4 tries left" in wrong.text
    used = other.submit("/sign-in/code", {"code": code(key)})  # the one that turned it on
    assert used.status_code == 422
    before = other.cookie
    assert other.submit("/sign-in/code", {"code": code(key, steps=1)}).status_code == 302
    assert other.cookie != before
    assert other.get("/account/").status_code == 200


def test_a_wrong_code_does_not_turn_two_factor_on(client, maya):
    sign_in(client)
    page = client.submit("/account/two-factor", {"setup": "authenticator"}).text
    action = page.split('action="/account/two-factor/')[1].split('"')[0]
    url = f"/account/two-factor/{action}"
    client.post(url, data={"code": "123", "csrf_token": Page(page).form(url)["fields"]["csrf_token"]})
    db.session.refresh(maya)
    assert maya.tf_primary_method is None


def test_the_picture_fits_the_content_policy(client, maya):
    sign_in(client)
    answer = client.submit("/account/two-factor", {"setup": "authenticator"})
    page = check_page(client, answer)
    picture = next(attributes["src"] for tag, attributes in page.elements if tag == "img")
    assert picture.startswith("data:image/svg+xml;base64,")


def test_recovery_codes_each_sign_in_once_and_are_stored_encrypted(app, client, maya):
    sign_in(client)
    turn_on_two_factor(client)
    page = client.submit("/account/recovery-codes", {"generate_new_codes": "1"}).text
    codes = [part.split("</code>")[0] for part in page.split("<code>")[1:]]
    assert len(codes) == 8
    stored = db.session.scalar(sa.text('SELECT mf_recovery_codes FROM "user"'))
    assert stored
    assert codes[0] not in stored

    for first, status in ((codes[0], 302), (codes[0], 422), (codes[1], 302)):
        other = app.test_client()
        sign_in(other)
        get_page(other, "/sign-in/recovery-code")
        assert other.submit("/sign-in/recovery-code", {"code": first}).status_code == status


def test_changing_how_one_signs_in_asks_for_the_password_again(client_as):
    client = client_as("viewer", password=PASSWORD, email="kim@example.com")
    old = {
        "_user_id": client.user.fs_uniquifier,
        "_fresh": True,
        "person": client.user.id,
        "fs_paa": time.time() - 7200,
    }
    db.session.execute(sa.update(UserSession).values(data=msgspec.msgpack.encode(old)))
    db.session.commit()
    answer = client.get("/account/passkeys")
    assert answer.location.startswith("/sign-in/again?next=")
    page = get_page(client, "/sign-in/again?next=/account/passkeys")
    token = page.form("/sign-in/again?next=/account/passkeys")["fields"]["csrf_token"]
    data = {"password": PASSWORD, "csrf_token": token, "next": "/account/passkeys"}
    assert client.post("/sign-in/again?next=/account/passkeys", data=data).location == "/account/passkeys"
    get_page(client, "/account/passkeys")


def test_passwords_are_argon2(app, maya):
    assert maya.password.startswith("$argon2id$")
