"""Cards of the channels, and the login: connect, try, change."""

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.web.pages import check_page, get_page
from wholecell.channels import discover
from wholecell.db import db
from wholecell.models import Integration
from wholecell.sandbox import Sandbox, Shop
from wholecell.services import sync
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

TOKEN = "sandbox-backmarket-token"
LOGIN = {
    "name": "Back Market US",
    "platform": "north-america",
    "market": "en-us",
    "token": TOKEN,
    "company": "Northline",
    "email": "ops@northline.example",
}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Shop()) as running:
        yield running


@pytest.fixture
def shop(sandbox, monkeypatch):
    """The pretend channel, with two listings of which one has a SKU of ours."""
    monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", sandbox.base_url("backmarket"))
    sandbox.shop.reset(empty=True)
    row = {"title": "iPhone 13", "grade": "GOOD", "price": "100.00", "currency": "USD", "quantity": 1}
    sandbox.shop.seed_backmarket([{**row, "sku": "A1"}, {**row, "sku": "B2"}])
    make.make_items(make.make_variation("A1"), 3)
    return sandbox.shop


def connect(client, **changes):
    return client.post("/integrations/connect/backmarket", data={**LOGIN, **changes})


def the_one():
    db.session.remove()
    return db.session.scalars(sa.select(Integration)).one()


def vault(app):
    return Vault(app.extensions["wholecell"].credentials_keys)


def test_a_card_for_each_channel(client_as):
    make.make_integration("amazon", "Amazon", login={"marketplace": "A1PA6795UKMFR9", "platform": "eu"})
    make.make_integration("walmart", "Walmart", login={"platform": "us"})
    page = get_page(client_as("admin"), "/integrations/")
    assert "Amazon · Germany" in page.text and "Walmart · United States" in page.text
    for channel in discover().values():
        assert f">{channel.label}</h2>" in page.text
    connects = [href for href in page.links() if "/connect/" in href]
    assert {each.rsplit("/", 1)[1] for each in connects} == {
        channel.kind for channel in discover().values() if channel.is_built
    }
    assert page.text.count("Coming in a later version") == sum(not c.is_built for c in discover().values())


def test_a_channel_that_is_not_built_cannot_be_connected(client_as):
    client = client_as("admin")
    for kind in ["nobody", *(channel.kind for channel in discover().values() if not channel.is_built)]:
        assert client.get(f"/integrations/connect/{kind}").status_code == 404
        assert client.post(f"/integrations/connect/{kind}", data=LOGIN).status_code == 404


def test_connect_then_sync_listings_by_itself(app, client_as, shop):
    client = client_as("admin")
    get_page(client, "/integrations/connect/backmarket")
    answer = connect(client)
    one = the_one()
    assert (answer.status_code, answer.location) == (303, f"/integrations/{one.id}/listings")
    assert TOKEN not in str(one.login)
    assert vault(app).open(one.secrets) == {"token": TOKEN}
    page = get_page(client, answer.location)
    assert "about to start" in page.text
    sync.run_work(one.id, Kind.IMPORT_LISTINGS, vault(app))
    page = get_page(client, answer.location)
    assert "Listings synced" in page.text
    assert "<b>2</b> new" in page.text
    assert ">Connected</span>" in page.text and ">Not connected</span>" in page.text


def test_a_wrong_token_is_said_at_the_form(client_as, shop):
    shop.set_tokens("backmarket", [])
    client = client_as("admin")
    answer = connect(client, token="wrong-token")
    assert answer.status_code == 422
    page = check_page(client, answer)
    assert 'role="alert"' in page.text
    assert "wrong-token" not in page.text, "a secret never comes back"
    assert "Northline" in page.text, "what was typed stays"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Integration)) == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"token": ""}, "Paste the token"),
        ({"email": "nobody"}, "not an email address"),
        ({"market": "ja-jp"}, "serves these markets"),
        ({"name": " "}, "Enter a name"),
    ],
)
def test_a_login_form_filled_in_wrong(client_as, changes, said):
    client = client_as("admin")
    answer = connect(client, **changes)
    assert answer.status_code == 422
    assert said in check_page(client, answer).text


def test_two_integrations_cannot_share_a_name(client_as, shop):
    client = client_as("admin")
    connect(client)
    answer = connect(client)
    assert answer.status_code == 422
    assert "choose another name" in answer.text


def test_an_empty_token_keeps_the_stored_one(app, client_as, shop):
    client = client_as("admin")
    connect(client)
    one = the_one()
    answer = client.post(f"/integrations/{one.id}/login", data={**LOGIN, "token": "", "company": "Other"})
    assert answer.status_code == 303
    one = the_one()
    assert (one.login["company"], vault(app).open(one.secrets), one.login_version) == ("Other", {"token": TOKEN}, 2)
    assert TOKEN not in get_page(client, f"/integrations/{one.id}/").text


def test_a_new_login_that_is_refused_changes_nothing(app, client_as, shop):
    client = client_as("admin")
    connect(client)
    one = the_one()
    answer = client.post(f"/integrations/{one.id}/login", data={**LOGIN, "token": "another-token"})
    assert answer.status_code == 422
    assert 'role="alert"' in check_page(client, answer).text
    assert vault(app).open(the_one().secrets) == {"token": TOKEN}


def test_a_stored_login_is_tried_again(client_as, shop):
    client = client_as("admin")
    connect(client)
    url = f"/integrations/{the_one().id}/login/test"
    assert "The login works" in client.post(url, follow_redirects=True).text
    shop.set_tokens("backmarket", [])
    assert "The login works" not in client.post(url, follow_redirects=True).text
