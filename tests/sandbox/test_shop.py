"""The shop itself: selling from several threads, its clock, and what a reset forgets."""

import ast
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

import wholecell.sandbox as sandbox_package
from wholecell.sandbox import RefusedError, Sandbox, Shop

from .conftest import START, make_row


def test_two_threads_selling_at_once_never_lose_a_unit(shop):
    (busy,) = shop.seed_backmarket([make_row("BUSY", quantity=300)])

    def sell(_):
        try:
            return shop.sell("backmarket", sku="busy").lines[0].quantity
        except RefusedError:
            return 0

    with ThreadPoolExecutor(2) as threads:
        sold = sum(threads.map(sell, range(400)))
    assert (sold, busy.quantity, len(shop.visible_orders("backmarket"))) == (300, 0, 300)
    assert len({order.id for order in shop.visible_orders("backmarket")}) == 300


def test_selling_over_http_while_pushing_keeps_count(shop, sandbox, api):
    (busy,) = shop.seed_backmarket([make_row("BUSY", quantity=20)])

    def sell(_):
        return api.control("sell", channel="backmarket", listing=busy.id).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(sell, range(25)))
    assert (answers.count(200), answers.count(409), busy.quantity) == (20, 5, 0)


def test_the_last_unit_takes_the_listing_offline(shop):
    shop.sell("backmarket", sku="IP13-128-BLU-B", quantity=2)
    row = shop.shown("backmarket", sku="IP13-128-BLU-B").as_dict(shop.clock())
    assert (row["quantity"], row["publication_state"]) == (0, 3)


@pytest.mark.parametrize(
    ("sku", "quantity"), [("IP13-128-BLU-B", 3), ("S21-A", 1), ("NOBODY", 1), ("IP13-128-BLU-A", 0)]
)
def test_a_sale_that_cannot_be_changes_nothing(shop, sku, quantity):
    before = shop.state()["listings"]
    with pytest.raises(RefusedError):
        shop.sell("backmarket", sku=sku, quantity=quantity)
    assert shop.state()["listings"] == before and shop.visible_orders("backmarket") == []


def test_an_order_that_cannot_be_filled_takes_nothing_from_any_line(shop, listing):
    other = shop.account("backmarket").find(sku="IP13-128-BLU-B")
    with pytest.raises(RefusedError, match="sold out"):
        shop.sell_lines("backmarket", [(listing.id, 1), (other.id, 9)])
    with pytest.raises(RefusedError, match="sold out"):  # together more than there is
        shop.sell_lines("backmarket", [(listing.id, 3), (listing.id, 3)])
    assert (listing.quantity, other.quantity) == (5, 2)


def test_writing_without_http(shop, listing):
    shop.faults.add("capped", number=4)
    assert shop.push("backmarket", listing.id, 9) == 4
    assert shop.shown("backmarket", listing=listing.id).quantity == 4


def test_the_clock_runs_stands_and_moves():
    clock = Shop().clock
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)
    clock.set(START)
    assert clock() == START and clock.advance(90) == START + timedelta(seconds=90)
    with pytest.raises(ValueError, match="zone"):
        clock.set(datetime(2026, 1, 1))
    clock.run()
    assert abs(clock() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_reset_brings_back_the_seed(shop, listing):
    shop.sell("backmarket", sku=listing.sku)
    shop.set_tokens("backmarket", [])
    shop.faults.add("status")
    shop.later(1, lambda: pytest.fail("a reset forgets what was to happen later"))
    shop.reset()
    shop.clock.advance(5)
    state = shop.state()
    assert [row["quantity"] for row in state["listings"]] == [5, 2, 0]
    assert (state["orders"], state["calls"], state["faults"]) == ([], [], [])
    assert shop.account("backmarket").tokens
    shop.reset()  # and again
    assert len(shop.state()["listings"]) == 3
    shop.reset(empty=True)
    assert shop.state()["listings"] == []


def test_a_stopped_sandbox_answers_nobody(shop):
    running = Sandbox(shop).start()
    url = running.url
    assert requests.get(f"{url}/_sandbox/state", timeout=5).status_code == 200
    running.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/_sandbox/state", timeout=5)
    with Sandbox(shop, port=int(url.rpartition(":")[2])) as again:
        assert requests.get(f"{again.url}/_sandbox/state", timeout=5).status_code == 200


def test_the_sandbox_shares_no_code_with_the_rest():
    folder = Path(sandbox_package.__file__).parent
    imported = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add((node.module or "").partition(".")[0])
    assert imported <= set(sys.stdlib_module_names) | {"werkzeug", "_typeshed", "defusedxml", "cryptography"}
