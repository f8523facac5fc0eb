"""Who may call, and how often."""

import pytest

from tests.oas import needs_spec
from tests.sandbox.conftest import SPEC


@needs_spec(SPEC)
def test_every_call_is_checked_against_the_document(api):
    """The other tests run without the document too; with it, `api` fails those whose calls depart from it."""
    api("GET", "/ws/listings?page-size=80")
    (complaint,) = api.complaints
    assert "80" in complaint
    api.complaints.clear()


@pytest.mark.parametrize("value", [None, "Bearer sandbox-backmarket-token", "Basic wrong", "sandbox-backmarket-token"])
def test_only_the_token_as_it_is_opens(api, value):
    answer = api("GET", "/ws/listings", headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.json()["error"] == {"code": "unauthorized", "message": "Invalid token"}
    api.complaints.clear()  # the request itself departs from the document


def test_a_base64_pair_is_no_token(api):
    answer = api("GET", "/ws/listings", headers={"Authorization": None}, auth=("sandbox-backmarket-token", ""))
    assert answer.status_code == 401


def test_tokens_can_be_revoked_and_made_anew(api, shop):
    shop.set_tokens("backmarket", [])
    assert api.get("/ws/orders").status_code == 401
    assert api.control("token", channel="backmarket", tokens=["fresh"]).status_code == 200
    assert api("GET", "/ws/listings", headers={"Authorization": "Basic fresh"}).status_code == 200


def test_a_user_without_merchant_account_is_403(api):
    api.control("settings", channel="backmarket", merchant=0)
    answer = api.get("/ws/listings")
    assert answer.status_code == 403 and answer.json()["error"]["code"] == "forbidden"


@pytest.mark.parametrize(
    "agent", ["python-requests/2.34", "BM-Acme;it@acme.example", "BM-Acme-Stock", "Acme-Stock;a@b.c"]
)
def test_an_unfitting_user_agent_is_challenged(api, agent):
    answer = api("GET", "/ws/listings", headers={"User-Agent": agent})
    assert answer.status_code == 403 and answer.headers["cf-ray"]
    assert answer.json()["errors"][0]["code"] == "bot-need-challenge"


@pytest.mark.parametrize("agent", ["BM-Ebay-Invoices;contact@ebay.com", "BM-bouygues-automations;contact@bouygues.fr"])
def test_the_documented_user_agents_pass(api, agent):
    assert api("GET", "/ws/listings", headers={"User-Agent": agent}).status_code == 200


@pytest.mark.parametrize("market", [None, "fr-fr", "en-US", "*"])
def test_the_market_must_be_one_of_the_platform(api, market):
    answer = api("GET", "/ws/listings/detail?sku=S21-A", headers={"Accept-Language": market})
    assert answer.status_code == 400


def test_more_than_200_calls_in_ten_seconds_are_blocked_for_ten(api, shop):
    limit = shop.account("backmarket").limits["requests"]
    assert (limit.most, limit.seconds, limit.block) == (200, 10, 10)
    for _ in range(200):
        assert limit.spend(shop.clock())
    answer = api.get("/ws/listings")
    assert answer.status_code == 429 and "html" in answer.headers["Content-Type"] and answer.headers["cf-ray"]
    shop.clock.advance(9)
    assert api.get("/ws/listings").status_code == 429
    shop.clock.advance(11)
    assert api.get("/ws/listings").status_code == 200


def test_2000_listing_updates_an_hour_and_no_more(api, shop, listing):
    assert shop.account("backmarket").limits["updates"].most == 2_000
    assert api.control("limits", channel="backmarket", updates=2).json()["updates"] == 2
    path = f"/ws/listings/{listing.id}"
    assert [api.post(path, {"quantity": n}).status_code for n in (9, 8, 7)] == [200, 200, 429]
    assert listing.quantity == 8 and api.get(path).status_code == 200  # reading is not limited by it
    shop.clock.advance(3_600)
    assert api.post(path, {"quantity": 7}).status_code == 200


def test_a_limit_can_be_switched_off(api, listing):
    api.control("limits", channel="backmarket", updates=None)
    path = f"/ws/listings/{listing.id}"
    assert {api.post(path, {"quantity": n}).status_code for n in range(5)} == {200}
