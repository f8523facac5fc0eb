"""Who may call, how often, and how Walmart says no."""

from datetime import datetime
from importlib import import_module

import pytest
import requests

from tests.oas import needs_spec, specs_folder, validating
from tests.sandbox.conftest import START
from tests.sandbox.walmart_api import CLIENT, EMPTY, SECRET, A, Walmart, make_item, refusal
from wholecell.sandbox import Sandbox

NEEDED = ["WM_QOS.CORRELATION_ID", "WM_SVC.NAME"]


@needs_spec("walmart")
def test_every_call_is_checked_against_the_documents(walmart):
    """The other tests run without them too; with them, `walmart` fails those whose calls depart from them."""
    walmart("PUT", f"/v3/inventory?sku={A}", json={"sku": A, "quantity": {"unit": "EACH", "amount": 3}})
    assert walmart.complaints == []
    walmart("GET", f"/v3/items/{A}")  # the document requires productIdType
    assert len(walmart.complaints) == 1
    walmart.complaints.clear()


@needs_spec("walmart")
def test_calls_through_wsgi_can_be_checked_too(shop):
    checkers = []

    def checked(app):
        checkers.append(validating(app, specs_folder() / "walmart", "/walmart"))
        return checkers[0]

    shop.seed("walmart", [make_item(), make_item(EMPTY)])
    with Sandbox(shop, wrap=checked) as sandbox:
        api = Walmart(sandbox, shop)
        assert api.put_quantity(EMPTY, 4).status_code == api.get("/v3/inventory", sku=EMPTY).status_code == 200
        feed = api.feed([{"sku": A, "quantity": {"unit": "EACH", "amount": 1}}]).json()["feedId"]
        assert api.feed_status(feed, includeDetails="true").status_code == 200
        assert checkers[0].complaints == []
        api("GET", f"/v3/items/{A}")
        assert "productIdType" in "".join(checkers[0].complaints)


def test_a_person_is_told_the_login(shop):
    assert shop.account("walmart").login == f"client id {CLIENT}, client secret {SECRET}"


def test_a_login_gives_a_token_for_fifteen_minutes(walmart, shop):
    answer = walmart.log_in().json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 900)
    assert set(answer) == {"access_token", "token_type", "expires_in"}
    assert walmart.get("/v3/items", limit=1).status_code == 200
    shop.clock.advance(899)
    assert walmart.get("/v3/items", limit=1).status_code == 200
    shop.clock.advance(1)
    refused = walmart.get("/v3/items", limit=1)
    assert refused.status_code == 401 and refusal(refused) == "UNAUTHORIZED.GMP_GATEWAY_API"


@pytest.mark.parametrize("login", [(CLIENT, "wrong"), ("", ""), (SECRET, CLIENT)])
def test_a_wrong_login_is_401(walmart, login):
    answer = walmart.log_in(login)
    assert answer.status_code == 401 and refusal(answer) == "UNAUTHORIZED.GMP_GATEWAY_API"


@pytest.mark.parametrize("value", ["Bearer x", "Basic ???", "Basic", ""])
def test_the_login_is_basic_authorization(walmart, value):
    sent = walmart.headers(Authorization=value)
    form = {"grant_type": "client_credentials"}
    assert requests.post(f"{walmart.base}/v3/token", form, headers=sent, timeout=5).status_code == 401


def test_the_token_call_wants_a_form_and_its_grant(walmart):
    assert walmart.log_in(grant_type="refresh_token").status_code == 400
    assert walmart.log_in(headers={"Content-Type": "application/json"}).status_code == 400


@pytest.mark.parametrize("name", NEEDED)
def test_required_headers(walmart, name):
    assert walmart.log_in(headers={name: None}).status_code == 400
    answer = walmart("GET", "/v3/items", headers={name: None})
    assert answer.status_code == 400 and answer.json()["errors"]["error"][0]["field"] == name


@pytest.mark.parametrize("headers", [{"WM_SEC.ACCESS_TOKEN": None}, {"WM_SEC.ACCESS_TOKEN": "unknown"}])
def test_every_other_call_needs_the_token_in_its_own_header(walmart, headers):
    walmart.get("/v3/items")
    answer = walmart("GET", "/v3/items", headers=headers | {"Authorization": f"Bearer {walmart.token}"})
    assert answer.status_code == 401


def test_revoking_the_login_ends_the_tokens_too(walmart, shop):
    walmart.get("/v3/items")
    shop.set_tokens("walmart", [])
    assert [walmart.get("/v3/items").status_code, walmart.log_in().status_code] == [401, 401]
    walmart.control("token", channel="walmart", tokens=["new-client:new-secret"])
    assert walmart.log_in().status_code == 401
    walmart.token = walmart.log_in(("new-client", "new-secret")).json()["access_token"]
    assert walmart.get("/v3/items").status_code == 200


def test_the_same_login_given_again_ends_the_tokens_alone(walmart, shop):
    walmart.get("/v3/items")
    shop.set_tokens("walmart", [f"{CLIENT}:{SECRET}"])
    assert [walmart.get("/v3/items").status_code, walmart.log_in().status_code] == [401, 200]


