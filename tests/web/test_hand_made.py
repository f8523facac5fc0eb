"""Requests that no page of ours makes: numbers, characters and addresses made by hand."""

import json

import pytest
import sqlalchemy as sa

from tests.push_world import World
from wholecell.db import db, transaction
from wholecell.models import Integration, User

BIG = str(10**30)


@pytest.mark.parametrize(
    "url",
    [
        f"/activity/?after={BIG}",
        f"/catalog/?after={BIG}",
        f"/inventory/?before={BIG}",
        f"/listings/?integration={BIG}",
        f"/uploads/?before={BIG}",
        f"/listings/{BIG}",
        "/inventory/?q=%00",
        "/catalog/?q=%00",
    ],
)
def test_what_no_column_holds_is_no_fault_of_ours(client_as, url):
    assert client_as("manager").get(url).status_code in {200, 400, 404}


def test_a_broken_statement_rolls_back_and_the_next_request_works(client_as):
    client = client_as("manager")
    client.get(f"/activity/?after={BIG}")
    assert client.get("/activity/").status_code == 200


@pytest.mark.parametrize("variation", ["²", BIG, "x"])
def test_a_variation_that_is_no_number_of_ours(client_as, variation):
    world = World()
    answer = client_as("manager").post(f"/listings/{world.listing().id}/connection", data={"variations": variation})
    assert answer.status_code in {303, 400, 422}


@pytest.mark.parametrize("there", ["/\t/other.example", "//other.example", "/\\other.example", "https://other.example"])
def test_a_theme_never_leads_elsewhere(client_as, there):
    answer = client_as("viewer").post("/account/theme", data={"theme": "dark", "next": there})
    assert answer.headers["Location"] == "/account/"


def test_a_theme_there_is_not(client_as):
    client = client_as("viewer")
    assert client.post("/account/theme", data={"theme": "pink", "next": "/listings/"}).status_code == 303
    assert db.session.scalar(sa.select(User.theme)) == "system"


def test_a_stored_login_that_cannot_be_read_is_said_when_tried(client_as):
    world = World()
    with transaction() as session:
        session.execute(sa.update(Integration).values(secrets="of another key"))
    answer = client_as("admin").post(f"/integrations/{world.integration.id}/login/test", follow_redirects=True)
    assert "encrypted with another key" in answer.text


def test_the_text_of_a_database_error_holds_no_values(app):
    with pytest.raises(sa.exc.DBAPIError) as failed:
        db.session.execute(sa.text("INSERT INTO nowhere VALUES (:token)"), {"token": "secret-token"})
    db.session.rollback()
    assert "secret-token" not in json.dumps(str(failed.value))
