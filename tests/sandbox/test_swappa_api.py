"""The pretend Swappa, spoken to as any program would; each call is held against the proposal."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.swappa_proposal import checked_sandbox
from wholecell.sandbox import RefusedError

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
APP = {"client_id": "sandbox-swappa-client", "client_secret": "sandbox-swappa-secret"}
BACK = "https://shop.example/back"
IMEI = "352099001761481"


class Api:
    """Calls it with the fixed token unless another is named."""

    def __init__(self, sandbox):
        self.base, self.shop = sandbox.base_url("swappa"), sandbox.shop
        self.session = requests.Session()
        self.token = "sandbox-swappa-token"

    def __call__(self, method, path, **options):
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.session.request(method, self.base + path, headers=headers, allow_redirects=False, **options)

    def get(self, path, **params):
        return self("GET", path, params=params)

    def put(self, code, **body):
        return self("PATCH", f"/listings/{code}", json=body)

    def ship(self, order, **fields):
        listing = order.lines[0].listing.id
        items = [{"listing_id": listing, "imeis": fields.pop("imeis", [IMEI])}]
        told = {"carrier": "UPS", "tracking_number": "1Z1", "shipped_at": "2026-03-02T00:00:00Z", "items": items}
        return self("POST", f"/orders/{order.id}/shipments", json=told | fields)

    def signed_in(self, answer="Authorize", **fields):
        """Where the browser is sent back to, with the query's values."""
        asked = {"response_type": "code", "client_id": APP["client_id"], "redirect_uri": BACK, "state": "s 1"}
        page = self("GET", "/oauth/authorize", params=asked | fields)
        if page.status_code != 200:
            return page
        done = self("POST", "/oauth/authorize", data=asked | fields | {"answer": answer})
        return {name: values[0] for name, values in parse_qs(urlsplit(done.headers["Location"]).query).items()}

    def trade(self, **grant):
        return self("POST", "/oauth/token", data=APP | grant)


@pytest.fixture(scope="module")
def running():
    """One sandbox for all tests here, emptied before each."""
    with checked_sandbox() as running:
        yield running


@pytest.fixture
def api(running):
    sandbox, checker = running
    sandbox.shop.reset(empty=True)
    sandbox.shop.clock.set(START)
    row = {"title": "iPhone 13", "price": "289.00", "currency": "USD", "quantity": 5}
    sandbox.shop.seed("swappa", [row | {"sku": sku} for sku in ("A", "B", "C")])
    made = Api(sandbox)
    yield made
    complaints, checker.complaints = checker.complaints, []
    assert complaints == []


def code(api, sku="A"):
    return api.shop.account("swappa").find(sku=sku).id


def test_the_checker_complains_of_what_is_not_proposed(running):
    sandbox, checker = running
    sandbox.shop.reset(empty=True)
    Api(sandbox).get("/listings", limit=1000)
    Api(sandbox).get("/nothing")
    assert checker.complaints, "a path that nobody proposed"
    checker.complaints = []


def test_pages_by_cursor(api):
    first = api.get("/listings", limit=2).json()
    second = api.get("/listings", limit=2, cursor=first["next_cursor"]).json()
    assert [row["sku"] for row in first["listings"] + second["listings"]] == ["C", "B", "A"]
    assert second["next_cursor"] is None
    for wrong in ({"cursor": "x"}, {"limit": 0}, {"limit": 101}, {"limit": "y"}):
        assert api.get("/listings", **wrong).status_code == 400


def test_a_quantity_is_absolute_and_its_answer_the_listing(api):
    answer = api.put(code(api), quantity=3).json()
    assert (answer["id"], answer["quantity"]) == (code(api), 3)
    assert api.put(code(api), quantity=0).json()["status"] == "inactive"
    assert api.put(code(api), quantity=2).json()["status"] == "active"
    for wrong in (-1, "3", True, None, 1.5):
        assert api.put(code(api), quantity=wrong).json()["field"] == "quantity"
    assert api.put("L0", quantity=1).status_code == 404


def test_a_removed_listing_is_shown_and_cannot_be_changed(api):
    api.shop.change("swappa", code(api), status="removed")
    assert "removed" in [row["status"] for row in api.get("/listings").json()["listings"]]
    assert api.put(code(api), quantity=1).status_code == 404


def test_less_than_unpaid_orders_need_is_refused_with_the_number_kept(api):
    order = api.shop.sell("swappa", sku="A", quantity=2, state="pending")
    refused = api.put(code(api), quantity=1)
    assert (refused.status_code, refused.json()["quantity"]) == (409, 3)
    assert api.put(code(api), quantity=2).status_code == 200
    api.shop.pay("swappa", order.id)
    assert api.put(code(api), quantity=0).status_code == 200