def test_token_detail_tells_the_scopes(walmart, shop):
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = walmart("GET", "/v3/token/detail", headers=form).json()
    assert (answer["is_valid"], answer["is_channel_match"]) == (True, True)
    assert int(answer["expire_at"]) == int(START.timestamp() + 900) * 1000 == int(answer["issued_at"]) + 900_000
    assert set(answer["scopes"].values()) == {"full_access"}
    walmart.set(scopes={"orders": "no_access", "inventory": "view_only"})
    scopes = walmart("GET", "/v3/token/detail", headers=form).json()["scopes"]
    assert (scopes["orders"], scopes["inventory"], scopes["item"]) == ("no_access", "view_only", "full_access")
    assert walmart("GET", "/v3/token/detail").status_code == 400  # without Content-Type


def test_what_the_scopes_do_not_allow_is_403(walmart):
    walmart.set(scopes={"orders": "no_access", "inventory": "view_only"})
    assert walmart.get("/v3/orders").status_code == 403
    assert walmart.get("/v3/inventory", sku=A).status_code == 200
    assert walmart.put_quantity(A, 1).status_code == 403
    assert walmart.get("/v3/inventory", sku=A).json()["quantity"]["amount"] == 5


def test_the_correlation_id_comes_back(walmart):
    good, bad = (walmart.get(path) for path in ("/v3/items", "/v3/nowhere"))
    assert (good.headers["WM_QOS.CORRELATION_ID"], bad.headers["WM_QOS.CORRELATION_ID"]) == ("call-2", "call-3")
    assert bad.status_code == 404
    walmart.complaints.clear()


def test_too_many_calls_are_429_until_tokens_return(walmart, shop):
    walmart.control("limits", channel="walmart", update_inventory=2)
    answers = [walmart.put_quantity(A, number) for number in (4, 3, 2)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refusal(answers[2]) == "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API"
    assert [answer.headers["x-current-token-count"] for answer in answers] == ["1", "0", "0"]
    assert "Retry-After" not in answers[2].headers
    assert walmart.get("/v3/inventory", sku=A).json()["quantity"]["amount"] == 3  # another limit
    walmart.set(retry_after=1)
    shop.clock.advance(20)
    assert walmart.put_quantity(A, 2).headers["Retry-After"] == "40"
    shop.clock.advance(40)
    assert walmart.put_quantity(A, 2).status_code == 200


def test_items_have_a_smaller_limit_with_parameters(walmart):
    walmart.control("limits", channel="walmart", items_with_parameters=1)
    assert [walmart.get("/v3/items", limit=1).status_code for _ in range(2)] == [200, 429]
    assert walmart.get("/v3/items").status_code == 200


def test_the_published_limits(shop):
    limits = {name: limit.most for name, limit in shop.account("walmart").limits.items()}
    assert (limits["orders"], limits["ship"], limits["acknowledge"], limits["cancel"]) == (5000, 60, 60, 60)
    assert (limits["items"], limits["items_with_parameters"], limits["item"]) == (300, 60, 900)
    assert (limits["inventory"], limits["update_inventory"], limits["inventories"]) == (200, 200, 200)
    assert (limits["inventory_feeds"], limits["mp_inventory_feeds"], limits["feeds"]) == (10, 50, 5000)
    assert shop.account("walmart").limits["inventory_feeds"].seconds == 3600


def test_every_setting_is_explained(shop):
    text = import_module("wholecell.sandbox.walmart").__doc__
    assert {name for name in shop.account("walmart").settings if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("form", ["seconds", "epoch", "milliseconds", "iso"])
def test_the_forms_of_the_replenishment_time(walmart, form):
    walmart.set(replenishment=form)
    text = walmart.get("/v3/orders").headers["x-next-replenishment-time"]
    due = START.timestamp() + 60
    if form == "iso":
        assert datetime.fromisoformat(text).timestamp() == due
    else:
        assert int(text) == {"seconds": 60, "epoch": due, "milliseconds": due * 1000}[form]


@pytest.mark.parametrize("form", ["wrapped", "list", "message", "gateway", "xml", "empty"])
def test_the_shapes_of_errors(walmart, form):
    walmart.set(errors=form)
    answer = walmart.get("/v3/inventory", sku="NOBODY")
    code = "CONTENT_NOT_FOUND.GMP_INVENTORY_API"
    assert answer.status_code == 404
    if form == "empty":
        assert answer.content == b""
    elif form == "xml":
        assert f"<ns2:code>{code}</ns2:code>" in answer.text and "xml" in answer.headers["Content-Type"]
    else:
        body = answer.json()
        errors = {"wrapped": lambda: body["errors"]["error"], "gateway": lambda: body["error"]}
        (error,) = errors.get(form, lambda: body["errors"])()
        assert error["code"] == code and error["severity"] == "INFO"
        assert error["message" if form == "message" else "description"]


def test_a_refusal_may_hide_in_an_answer_of_200(walmart):
    walmart.set(refusals="200", errors="list")
    answer = walmart.get("/v3/orders")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["code"] == "CONTENT_NOT_FOUND.GMP_ORDER_API"
    assert walmart("GET", "/v3/orders", headers={"WM_SEC.ACCESS_TOKEN": "unknown"}).status_code == 401


def test_a_fault_answers_in_walmarts_words(walmart, shop):
    shop.faults.add("status", status=429, path="/walmart/v3/items")
    shop.faults.add("status", status=500, path="/walmart/v3/items")
    first, second = walmart.get("/v3/items"), walmart.get("/v3/items")
    assert (first.status_code, refusal(first)) == (429, "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API")
    assert (second.status_code, refusal(second)) == (500, "SYSTEM_ERROR.GMP_GATEWAY_API")
