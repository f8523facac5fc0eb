"""The check against the marketplaces' documents: it passes what fits and complains about what does not."""

import json
from urllib.parse import quote

import pytest
import requests
from werkzeug.test import Client
from werkzeug.wrappers import Response

from tests.oas import needs_spec, specs_folder, validating, validator_for
from tests.sandbox.amazon_api import LOGIN, MARKETPLACE, ODD_SKU, SELLER, amazon_row
from tests.sandbox.conftest import SPEC, make_row
from wholecell.sandbox import Sandbox, Shop, create_sandbox

pytestmark = needs_spec(SPEC)
HEADERS = {
    "Authorization": "Basic sandbox-backmarket-token",
    "Accept-Language": "en-us",
    "User-Agent": "BM-Acme-Stock;it@acme.example",
}
# Reported by sellers and in no schema: the form of date with a blank.
DEPARTS = {"orders_page_1_with_next", "orders_to_accept"}


def checked(app):
    middleware = validating(app, specs_folder() / SPEC, "/backmarket")
    return middleware, Client(middleware)


def answering(body, status=200, headers=None):
    return Response(json.dumps(body), status, headers, mimetype="application/json")


def test_a_fitting_call_over_a_socket_causes_no_complaint():
    shop = Shop()
    (listing,) = shop.seed_backmarket([make_row()])
    made = []

    def wrap(app):
        made.append(validating(app, specs_folder() / SPEC, "/backmarket"))
        return made[0]

    with Sandbox(shop, wrap=wrap) as sandbox:
        url = f"{sandbox.base_url('backmarket')}/ws/listings/{listing.id}"
        answer = requests.post(url, json={"quantity": 2}, headers=HEADERS, timeout=5)
        assert answer.json()["quantity"] == 2
        requests.post(f"{sandbox.url}/_sandbox/reset", json={}, timeout=5)
    assert made[0].complaints == []


@pytest.mark.parametrize(
    ("method", "path", "body", "answer", "part"),
    [
        ("POST", "/ws/listings/{id}", {"quantity": [1]}, {"count": 0}, "request"),
        ("GET", "/ws/listings", None, {"count": "none"}, "response 200"),
        (
            "GET",
            "/ws/listings?page-size=80",
            None,
            {"count": 0, "next": None, "previous": None, "results": []},
            "request",
        ),
        ("GET", "/ws/nothing", None, {}, "PathNotFound"),
    ],
)
def test_a_departing_call_causes_a_complaint(method, path, body, answer, part):
    middleware, client = checked(answering(answer))
    path = path.replace("{id}", "7a97a1b6-547e-4718-bc72-5b84aca91b09")
    client.open(f"/backmarket{path}", method=method, json=body, headers=HEADERS)
    assert any(part in complaint for complaint in middleware.complaints)


@pytest.mark.parametrize("header", ["X-Sandbox-Fault", "cf-ray"])
def test_answers_that_are_not_the_marketplaces_own_are_passed_over(header):
    middleware, client = checked(answering("nonsense", 500, {header: "x"}))
    assert client.get("/backmarket/ws/listings", headers=HEADERS).status_code == 500
    assert middleware.complaints == []


def test_calls_beside_the_prefix_are_passed_on():
    middleware, client = checked(answering("anything"))
    assert client.get("/_sandbox/state").status_code == 200
    assert middleware.complaints == []


def recorded(example):
    """An example as requests would have seen it."""
    asked, answered = example["request"], example["response"]
    body = json.dumps(asked["body"]) if "body" in asked else None
    url = f"https://www.backmarket.com{asked['path']}"
    request = requests.Request(asked["method"], url, params=asked.get("query"), headers=asked["headers"], data=body)
    response = requests.Response()
    response.request, response.status_code = request.prepare(), answered["status"]
    response.headers.update(answered["headers"])
    response._content = json.dumps(answered["body"]).encode()
    return response


def test_the_documented_examples_fit():
    """With the slips of the document mended, all examples pass but those that use what sellers report."""
    validator = validator_for(specs_folder() / SPEC, "https://www.backmarket.com")
    departing = set()
    for path in sorted((specs_folder() / "backmarket" / "examples").glob("*.json")):
        example = json.loads(path.read_text(encoding="utf-8"))
        if validator.complaints(recorded(example)):
            departing.add(example["case"])
    assert departing == DEPARTS


@needs_spec("amazon/openapi3")
def test_a_folder_of_documents_with_the_same_names_is_read_as_one():
    shop = Shop()
    shop.seed("amazon", [amazon_row(ODD_SKU)])
    middleware = validating(create_sandbox(shop), specs_folder() / "amazon/openapi3", "/amazon")
    client = Client(middleware)
    token = client.post("/amazon/auth/o2/token", data=LOGIN).json["access_token"]  # in none of them
    path = f"/amazon/listings/2021-08-01/items/{SELLER}/{quote(ODD_SKU, safe='')}"
    for where in (path, "/amazon/orders/2026-01-01/orders/114-0000000-0000000"):
        client.get(f"{where}?marketplaceIds={MARKETPLACE}", headers={"x-amz-access-token": token})
    assert middleware.complaints == []
    client.get("/amazon/orders/2026-01-01/buyers", headers={"x-amz-access-token": token})
    assert len(middleware.complaints) == 1
