"""Settings, API: tokens are made, shown once and revoked; calls are listed; the guide follows the document."""

import html
import re

import sqlalchemy as sa

from tests import factories as make
from tests.web.api.callers import Caller, make_token
from tests.web.pages import check_page, get_page
from wholecell.db import db
from wholecell.models import ApiToken
from wholecell.services import api_calls
from wholecell.web.api.document import OPERATIONS

PAGE = "/settings/api"


def tokens():
    return list(db.session.scalars(sa.select(ApiToken).order_by(ApiToken.id)))


def test_a_token_is_made_shown_once_and_revoked(app, client_as):
    admin = client_as("admin")
    assert "No token yet" in get_page(admin, PAGE).text
    shop = make.make_integration(name="Shop")
    data = {"name": " Web  shop ", "scope": ["listings:read", "made:up"], "integration": str(shop.id), "days": "30"}
    answer = admin.post(PAGE, data=data)
    assert answer.status_code == 201
    check_page(admin, answer)
    token = re.search(r'value="(wc_[^"]+)"', answer.text)[1]
    assert len(token) > 40
    assert f"Bearer {token}" in answer.text and "/api/v1/listings?limit=1" in answer.text
    (row,) = tokens()
    assert (row.name, row.scopes, row.integration_id) == ("Web shop", ["listings:read"], shop.id)
    assert (row.expires_at - row.created_at).days in (29, 30)

    app.test_client_class = Caller
    other = app.test_client()
    other.token = token
    assert other.get("/api/v1/listings").status_code == 200
    page = get_page(admin, PAGE)
    assert token not in page.text and token[:9] in page.text
    assert "Shop" in page.text and "127.0.0.1" in page.text
    assert admin.post(f"{PAGE}/{row.id}/revoke").status_code == 303
    assert "Revoked" in get_page(admin, PAGE).text
    assert other.get("/api/v1/listings").status_code == 401
    admin.post(f"{PAGE}/{row.id}/revoke")
    assert "revoked already" in get_page(admin, PAGE).text


def test_a_form_that_says_too_little_is_shown_again(client_as):
    admin = client_as("admin")
    good = {"name": "Web shop", "scope": "orders:write", "integration": "", "days": ""}
    for wrong, words in (
        ({"name": " "}, "Give it a name"),
        ({"name": "x" * 81}, "Give it a name"),
        ({"scope": ""}, "Tick what"),
        ({"integration": "77"}, "not here any more"),
        ({"integration": "9" * 30}, "not here any more"),
        ({"days": "31"}, "how long"),
    ):
        answer = admin.post(PAGE, data={**good, **wrong})
        assert answer.status_code == 422
        page = check_page(admin, answer)
        assert words in html.unescape(page.text)
        if "scope" not in wrong:
            assert 'value="orders:write" checked' in page.text
    assert tokens() == []


def test_calls_are_listed_and_the_guide_names_all_that_can_be_called(client_as):
    admin = client_as("admin")
    assert "No call yet" in get_page(admin, f"{PAGE}/calls").text
    make_token(name="First")
    make_token(name="Second")
    first, second = tokens()
    for number in range(52):
        api_calls.note(first.id, "GET", f"/api/v1/orders/{number}", 404, "10.0.0.7")
    api_calls.note(second.id, "POST", "/api/v1/orders", 201, "10.0.0.8")
    page = get_page(admin, f"{PAGE}/calls")
    assert "POST /api/v1/orders" in page.text and "10.0.0.8" in page.text
    only = get_page(admin, f"{PAGE}/calls?token={first.id}")
    assert "10.0.0.8" not in only.text
    older = next(link for link in only.links() if "before=" in link)
    assert "/api/v1/orders/0<" in get_page(admin, html.unescape(older)).text
    guide = get_page(admin, f"{PAGE}/guide")
    for each in OPERATIONS:
        assert f"<strong>{each.method.upper()}</strong> {each.path}<" in guide.text
        assert each.scope in guide.text
    for field in ("changed_since", "ship_to", "postal_code", "listing_id", "outstanding"):
        assert f"<code>{field}</code>" in guide.text
