"""Logging in with Amazon, who may call, and how often."""

import pytest
import requests

from tests.oas import needs_spec
from tests.sandbox.amazon_api import MARKETPLACE, SELLER, SPECS, refused

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"


@needs_spec(SPECS)
def test_every_call_is_checked_against_the_documents(amazon, amazon_shop):
    """The other tests run without the documents too; with them, `amazon` fails those whose calls depart from them."""
    amazon_shop.account("amazon").find(sku="IP13-A").condition = "as_new"
    assert amazon.listing("IP13-A").status_code == 200
    (complaint,) = amazon.complaints
    assert "as_new" in complaint
    amazon.complaints.clear()


def test_the_login_answers_a_token_for_an_hour(amazon, amazon_shop):
    body = amazon.log_in().json()
    assert (body["token_type"], body["expires_in"], body["refresh_token"]) == ("bearer", 3600, "sandbox-amazon-refresh")
    assert body["access_token"] != amazon.token  # both are good
    amazon_shop.clock.advance(3_599)
    assert amazon.get(PARTICIPATIONS).status_code == 200
    amazon_shop.clock.advance(1)
    answer = amazon.get(PARTICIPATIONS)
    assert refused(answer, 403, "Unauthorized")
    assert answer.json()["errors"][0]["details"] == "The access token you provided has expired."


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_id": "someone"}, 401, "invalid_client"),
        ({"client_secret": "old"}, 401, "invalid_client"),
        ({"refresh_token": "Atzr|other"}, 400, "invalid_grant"),
        ({"refresh_token": None}, 400, "invalid_request"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_login_is_refused_in_the_words_of_its_standard(amazon, fields, status, error):
    answer = amazon.log_in(**fields)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"] and answer.headers["x-amzn-RequestId"]


def test_the_login_wants_a_form(amazon):
    answer = requests.post(f"{amazon.base}/auth/o2/token", json={"grant_type": "refresh_token"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_the_login_can_be_in_trouble(amazon):
    amazon.settings(login_error="temporarily_unavailable")
    answer = amazon.log_in()
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    amazon.settings(login_error="")
    assert amazon.log_in().status_code == 200


def test_a_rotated_secret_ends_logins_and_no_token(amazon):
    amazon.settings(client_secret="rotated")
    assert amazon.log_in().json()["error"] == "invalid_client"
    assert amazon.log_in(client_secret="rotated").status_code == 200
    assert amazon.get(PARTICIPATIONS).status_code == 200


def test_a_revoked_login_takes_its_tokens_along(amazon, amazon_shop):
    amazon_shop.set_tokens("amazon", [])
    answer = amazon.get(PARTICIPATIONS)
    assert refused(answer, 403, "Unauthorized") and "revoked" in answer.json()["errors"][0]["details"]
    assert amazon.log_in().json()["error"] == "invalid_grant"
    amazon.control("token", tokens=["fresh"])
    assert amazon.get(PARTICIPATIONS).status_code == 403
    amazon.token = amazon.log_in(refresh_token="fresh").json()["access_token"]
    assert amazon.get(PARTICIPATIONS).status_code == 200


@pytest.mark.parametrize("token", [None, "", "Atza|made-up", "sandbox-amazon-refresh"])
def test_only_an_access_token_opens(amazon, token):
    assert refused(amazon("GET", PARTICIPATIONS, headers={"x-amz-access-token": token}), 403, "Unauthorized")


def test_where_the_seller_sells(amazon):
    (entry,) = amazon.get(PARTICIPATIONS).json()["payload"]
    assert (entry["marketplace"]["id"], entry["participation"]["isParticipating"]) == (MARKETPLACE, True)
    amazon.settings(participating=False, suspended=True)
    (entry,) = amazon.get(PARTICIPATIONS).json()["payload"]
    assert entry["participation"] == {"isParticipating": False, "hasSuspendedListings": True}


def test_a_missing_role_closes_one_api(amazon):
    amazon.settings(denied="listings,feeds")
    assert refused(amazon.search(), 403, "Unauthorized")
    assert amazon.get(PARTICIPATIONS).status_code == 200


def test_another_seller_and_another_marketplace_are_refused(amazon):
    path = "/listings/2021-08-01/items/A2SOMEONE"
    assert refused(amazon.get(path, marketplaceIds=MARKETPLACE), 403, "Unauthorized")
    amazon.settings(wrong_seller=400)
    assert refused(amazon.get(path, marketplaceIds=MARKETPLACE))
    assert refused(amazon.search(marketplaceIds="A1F83G8C2ARO7P"))
    assert refused(amazon.get(f"/listings/2021-08-01/items/{SELLER}"))  # marketplaceIds is required


def test_every_setting_is_explained(amazon_shop):
    from wholecell.sandbox import amazon as package

    named = package.__doc__
    assert [name for name in amazon_shop.account("amazon").settings if f"`{name}`" not in named] == []


def test_an_unknown_place_is_404(amazon):
    assert refused(amazon.get("/orders/2026-01-01/buyers"), 404, "NotFound")
    amazon.complaints.clear()  # no document knows it


def test_a_bucket_empties_and_fills_again(amazon, amazon_shop):
    first = amazon.orders(createdAfter="2026-03-01T00:00:00Z")
    assert first.headers["x-amzn-RateLimit-Limit"] == "0.0056"
    codes = [amazon.orders(createdAfter="2026-03-01T00:00:00Z").status_code for _ in range(20)]
    assert codes == [200] * 19 + [429]
    answer = amazon.orders(createdAfter="2026-03-01T00:00:00Z")
    assert refused(answer, 429, "QuotaExceeded") and "Retry-After" not in answer.headers
    amazon_shop.clock.advance(178)
    assert amazon.orders(createdAfter="2026-03-01T00:00:00Z").status_code == 429
    amazon_shop.clock.advance(1)
    codes = [amazon.orders(createdAfter="2026-03-01T00:00:00Z").status_code for _ in range(2)]
    assert codes == [200, 429]


def test_every_operation_has_its_own_bucket(amazon, amazon_shop):
    limits = amazon_shop.account("amazon").limits
    bursts = {name: limit.most for name, limit in limits.items()}
    assert (bursts["getListingsItem"], bursts["patchListingsItem"], bursts["confirmShipment"]) == (10, 5, 10)
    assert (limits["createFeed"].most, limits["createFeed"].seconds) == (5, 300)  # listings feeds have their own
    assert [amazon.push("IP13-A", 1).status_code for _ in range(6)] == [200] * 5 + [429]
    assert amazon.listing("IP13-A").status_code == 200


def test_a_limit_can_be_changed_and_switched_off(amazon):
    assert amazon.control("limits", patchListingsItem=1).json()["patchListingsItem"] == 1
    assert [amazon.push("IP13-A", 1).status_code for _ in range(2)] == [200, 429]
    amazon.control("limits", patchListingsItem=None)
    assert {amazon.push("IP13-A", 1).status_code for _ in range(9)} == {200}
