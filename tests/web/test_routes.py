"""Every route of the program, against what it declares."""

import re

import pytest

from tests.factories import make_user
from tests.web.clients import sign_in_quickly
from wholecell.channels import public_endpoints
from wholecell.db import db
from wholecell.services.api_tokens import SCOPES
from wholecell.web.access import (
    LIBRARY_ENDPOINTS,
    PUBLIC_ENDPOINTS,
    REFUSED_ENDPOINTS,
    Least,
    least_role,
    token_scope,
)
from wholecell.web.security import csrf

SAFE = {"GET", "HEAD", "OPTIONS"}


def example(rule, name):
    """A value its converter takes: the first of a list of words, else 1."""
    words = getattr(rule._converters[name], "items", ())
    return min(words, default="1")


def rules(app, changing=False):
    """(endpoint, url, method) of every route, with 1 in the place of arguments."""
    for rule in app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if not changing or method not in SAFE:
                url = re.sub(r"<(?:[^>]*:)?(\w+)>", lambda found, rule=rule: example(rule, found[1]), rule.rule)
                yield rule.endpoint, url, method


def test_each_route_declares_its_least_role_or_its_scope_or_is_public(app):
    for endpoint, url, _ in rules(app):
        declared = least_role(app, endpoint) or token_scope(app, endpoint)
        is_public = endpoint in PUBLIC_ENDPOINTS
        assert is_public or endpoint in REFUSED_ENDPOINTS or declared is not None, f"{url} declares nothing"
        assert not (is_public and declared), f"{url} is public and asks for a role"
        assert not (least_role(app, endpoint) and token_scope(app, endpoint)), f"{url} is for people and for systems"


def test_routes_of_other_systems_look_at_their_token_alone(app, client_as):
    """Also without the token of a form: a page of another site could send it, and is let in nowhere by that."""
    admin, found = client_as("admin"), set()
    for endpoint, url, method in rules(app):
        if scope := token_scope(app, endpoint):
            found.add(scope)
            answer = admin.open(url, method=method, token=False)
            assert (answer.status_code, answer.json["error"]) == (401, "no_token"), (method, url)
            assert url.startswith("/api/v1/")
    assert found == set(SCOPES)


def test_the_tables_name_only_routes_that_exist(app):
    for endpoint in (*PUBLIC_ENDPOINTS, *LIBRARY_ENDPOINTS, *REFUSED_ENDPOINTS):
        assert endpoint in app.view_functions, endpoint


def test_a_route_that_declares_nothing_is_refused(app, client_as):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = client_as("admin").get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_strangers_are_asked_to_sign_in(app, client):
    app.config["WTF_CSRF_ENABLED"] = False  # so that the check of roles answers, not the one of tokens
    for endpoint, url, method in rules(app):
        if endpoint not in PUBLIC_ENDPOINTS + REFUSED_ENDPOINTS and not token_scope(app, endpoint):
            answer = client.open(url, method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), (method, url)


def test_each_change_is_refused_without_a_token(app, client, client_as):
    for browser in (client, client_as("admin")):
        for endpoint, url, method in rules(app, changing=True):
            # Channels and other systems that call us have no session whose token it could be.
            if endpoint in public_endpoints() or token_scope(app, endpoint):
                continue
            answer = browser.open(url, method=method, token=False)
            assert answer.status_code == 400, (method, url)
            assert "open for too long" in answer.text


def test_only_what_channels_and_other_systems_call_needs_no_token(app):
    free = {f"{app.view_functions[each].__module__}.{app.view_functions[each].__name__}" for each in public_endpoints()}
    assert csrf._exempt_views == free
    assert {each.name for each in csrf._exempt_blueprints} == {"api"}
    for endpoint, url, method in rules(app):
        if endpoint.startswith("api.") and not token_scope(app, endpoint):
            assert (endpoint, method) == ("api.document", "GET"), url


def test_a_token_of_another_session_is_refused(app, client_as):
    mine, other = client_as("admin"), client_as("viewer", email="other@example.com")
    mine.csrf = other.csrf
    assert mine.post("/account/theme", data={"theme": "dark"}).status_code == 400


@pytest.mark.parametrize("role", ["viewer", "picker", "manager", "admin"])
def test_each_route_lets_in_its_role_and_no_lower_one(app, client, role):
    app.config["WTF_CSRF_ENABLED"] = False
    make_user("root@example.com", "admin")  # somebody stays admin, whatever the routes do
    for endpoint, url, method in rules(app):
        least = least_role(app, endpoint)
        if least is None or Least[role.upper()] >= least:
            continue
        user = make_user(f"{endpoint}.{method}@example.com".lower(), role)
        answer = sign_in_quickly(client, user).open(url, method=method)
        assert answer.status_code == 403, (method, url)


def test_a_person_without_a_role_may_do_nothing(app, client):
    user = make_user("nobody@example.com", "viewer")
    user.roles = []
    db.session.commit()
    assert sign_in_quickly(client, user).get("/account/").status_code == 403


def test_htmx_is_sent_to_the_sign_in_page(client):
    answer = client.get("/account/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"
