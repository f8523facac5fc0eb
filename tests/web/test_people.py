"""The page about people, and one's own account."""

import sqlalchemy as sa

from tests.factories import make_user
from tests.web.clients import sign_in_quickly
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import Event, User, UserSession
from wholecell.services import accounts, login_links

PASSWORD = "correct horse battery"


def user_named(email):
    return db.session.scalars(sa.select(User).where(User.email == email)).one()


def test_inviting_shows_a_link_once_with_which_the_person_comes_in(app, client_as):
    admin = client_as("admin")
    answer = admin.post("/people/", data={"name": "Kim", "email": "Kim@Example.com", "role": "picker"})
    assert answer.status_code == 201
    check_page(admin, answer)
    link = answer.text.split('id="link" value="')[1].split('"')[0]
    assert link.startswith("http://localhost:8000/link/")
    assert accounts.find_by_email("kim@example.com").roles[0].name == "picker"
    assert login_links.find(link.rsplit("/", 1)[1])[0] == "password"
    page = get_page(admin, "/people/")
    assert "No password yet" in page.text
    assert "/settings/lists/statuses" in page.links() and '<a href="/people/" aria-current="page">' in page.text


def test_inviting_somebody_twice_is_refused_beside_the_field(client_as):
    make_user("kim@example.com", "picker")
    answer = client_as("admin").post("/people/", data={"name": "K", "email": "KIM@example.com", "role": "viewer"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert "is here already" in answer.text


def test_a_role_counts_from_the_next_request(app, client_as):
    admin, kim = client_as("admin"), client_as("viewer", email="kim@example.com")
    assert kim.get("/people/").status_code == 403
    admin.post(f"/people/{kim.user.id}/role", data={"role": "admin"})
    assert kim.get("/people/").status_code == 200
    event = db.session.scalars(sa.select(Event).where(Event.kind == "role")).one()
    assert (event.subject, event.subject_id, event.old, event.new) == ("account", kim.user.id, "viewer", "admin")
    assert event.user_id == admin.user.id


def test_the_last_admin_stays(client_as):
    admin = client_as("admin")
    for path, data in (("role", {"role": "viewer"}), ("deactivate", {})):
        answer = admin.post(f"/people/{admin.user.id}/{path}", data=data, follow_redirects=True)
        assert "This is the only admin" in answer.text
    user = user_named("admin@example.com")
    assert user.active
    assert user.roles[0].name == "admin"


def test_a_deactivated_admin_does_not_count_as_one(client_as):
    admin = client_as("admin")
    make_user("old@example.com", "admin", active=False)
    answer = admin.post(f"/people/{admin.user.id}/deactivate", follow_redirects=True)
    assert "This is the only admin" in answer.text


def test_deactivating_shuts_out_at_once_and_can_be_taken_back(app, client_as):
    admin, kim = client_as("admin"), client_as("viewer", email="kim@example.com")
    admin.post(f"/people/{kim.user.id}/deactivate")
    assert kim.get("/account/").status_code == 303
    get_page(admin, "/people/")
    admin.post(f"/people/{kim.user.id}/reactivate")
    again = sign_in_quickly(app.test_client(), user_named("kim@example.com"))
    assert again.get("/account/").status_code == 200


def test_an_admin_turns_two_factor_off_for_a_lost_phone(client_as):
    admin = client_as("admin")
    kim = make_user("kim@example.com", tf_primary_method="authenticator", tf_totp_secret="secret")
    get_page(admin, "/people/")
    admin.post(f"/people/{kim.id}/two-factor-off")
    assert user_named("kim@example.com").tf_totp_secret is None


def test_a_person_who_is_gone_is_said_in_words(client_as):
    answer = client_as("admin").post("/people/999/role", data={"role": "viewer"}, follow_redirects=True)
    assert "not here any more" in answer.text


def test_changing_the_password_signs_the_other_browsers_out(app, client_as):
    here = client_as("viewer", email="kim@example.com", password=PASSWORD)
    other = sign_in_quickly(app.test_client(), here.user)
    data = {"old": PASSWORD, "password": "another long one", "again": "another long one"}
    assert here.post("/account/password", data={**data, "old": "wrong"}).status_code == 422
    assert here.post("/account/password", data=data).status_code == 303
    assert here.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 303
    assert user_named("kim@example.com").verify_and_update_password("another long one")


def test_guessing_the_password_of_an_open_browser_pauses(client_as):
    kim = client_as("viewer", password=PASSWORD)
    data = {"old": "wrong", "password": "another long one", "again": "another long one"}
    for _ in range(5):
        kim.post("/account/password", data=data)
    assert kim.post("/account/password", data={**data, "old": PASSWORD}).status_code == 429


def test_the_list_of_browsers_says_which_is_this_one_and_signs_out_the_others(app, client_as):
    here = client_as("viewer")
    other = sign_in_quickly(app.test_client(), here.user)
    page = get_page(here, "/account/")
    assert page.text.count("Firefox on Linux") == 2
    assert page.text.count("this one") == 1
    answer = here.post("/account/browsers/sign-out-others", follow_redirects=True)
    assert "Signed out 1 other browser." in answer.text
    assert other.get("/account/").status_code == 303
    assert db.session.scalar(sa.select(sa.func.count(UserSession.id))) == 1


def test_theme_is_kept_and_returns_to_the_page_one_was_on(client_as):
    kim = client_as("viewer")
    answer = kim.post("/account/theme", data={"theme": "dark", "next": "/account/passkeys"})
    assert answer.location == "/account/passkeys"
    assert 'data-bs-theme="dark"' in kim.get("/account/").text
    assert kim.post("/account/theme", data={"theme": "light", "next": "//evil.example"}).location == "/account/"


def test_name_is_changed_and_escaped(client_as):
    kim = client_as("viewer")
    kim.post("/account/name", data={"name": "<b>Kim</b>"})
    page = get_page(kim, "/account/")
    assert "<b>Kim" not in page.text
    assert "&lt;b&gt;Kim" in page.text
    assert kim.post("/account/name", data={"name": " "}).status_code == 422
