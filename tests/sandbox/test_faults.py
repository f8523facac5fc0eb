"""Every misbehavior the sandbox offers, over a real socket."""

import json
import time

import pytest
import requests

from wholecell.sandbox import Faults, Via
from wholecell.sandbox.faults import KINDS

from .conftest import make_row

#: The kinds tested beside what they belong to.
ELSEWHERE = {"partial_bulk", "bulk_never", "bulk_failed", "hidden_order", "cancels_line"}


def push(api, listing, quantity):
    return api.post(f"/ws/listings/{listing.id}", {"quantity": quantity})


def shown(api, listing):
    return api.get(f"/ws/listings/{listing.id}").json()["quantity"]


@pytest.mark.parametrize("status", [429, 500, 503, 422])
def test_status(api, shop, listing, status):
    shop.faults.add("status", status=status)
    answer = push(api, listing, 1)
    assert (answer.status_code, listing.quantity) == (status, 5)
    assert answer.json()["error"]["code"] == "sandbox_fault"
    assert push(api, listing, 1).status_code == 200


def test_edge_html(api, shop, listing):
    shop.faults.add("edge_html")
    answer = push(api, listing, 1)
    assert (answer.status_code, listing.quantity) == (403, 5)
    assert answer.headers["cf-ray"] and answer.headers["Content-Type"].startswith("text/html")


def test_bare_string(api, shop, listing):
    shop.faults.add("bare_string")
    answer = push(api, listing, 1)
    assert (answer.status_code, listing.quantity) == (400, 5) and isinstance(answer.json(), str)


def test_redirect(api, shop, listing):
    shop.faults.add("redirect", location="https://evil.example/")
    answer = push(api, listing, 1)
    assert (answer.status_code, answer.headers["Location"], listing.quantity) == (302, "https://evil.example/", 5)


@pytest.mark.parametrize(("kind", "left"), [("cut_before", 5), ("cut_after", 1)])
def test_cut(api, shop, listing, kind, left):
    shop.faults.add(kind)
    with pytest.raises(requests.ConnectionError):
        push(api, listing, 1)
    assert listing.quantity == left
    assert (shop.calls[-1].status, shop.calls[-1].fault) == (0, kind)
    assert push(api, listing, 2).status_code == 200


