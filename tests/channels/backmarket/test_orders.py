"""Orders in our words: every documented example, and what is odd about them."""

import json
from datetime import UTC, datetime

import pytest

from tests.oas import needs_spec, specs_folder
from wholecell.channels.backmarket import orders
from wholecell.channels.backmarket.mapping import UnreadableError

LINE = {"id": 1, "state": 2, "quantity": 1, "price": "100.00", "listing": "SKU", "listing_id": 7, "product": "Phone"}
ORDER = {
    "order_id": 42,
    "state": 3,
    "date_creation": "2025-10-14T15:02:11.402113Z",
    "price": "100.00",
    "currency": "USD",
    "orderlines": [LINE],
}


def lines(*states):
    return {**ORDER, "state": 9, "orderlines": [{**LINE, "id": i, "state": s} for i, s in enumerate(states)]}


def examples():
    folder = specs_folder() / "backmarket" / "examples"
    for path in sorted(folder.glob("order*.json")):
        example = json.loads(path.read_text())
        body = example["response"]["body"]
        if example["response"]["status"] == 200 and isinstance(body, dict):
            found = body.get("results", [body])
            yield from ((path.stem, row) for row in found if "order_id" in row)


@needs_spec("backmarket/back-market-openapi.yml")
def test_every_example_order_is_read_whole():
    found = list(examples())
    assert len(found) >= 5
    for name, row in found:
        order = orders.order(row)
        assert order.external_id == str(row["order_id"]), name
        assert order.status in orders.STATUSES, name
        assert order.placed_at is not None, name
        assert len(order.lines) == len(row["orderlines"]), name
        for line, given in zip(order.lines, row["orderlines"], strict=True):
            assert (line.external_id, line.sku, line.ordered) == (
                str(given["id"]),
                given.get("listing") or "",
                given["quantity"],
            ), name
        assert order.ship_to.name, name


def test_an_order_to_ship():
    order = orders.order(ORDER)
    assert (order.number, order.status, order.is_final, order.total_cents) == ("42", "3", False, 10000)
    assert order.placed_at == datetime(2025, 10, 14, 15, 2, 11, 402113, tzinfo=UTC)
    (line,) = order.lines
    assert (line.sku, line.listing_ids, line.price_cents, line.shipped) == ("SKU", {"listing_id": "7"}, 10000, 0)


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ((4, 7), "cancelled"),
        ((5, 4), "refunded"),
        ((6,), "refunded"),
        ((3, 4), "shipped"),
        ((3, 6), "shipped"),
        ((2, 4), "9"),
        ((), "9"),
    ],
)
def test_a_processed_order_is_what_its_lines_became(states, word):
    assert orders.order(lines(*states)).status == word


@pytest.mark.parametrize(
    ("state", "counts"),
    [(1, (0, 0, 0)), (4, (2, 0, 0)), (7, (2, 0, 0)), (5, (0, 2, 0)), (3, (0, 0, 2)), (6, (0, 0, 2))],
)
def test_line_states_become_units(state, counts):
    (line,) = orders.order({**ORDER, "orderlines": [{**LINE, "quantity": 2, "state": state}]}).lines
    assert (line.cancelled, line.refunded_before_shipping, line.shipped) == counts


@pytest.mark.parametrize(("total", "unit"), [("200.00", 10000), ("100.00", 5000), ("123.00", 10000)])
def test_a_line_price_is_of_one_unit_unless_only_the_other_reading_adds_up(total, unit):
    (line,) = orders.order({**ORDER, "price": total, "orderlines": [{**LINE, "quantity": 2}]}).lines
    assert line.price_cents == unit


def test_what_is_missing_or_odd_keeps_the_order():
    order = orders.order(
        {"order_id": 1, "state": 77, "orderlines": [{"id": None}, "x", None], "price": "abc", "date_creation": "soon"}
    )
    assert (order.status, order.is_final, order.placed_at, order.total_cents) == ("77", False, None, None)
    assert [(line.sku, line.ordered) for line in order.lines] == [("", 1)]


@pytest.mark.parametrize("row", [None, [], {"state": 1}, {"order_id": 5}, {"order_id": "x", "state": 1}])
def test_an_order_nothing_could_find_again_is_refused(row):
    with pytest.raises(UnreadableError):
        orders.order(row)


def test_older_address_fields_are_understood():
    given = {"first_name": "Ann", "last_name": "Lee", "postal_code": "1000", "phone": "1"}
    address = orders.order({**ORDER, "shipping_address": given}).ship_to
    assert (address.name, address.postal_code, address.phone) == ("Ann Lee", "1000", "1")


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2025-10-14T12:00:00", 12), ("2025-10-14 12:00:00", 12), ("2025-10-14T12:00:00+02:00", 10)],
)
def test_a_time_without_zone_is_utc(text, hour):
    assert orders.moment(text) == datetime(2025, 10, 14, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-05:00", "yesterday"])
def test_what_utc_cannot_say_is_no_time(text):
    assert orders.moment(text) is None
