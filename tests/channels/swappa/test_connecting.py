"""The pages of a seller on Swappa: files alone, the API by signing in, the API by a fixed token."""

from urllib.parse import urlsplit

import pytest
import requests
import sqlalchemy as sa

from tests.web.clients import signed_in
from tests.web.pages import get_page
from wholecell.db import db
from wholecell.models import Integration, Listing, SyncRun, Work
from wholecell.sandbox import Sandbox, Shop
from wholecell.services import sync
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

CONNECT = "/integrations/connect/swappa"
APP = {"swappa-client_id": "sandbox-swappa-client", "swappa-client_secret": "sandbox-swappa-secret"}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox(Shop()) as running:
        yield running


@pytest.fixture
def reachable(sandbox, monkeypatch):
    """The pretend Swappa with one listing, its addresses set."""
    for name, url in sandbox.variables("swappa").items():
        monkeypatch.setenv(name, url)
    sandbox.shop.reset(empty=True)
    row = {"title": "iPhone 13", "price": "100.00", "currency": "USD", "quantity": 1}
    sandbox.shop.seed("swappa", [{**row, "sku": "A1"}])
    return sandbox


def the_one():
    db.session.remove()
    return db.session.scalars(sa.select(Integration)).one()


def vault(app):
    return Vault(app.extensions["wholecell"].credentials_keys)


def test_without_addresses_people_carry_files_and_no_app_is_asked_for(app):
    client = signed_in(app, "admin")
    page = get_page(client, CONNECT)
    assert "Files that you carry" in page.text
    assert "proposal" not in page.text and 'name="token"' not in page.text
    assert "Swappa" not in get_page(client, "/settings/apps").text
    assert client.post(CONNECT, data={"name": "Swappa", "mode": "rest"}).status_code == 422
    assert client.post(CONNECT, data={"name": "Swappa", "mode": "csv"}).status_code == 303
    assert the_one().is_by_hand


def test_signing_in_on_its_pages_opens_the_api(app, reachable):
    """Also where each use of a refresh token ends it: the check before it is kept uses none up."""
    reachable.shop.account("swappa").settings["renews"] = 1
    client = signed_in(app, "admin")
    assert "The API is a proposal of ours: Swappa has confirmed none of it" in get_page(client, CONNECT).text
    chosen = {"name": "Swappa", "mode": "rest", "way": "sign_in", "base_url": "https://elsewhere.example"}
    assert "Enter the keys of the app" in client.post(CONNECT, data=chosen).text
    client.post("/settings/apps/swappa", data=APP)
    page = get_page(client, client.post(CONNECT, data=chosen).location)
    (way,) = (href for href in page.links() if href.startswith(reachable.base_url("swappa")))
    done = requests.post(way, data={"answer": "Authorize"}, allow_redirects=False)
    back = urlsplit(done.headers["Location"])
    answer = client.get(f"{back.path}?{back.query}", follow_redirects=True)
    assert "Swappa is connected" in answer.text
    one = the_one()
    assert one.login == {"mode": "rest", "way": "sign_in"}
    assert set(vault(app).open(one.secrets)) == {"token", "refresh_token", "access_token", "access_token_ends"}
    sync.run_work(one.id, Kind.IMPORT_LISTINGS, vault(app))
    reachable.shop.account("swappa").access.clear()  # it ended: the next run renews it
    db.session.execute(sa.update(Work).values(not_before=None))
    db.session.commit()
    sync.run_work(one.id, Kind.IMPORT_LISTINGS, vault(app))
    assert [(run.state, run.problem) for run in db.session.scalars(sa.select(SyncRun))] == [("done", "")] * 2
    assert db.session.scalars(sa.select(Listing.sku)).all() == ["A1"]


def test_a_fixed_token_opens_it_without_an_app(app, reachable):
    client = signed_in(app, "admin")
    chosen = {"name": "Swappa", "mode": "rest", "way": "token", "token": "sandbox-swappa-wrong"}
    refused = client.post(CONNECT, data=chosen)
    assert refused.status_code == 422 and "Swappa refused the token" in refused.text
    assert client.post(CONNECT, data={**chosen, "token": "sandbox-swappa-token"}).status_code == 303
    assert "sandbox-swappa-token" not in get_page(client, f"/integrations/{the_one().id}/").text