def test_broken_json(api, shop, listing):
    shop.faults.add("broken_json")
    answer = push(api, listing, 1)
    assert (answer.status_code, listing.quantity) == (200, 1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


def test_slow(api, shop, listing):
    shop.faults.add("slow", seconds=0.4)
    with pytest.raises(requests.Timeout):
        api("POST", f"/ws/listings/{listing.id}", json={"quantity": 1}, timeout=0.1)
    assert listing.quantity == 1


def test_dripping(api, shop, listing):
    shop.faults.add("dripping", seconds=0.001)
    began = time.monotonic()
    answer = push(api, listing, 1)
    assert time.monotonic() - began > 0.3 and answer.json()["quantity"] == 1


def test_too_large(api, shop):
    shop.faults.add("too_large", number=3_000_000)
    answer = api("GET", "/ws/listings", stream=True)
    assert "Content-Length" not in answer.headers
    assert sum(len(part) for part in answer.iter_content(65_536)) > 3_000_000


def test_repeated_page(api, shop):
    shop.seed_backmarket([make_row(f"MORE-{number}") for number in range(27)])
    shop.faults.add("repeated_page")
    pages = [[row["sku"] for row in api.get("/ws/listings", page=page).json()["results"]] for page in (1, 2, 3, 2)]
    assert pages[1] == pages[0] and pages[3] != pages[0]
    assert not set(pages[2]) & set(pages[0])


@pytest.mark.parametrize(("rows", "seen", "twice"), [(2, 30, 2), (-2, 28, 0)])
def test_shifting_page(api, shop, rows, seen, twice):
    shop.seed_backmarket([make_row(f"MORE-{number}") for number in range(27)])
    shop.faults.add("shifting_page", number=rows)
    skus, page = [], 1
    while page:
        answer = api.get("/ws/listings", page=page).json()
        skus += [row["sku"] for row in answer["results"]]
        page = page + 1 if answer["next"] else 0
    assert (len(set(skus)), len(skus) - len(set(skus))) == (seen, twice)
    assert api.get("/ws/listings").json()["count"] == 30


def test_shown_late(api, shop, listing):
    shop.faults.add("shown_late", seconds=900)
    assert push(api, listing, 0).json()["quantity"] == 0
    assert shown(api, listing) == 5
    online = api.get("/ws/listings", publication_state=2).json()["results"]
    assert listing.id in {row["id"] for row in online}
    shop.clock.advance(900)
    assert shown(api, listing) == 0


def test_shown_late_hides_the_sale_in_between(api, shop, listing):
    shop.faults.add("shown_late", seconds=900)
    push(api, listing, 8)
    shop.sell("backmarket", sku=listing.sku)
    assert (shown(api, listing), listing.quantity) == (5, 7)


def test_capped(api, shop, listing):
    shop.faults.add("capped", number=3)
    assert push(api, listing, 2).json()["quantity"] == 2  # nothing to cap: the fault waits on
    assert push(api, listing, 9).json()["quantity"] == 3
    assert shown(api, listing) == 3


def test_rounded(api, shop, listing):
    shop.faults.add("rounded", number=5)
    assert push(api, listing, 13).json()["quantity"] == 10
    assert shown(api, listing) == 10


def test_forgotten(api, shop, listing):
    shop.faults.add("forgotten")
    assert push(api, listing, 1).json()["quantity"] == 1
    assert shown(api, listing) == 5


def test_late_write(api, shop, listing):
    shop.faults.add("late_write", seconds=60)
    push(api, listing, 9)
    push(api, listing, 1)
    shop.clock.advance(59)
    assert shown(api, listing) == 1
    shop.clock.advance(1)
    assert shown(api, listing) == 9


def test_deactivated(api, shop, listing):
    shop.faults.add("deactivated")
    assert push(api, listing, 2).json()["publication_state"] == 2
    assert push(api, listing, 0).json()["publication_state"] == 4
    assert push(api, listing, 2).json()["publication_state"] == 4


def test_a_lost_answer_and_a_forgotten_write_can_meet(api, shop, listing):
    shop.faults.add("cut_after")
    shop.faults.add("forgotten")
    with pytest.raises(requests.ConnectionError):
        push(api, listing, 1)
    assert listing.quantity == 5 and not list(shop.faults)


def test_a_fault_strikes_only_the_calls_it_fits():
    faults = Faults()
    faults.add("status", method="POST", path=r"/ws/listings/[0-9a-f-]+$", sku="A", times=2)
    fitting = Via("POST", "/backmarket/ws/listings/1f")
    assert faults.take("status", via=Via("GET", fitting.path), sku="a") is None
    assert faults.take("status", via=Via("POST", "/backmarket/ws/orders/1"), sku="a") is None
    assert faults.take("status", via=fitting, sku="B") is None
    assert faults.take("cut_after", via=fitting, sku="a") is None
    assert [bool(faults.take("status", via=fitting, sku="a")) for _ in range(3)] == [True, True, False]


def test_a_fault_without_end_lasts_until_cleared():
    faults = Faults()
    faults.add("status", times=None)
    assert all(faults.take("status", via=Via()) for _ in range(5))
    faults.clear()
    assert faults.take("status", via=Via()) is None


@pytest.mark.parametrize("options", [{"kind": "nonsense"}, {"kind": "rounded"}, {"kind": "status", "path": "("}])
def test_a_fault_that_makes_no_sense_is_refused(options):
    with pytest.raises(Exception, match="no fault|at least 1|unterminated"):
        Faults().add(**options)


def test_every_kind_is_tested():
    tests = " ".join(name for name in globals() if name.startswith("test_"))
    untested = {kind for kind in KINDS if f"test_{kind.partition('_')[0]}" not in tests}
    assert untested - ELSEWHERE == set()