def test_orders_are_read_since_their_last_change(api):
    first, second = (api.shop.sell("swappa", sku="A") for _ in range(2))
    api.shop.clock.advance(60)
    api.shop.happen("swappa", first.id, "word", word="on review")
    since = "2026-03-01T09:00:30Z"
    assert [row["status"] for row in api.get("/orders", updated_since=since).json()["orders"]] == ["on review"]
    assert [row["id"] for row in api.get("/orders").json()["orders"]] == [str(second.id), str(first.id)]
    assert api.get("/orders", updated_since="yesterday").status_code == 400


def test_a_repeated_shipment_changes_nothing(api):
    order = api.shop.sell("swappa", sku="A")
    assert api.ship(order).status_code == 201
    again = api.ship(order, carrier="FedEx", imeis=[])
    assert (again.status_code, again.json()["carrier"]) == (200, "UPS")
    assert (order.status, len(order.shipments)) == ("shipped", 1)
    assert api.ship(order, tracking_number="1Z2", imeis=[]).status_code == 201


def test_wrong_shipments_are_refused(api):
    order, unpaid = (api.shop.sell("swappa", sku="A", state=state) for state in ("paid", "pending"))
    assert api.ship(unpaid).status_code == 400
    for fields in ({"carrier": ""}, {"tracking_number": None}, {"shipped_at": "x"}, {"items": []}, {"items": [1]}):
        assert api.ship(order, **fields).status_code == 400
    for imeis in (["352099001761482"], ["1"], [IMEI, IMEI], None):
        assert "imeis" in api.ship(order, imeis=imeis).json()["field"]
    api.shop.account("swappa").settings["imeis"] = 1
    assert api.ship(order, imeis=[]).status_code == 400
    assert order.shipments == {}
    assert api("POST", "/orders/1/shipments", json={}).status_code == 404


def test_signing_in_gives_tokens_that_open_the_api(api):
    came = api.signed_in()
    assert came["state"] == "s 1"
    grant = {"grant_type": "authorization_code", "code": came["code"], "redirect_uri": BACK}
    given = api.trade(**grant).json()
    assert api.trade(**grant).json()["error"] == "invalid_grant", "a code is good once"
    api.token = given["access_token"]
    assert api.get("/listings").status_code == 200
    api.token = given["refresh_token"]
    assert api.get("/listings").status_code == 401, "it only renews"
    api.token = given["access_token"]
    api.shop.clock.advance(3601)
    assert api.get("/listings").status_code == 401
    api.token = api.trade(grant_type="refresh_token", refresh_token=given["refresh_token"]).json()["access_token"]
    assert api.get("/listings").status_code == 200
    api.shop.set_tokens("swappa", [])
    assert api.get("/listings").status_code == 401
    assert api.trade(grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code == 400


def test_sign_ins_that_are_not_right(api):
    assert api.signed_in("Deny") == {"state": "s 1", "error": "access_denied"}
    wrong = {"client_id": "x", "redirect_uri": "javascript:x", "response_type": "token", "state": ""}
    assert [api.signed_in(**{name: value}).status_code for name, value in wrong.items()] == [400] * 4
    grant = {"grant_type": "authorization_code", "code": api.signed_in()["code"]}
    assert api.trade(**grant, redirect_uri="https://other.example").status_code == 400
    grant["code"] = api.signed_in()["code"]
    assert api.trade(**grant, redirect_uri=BACK, client_secret="x").status_code == 401
    api.shop.clock.advance(61)
    assert api.trade(**grant, redirect_uri=BACK).status_code == 400
    assert api.trade(grant_type="password").status_code == 400


def test_a_renewed_refresh_token_ends_the_old_one(api):
    api.shop.account("swappa").settings["renews"] = 1
    given = api.trade(grant_type="authorization_code", code=api.signed_in()["code"], redirect_uri=BACK).json()
    renewed = api.trade(grant_type="refresh_token", refresh_token=given["refresh_token"]).json()
    assert renewed["refresh_token"] != given["refresh_token"]
    assert api.trade(grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code == 400
    api.token = given["access_token"]
    assert api.get("/listings").status_code == 200


def test_too_many_calls_are_told_to_wait(api):
    api.shop.account("swappa").limits["requests"].most = 1
    api.get("/listings")
    refused = api.get("/listings")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    api.shop.account("swappa").settings["retry_after"] = 0
    assert "Retry-After" not in api.get("/listings").headers


def test_the_shop_sells_cancels_and_follows_stock(api):
    listing = api.shop.account("swappa").find(sku="A")
    order = api.shop.sell("swappa", sku="A", quantity=5)
    assert listing.status == "sold"
    with pytest.raises(RefusedError):
        api.shop.sell("swappa", sku="A")
    api.put(listing.id, quantity=1)
    assert listing.status == "active"
    api.shop.cancel_line("swappa", order.id)
    assert order.status == "cancelled"
    with pytest.raises(RefusedError):
        order.move_to(city="Oslo")
    api.shop.faults.add("deactivated")
    assert api.put(listing.id, quantity=0).json()["status"] == "inactive"
    assert api.put(listing.id, quantity=4).json()["status"] == "inactive"
