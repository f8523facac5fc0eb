"""Passkeys as far as no browser is needed; tests/browser has the rest."""

import json

from tests.web.pages import Page, check_page


def options(page):
    form = next(attributes for tag, attributes in page.elements if "data-options" in attributes)
    return form, json.loads(form["data-options"])


def test_adding_one_asks_any_device_for_a_key_that_names_its_person(client_as):
    kim = client_as("viewer", email="kim@example.com")
    answer = kim.post("/account/passkeys", data={"name": "Laptop", "usage": "secondary"})
    form, asked = options(check_page(kim, answer))
    assert form["data-passkey"] == "create"
    assert asked["rp"] == {"name": "WholeCell", "id": "localhost"}
    assert asked["user"]["name"] == "kim@example.com"
    selection = asked["authenticatorSelection"]
    assert selection["residentKey"] == "required"
    assert selection["userVerification"] == "required"
    assert "authenticatorAttachment" not in selection


def test_a_passkey_needs_a_name(client_as):
    answer = client_as("viewer").post("/account/passkeys", data={"name": ""})
    assert answer.status_code == 422
    assert "Name it after where it is kept" in answer.text


def test_signing_in_names_nobody(client):
    answer = client.submit("/sign-in/passkey", {"identity": "kim@example.com"})
    form, asked = options(check_page(client, answer))
    assert form["data-passkey"] == "get"
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"


def test_an_answer_that_is_none_is_refused(client):
    answer = client.submit("/sign-in/passkey", {})
    form, _ = options(Page(answer.text))
    token = client.page_token("/sign-in")
    refused = client.post(form["action"], data={"credential": "{}", "csrf_token": token})
    assert refused.location.startswith("/sign-in/passkey")
    assert client.get("/account/").status_code == 303
