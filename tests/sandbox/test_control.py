"""The control API."""

import pytest
import requests

from wholecell.sandbox.discovery import discover

from .conftest import make_row

SKU = "IP13-128-BLU-A"


@pytest.fixture
def state(sandbox):
    return lambda: requests.get(f"{sandbox.url}/_sandbox/state", timeout=5).json()


def test_state_shows_listings_orders_and_calls(api, state, shop):
    shop.sell("backmarket", sku=SKU)
    api.get("/ws/orders", page=1)
    api.get("/ws/tasks/1")
    seen = state()
    row = next(row for row in seen["listings"] if row["sku"] == SKU)
    assert (row["channel"], row["quantity"], row["publication_state"]) == ("backmarket", 4, 2)
    assert row["title"] == "iPhone 13 128GB - Blue - Unlocked" and row["shown_quantity"] == 4
    assert (seen["orders"][0]["state"], seen["orders"][0]["lines"][0]["sku"]) == (1, SKU)
    assert [(call["method"], call["path"], call["query"], call["status"]) for call in seen["calls"]] == [
        ("GET", "/backmarket/ws/orders", "page=1", 200),
        ("GET", "/backmarket/ws/tasks/1", "", 404),
    ]
    assert seen["counts"] == {"GET 200": 1, "GET 404": 1}
    assert seen["calls"][0]["at"] == "2026-03-01T09:00:00+00:00"


def test_sell(api, listing):
    sold = api.control("sell", channel="backmarket", sku=SKU.lower(), quantity=2).json()
    assert (sold["state"], sold["lines"][0]["quantity"], listing.quantity) == (1, 2, 3)
    several = [{"sku": SKU, "quantity": 1}, {"sku": "IP13-128-BLU-B"}]
    assert len(api.control("sell", channel="backmarket", lines=several, state=10).json()["lines"]) == 2
    assert api.control("sell", channel="backmarket", sku="S21-A").status_code == 409


def test_set_changes_adds_and_removes(api, shop, listing):
    fields = {"quantity": 0, "title": "Renamed", "price": "1.00", "sku": "NEW-SKU"}
    assert api.control("set", channel="backmarket", sku=SKU, set=fields).status_code == 200
    seen = api.get("/ws/listings/detail", sku="new-sku").json()
    assert (seen["quantity"], seen["publication_state"], seen["title"], seen["price"]) == (0, 3, "Renamed", "1.00")
    api.control("set", channel="backmarket", listing=listing.id, set={"quantity": 4, "publication_state": 4})
    assert api.get(f"/ws/listings/{listing.id}").json()["publication_state"] == 4
    assert api.control("set", channel="backmarket", listing=listing.id, set={"color": "red"}).status_code == 409
    added = api.control("set", channel="backmarket", add=make_row("ADDED")).json()
    assert api.get(f"/ws/listings/{added['id']}").json()["sku"] == "ADDED"
    api.control("set", channel="backmarket", sku="ADDED", remove=True)
    assert api.get(f"/ws/listings/{added['id']}").status_code == 404


def test_faults_are_added_and_cleared(api, state):
    added = api.control("faults", kind="status", status=429, path="/ws/orders", times=None).json()
    assert added["faults"][0]["status"] == 429
    assert [api.get(path).status_code for path in ("/ws/listings", "/ws/orders", "/ws/orders")] == [200, 429, 429]
    api.control("faults", clear=True)
    assert api.get("/ws/orders").status_code == 200 and state()["faults"] == []


def test_orders_are_paid_and_lose_a_line(api, shop):
    order = shop.sell("backmarket", sku=SKU, state=10)
    dashed = f"{order.id:,}".replace(",", "-")
    assert api.control("order", channel="backmarket", order=dashed, pay=True).json()["state"] == 1
    cancelled = api.control("order", channel="backmarket", order=order.id, cancel_line=None).json()
    assert (cancelled["state"], cancelled["lines"][0]["state"]) == (9, 4)
    assert api.control("order", channel="backmarket", order=order.id, cancel_line=None).status_code == 409
    assert api.control("order", channel="backmarket", order=7, pay=True).status_code == 409


def test_an_event_the_marketplace_does_not_know_is_refused(api, shop):
    order = shop.sell("backmarket", sku=SKU)
    answer = api.control("order", channel="backmarket", order=order.id, event="nonsense", options={"line": 1})
    assert answer.status_code == 409 and "nonsense" in answer.json()["error"]


def test_clock(api, shop):
    assert api.control("clock", advance=60).json()["now"] == "2026-03-01T09:01:00+00:00"
    assert api.control("clock", set="2026-04-01T00:00:00+02:00").json()["now"] == "2026-03-31T22:00:00+00:00"
    assert api.control("clock", set="2026-04-01T00:00:00").status_code == 400
    assert not api.control("clock", run=True).json()["now"].startswith("2026-03-31T22:00")


def test_reset(api, state, shop):
    shop.sell("backmarket", sku=SKU)
    assert api.control("reset").status_code == 200
    assert state()["orders"] == []
    api.control("reset", empty=True)
    assert state()["listings"] == []


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("nonsense", {}, 404),
        ("sell", {"sku": SKU}, 400),
        ("sell", {"channel": "nowhere", "sku": SKU}, 409),
        ("sell", {"channel": "backmarket", "sku": SKU, "color": "red"}, 400),
        ("faults", {"kind": "nonsense"}, 400),
        ("faults", {"kind": "status", "color": "red"}, 400),
        ("limits", {"channel": "backmarket", "sunshine": 3}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(api, name, body, status):
    answer = api.control(name, **body)
    assert answer.status_code == status and answer.json()["error"]


def test_a_page_of_another_origin_cannot_post(sandbox, listing):
    body = '{"channel": "backmarket", "sku": "IP13-128-BLU-A"}'
    answer = requests.post(f"{sandbox.url}/_sandbox/sell", data=body, headers={"Content-Type": "text/plain"}, timeout=5)
    assert (answer.status_code, listing.quantity) == (400, 5)


def test_marketplaces_are_found_and_mounted_by_their_kind(sandbox):
    assert discover()["backmarket"].kind == "backmarket"
    assert sandbox.base_url("backmarket") == f"{sandbox.url}/backmarket"
    assert requests.get(f"{sandbox.url}/nowhere/ws/listings", timeout=5).status_code == 404
    assert requests.get(f"{sandbox.base_url('backmarket')}/nowhere", timeout=5).status_code == 403
