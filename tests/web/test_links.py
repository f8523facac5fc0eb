"""Links that work once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import make_user
from tests.web.pages import get_page
from wholecell.db import db, utcnow
from wholecell.models import LoginLink, User, UserSession
from wholecell.services import accounts, browsers, login_links
from wholecell.services.events import SYSTEM

FIRST = {"name": "Maya Ortiz", "email": "Maya@Example.com", "password": "a long password", "again": "a long password"}


def post(client, token, step, data=None):
    csrf = client.page_token(f"/link/{token}")
    return client.post(f"/link/{token}/{step}", data={"csrf_token": csrf, **(data or {})})


def test_set_up_makes_the_first_admin_and_signs_in(client):
    token = login_links.make("setup")
    assert get_page(client, f"/link/{token}").headings == ["Set up WholeCell"]
    assert post(client, token, "set-up", FIRST).location == "/account/home"
    assert get_page(client, "/account/").headings == ["Your account"]
    user = db.session.scalars(sa.select(User)).one()
    assert (user.email, user.name, [role.name for role in user.roles]) == ("maya@example.com", "Maya Ortiz", ["admin"])


def test_set_up_works_once(app, client):
    token = login_links.make("setup")
    post(client, token, "set-up", FIRST)
    other = app.test_client()
    get_page(other, f"/link/{token}", status=410)
    csrf = other.page_token("/sign-in")
    data = {**FIRST, "email": "second@example.com", "csrf_token": csrf}
    assert other.post(f"/link/{token}/set-up", data=data).status_code == 410
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == 1


def test_of_two_at_once_one_uses_the_link(app):
    token = login_links.make("setup")
    login_links.use(token, "setup")
    with pytest.raises(login_links.SpentLink):
        login_links.use(token, "setup")


def test_set_up_is_refused_once_there_is_somebody(app):
    token = login_links.make("setup")
    make_user("first@example.com")
    with pytest.raises(login_links.SpentLink):
        accounts.set_up(token, "second@example.com", "Second", "hash")


def test_a_refused_set_up_does_not_use_the_link_up(client):
    token = login_links.make("setup")
    answer = post(client, token, "set-up", {**FIRST, "email": "nothing"})
    assert answer.status_code == 422
    assert "is not an e-mail address" in answer.text
    assert post(client, token, "set-up", {**FIRST, "again": "another one"}).status_code == 422
    assert post(client, token, "set-up", FIRST).status_code == 303


def test_links_end_after_an_hour(client):
    token = login_links.make("setup")
    db.session.execute(sa.update(LoginLink).values(expires_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    page = get_page(client, f"/link/{token}", status=410)
    assert "each works once, for an hour" in page.text
    with pytest.raises(login_links.SpentLink):
        login_links.use(token, "setup")


def test_a_new_link_ends_the_earlier_one(app):
    first = login_links.make("setup")
    login_links.make("setup")
    with pytest.raises(login_links.SpentLink):
        login_links.find(first)


def test_only_a_hash_of_a_link_is_stored(app):
    token = login_links.make("setup")
    link = db.session.scalars(sa.select(LoginLink)).one()
    assert link.token_hash == browsers.digest(token) != token


def test_opening_a_sign_in_link_does_not_use_it_up(app, client):
    demo = make_user("demo@example.com", "manager")
    token = login_links.make("signin", demo.id)
    for _ in range(2):
        get_page(app.test_client(), f"/link/{token}")
    before = client.get(f"/link/{token}") and client.cookie
    assert post(client, token, "sign-in").location == "/account/home"
    assert client.cookie != before
    assert get_page(client, "/account/").headings == ["Your account"]
    get_page(client, f"/link/{token}", status=410)


def test_a_link_is_good_for_its_own_purpose_only(app):
    user = make_user("kim@example.com")
    token = login_links.make("password", user.id)
    with pytest.raises(login_links.SpentLink):
        accounts.sign_in_by_link(token)
    with pytest.raises(login_links.SpentLink):
        accounts.set_up(token, "x@example.com", "X", "hash")


def test_choosing_a_password_by_link_signs_out_everywhere(client, client_as):
    kim = client_as("picker", email="kim@example.com")
    token = login_links.make("password", kim.user.id)
    data = {"name": "Kim", "password": "a long password", "again": "a long password"}
    assert post(client, token, "password", data).location == "/sign-in"
    assert db.session.scalar(sa.select(sa.func.count()).where(UserSession.user_id == kim.user.id)) == 0
    signed_in = client.submit("/sign-in", {"email": "kim@example.com", "password": "a long password"})
    assert signed_in.location == "/account/home"


def test_the_link_of_a_deactivated_person_is_dead(app, client):
    make_user("root@example.com")
    kim = make_user("kim@example.com", "picker")
    token = login_links.make("signin", kim.id)
    accounts.deactivate(SYSTEM, kim.id)
    get_page(client, f"/link/{token}", status=410)
