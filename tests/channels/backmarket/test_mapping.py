import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.channels.backmarket.payloads import example, listing, listing_id, page
from wholecell.channels.backmarket import mapping
from wholecell.channels.backmarket.mapping import TaskState, UnreadableError
from wholecell.channels.contract import ListingState, QuantityChange
from wholecell.channels.http import parse_json

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ACTIVE, OUT, ATTENTION = ListingState.ACTIVE, ListingState.OUT_OF_STOCK, ListingState.NEEDS_ATTENTION


class TestExamples:
    def test_first_page(self):
        records, has_next = mapping.listing_page(example("listings_online_page_1")["body"], 1)
        assert has_next
        assert (records.page, records.total, records.unreadable) == (1, 3, ())
        first, second = records.listings
        assert (first.external_id, first.sku) == ("6a710c4b-0eb5-5c83-99bd-8bcb34861975", "IP12-64-BLK-A")
        assert (first.title, first.detail) == ("iPhone 12 64GB - Black - Unlocked", "Excellent")
        assert (first.quantity, first.price_cents, first.currency) == (7, 22999, "USD")
        assert (first.state, first.channel_state, first.state_reason, first.pushable) == (ACTIVE, "2", "", True)
        assert first.other_ids["listing_id"] == "4400001"
        assert (second.title, second.detail) == (first.title, "Good"), "only the grade tells them apart"

    def test_last_page(self):
        records, has_next = mapping.listing_page(example("listings_online_page_2_last")["body"], 2)
        assert not has_next
        assert [record.sku for record in records.listings] == ["S21-128-GRY-A"]

    @pytest.mark.parametrize(("name", "quantity"), [("listing_by_id", 7), ("listing_by_sku", 3)])
    def test_single_listing(self, name, quantity):
        body = example(name)["body"]
        reading = mapping.reading(body, body["id"], NOW)
        assert (reading.quantity, reading.state, reading.began_at) == (quantity, ACTIVE, NOW)
        assert mapping.listing(body).quantity == quantity

    @pytest.mark.parametrize(("name", "stored"), [("listing_set_quantity", 5), ("listing_set_quantity_zero", 0)])
    def test_stored_quantity(self, name, stored):
        body = example(name)["body"]
        assert mapping.stored_quantity(body, body["id"]) == stored

    def test_zero_takes_a_listing_offline_but_not_away(self):
        assert mapping.listing(example("listing_set_quantity_zero")["body"]).state is OUT

    def test_bulk_answer_names_its_task(self):
        assert mapping.task_id(example("catalog_bulk_update_started")["body"]) == "1011013"

    @pytest.mark.parametrize(("name", "state"), [("task_running", TaskState.RUNNING), ("task_done", TaskState.DONE)])
    def test_task(self, name, state):
        assert mapping.task(example(name)["body"]) == (state, "")

    @pytest.mark.parametrize(
        ("name", "code", "message", "is_error"),
        [
            ("unauthorized", "unauthorized", "Invalid token", True),
            ("rate_limited", "too_many_requests", "Rate limit exceeded", True),
            ("listing_not_found", "not_found", "Listing not found", True),
            ("bot_challenge", "bot-need-challenge", "Forbidden", False),
            ("listing_update_bad_request", "", "currency does not match the market of the listing", False),
        ],
    )
    def test_error(self, name, code, message, is_error):
        assert mapping.said(example(name)["body"]) == mapping.Said(code, message, is_error)


@pytest.mark.parametrize(
    ("number", "quantity", "state", "reason"),
    [
        (2, 5, ACTIVE, ""),
        (2, 0, ACTIVE, ""),
        ("2", "5", ACTIVE, ""),
        (3, 0, OUT, ""),
        (3, 5, ATTENTION, "It is offline on Back Market although it has stock."),
        (0, 5, ATTENTION, "The price or the comment is missing on Back Market."),
        (1, 0, ATTENTION, "Back Market has not checked it yet."),
        (4, 0, ATTENTION, "It is deactivated on Back Market."),
        (9, 5, ATTENTION, "Back Market shows a state that is not known here: 9."),
        (None, 5, ATTENTION, "Back Market shows a state that is not known here: None."),
        (2, -3, ATTENTION, "Back Market shows no usable quantity: -3."),
        (2, 10**30, ATTENTION, f"Back Market shows no usable quantity: {10**30}."),
        (2, None, ATTENTION, "Back Market shows no usable quantity: None."),
        (2, True, ATTENTION, "Back Market shows no usable quantity: True."),
        (3, "none", ATTENTION, "Back Market shows no usable quantity: none."),
    ],
)
def test_state_and_reason(number, quantity, state, reason):
    record = mapping.listing(listing(1, publication_state=number, quantity=quantity))
    assert (record.state, record.state_reason) == (state, reason)


@pytest.mark.parametrize("quantity", [-1, 10**30, "1e3", "", None, True, Decimal("1.5"), [], "٣"])
def test_quantity_that_is_no_count_is_none(quantity):
    assert mapping.listing(listing(1, quantity=quantity)).quantity is None
    with pytest.raises(UnreadableError, match="shows no quantity"):
        mapping.reading(listing(1, quantity=quantity), listing_id(1), NOW)


@pytest.mark.parametrize(
    ("price", "cents"),
    [
        ("229.99", 22999),
        ("0.00", 0),
        ("45000", 4_500_000),
        ("45000.005", 4_500_001),
        (229, 22900),
        (parse_json("229.99"), 22999),
        ("abc", None),
        ("", None),
        (None, None),
        ("-1", None),
        ("NaN", None),
        ("sNaN", None),
        ("Infinity", None),
        ("1e999999999", None),
        ("99999999999", None),
        (True, None),
        ({"amount": 1}, None),
    ],
)
def test_price_is_hundredths_of_any_currency(price, cents):
    assert mapping.listing(listing(1, price=price, currency="JPY")).price_cents == cents


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"grade": "STALLONE"}, "Stallone"),
        ({"grade": "BRAND_NEW_WORD"}, "Brand new word"),
        ({"grade": None, "state": 9}, "Premium"),
        ({"grade": None, "state": 0}, "Excellent"),
        ({"grade": None, "state": None}, ""),
        ({"grade": 5, "state": 77}, ""),
    ],
)
def test_grade_tells_listings_of_one_title_apart(fields, detail):
    assert mapping.listing(listing(1, **fields)).detail == detail


def test_empty_fields_stay_empty():
    names = ("listing_id", "product_id", "backmarket_id", "title", "sku", "price", "currency", "grade", "state")
    record = mapping.listing(listing(1) | dict.fromkeys(names))
    assert (record.sku, record.title, record.price_cents, record.currency, record.detail) == ("", "", None, "", "")
    assert record.other_ids == {}


def test_id_alone_is_a_listing():
    record = mapping.listing({"id": listing_id(1), "surprise": {"a": [1]}})
    assert (record.external_id, record.quantity, record.state) == (listing_id(1), None, ATTENTION)


def test_text_no_database_can_hold_is_cleaned():
    assert mapping.listing(listing(1, title="iPhone\x00 \ud800 12\n64")).title == "iPhone ? 12 64"


@pytest.mark.parametrize(
    "row",
    [
        None,
        "text",
        [],
        {},
        listing(1, id=None),
        listing(1, id=17),
        listing(1, id=""),
        listing(1, id="../orders"),
        listing(1, id=".."),
        listing(1, id="a" * 65),
        listing(1, sku="a\x00b"),
        listing(1, sku="a\ud800b"),
        listing(1, sku="a" * 256),
    ],
)
def test_row_nothing_could_find_again_is_named_and_the_others_stay(row):
    records, _ = mapping.listing_page(page(listing(1), row, listing(2)), 1)
    assert [record.external_id for record in records.listings] == [listing_id(1), listing_id(2)]
    assert len(records.unreadable) == 1


@pytest.mark.parametrize(
    "body", [None, [], "text", 3, {}, {"results": None}, {"results": {"id": 1}}, {"results": "ab"}]
)
def test_answer_that_is_no_page(body):
    with pytest.raises(UnreadableError, match="no list of listings"):
        mapping.listing_page(body, 1)


@pytest.mark.parametrize("count", [None, -1, "many", [], 10**30])
def test_page_without_a_usable_count(count):
    assert mapping.listing_page({"results": [], "count": count}, 1)[0].total is None


@pytest.mark.parametrize("body", [None, [], "text", {}, {"quantity": 5}, listing(2)])
def test_reading_of_another_listing_is_none(body):
    with pytest.raises(UnreadableError):
        mapping.stored_quantity(body, listing_id(1))


def test_catalog_reads_back_as_declared():
    skus = ["IP12", 'a "quoted", one', "semi;colon", " blank ", "línea\nnueva", "'=1+1"]
    changes = [QuantityChange(listing_id(n), sku, n, is_fall=False) for n, sku in enumerate(skus)]
    body = mapping.catalog(changes)
    rows = csv.reader(
        io.StringIO(body["catalog"], newline=""), delimiter=body["delimiter"], quotechar=body["quotechar"]
    )
    assert list(rows) == [["sku", "quantity"], *([sku, str(n)] for n, sku in enumerate(skus))]
    assert body["encoding"] == "utf-8"
    assert set(body) == {"catalog", "quotechar", "delimiter", "encoding"}


@pytest.mark.parametrize("body", [None, [], {}, {"bodymessage": None}, {"bodymessage": True}, {"bodymessage": "a/b"}])
def test_bulk_answer_without_a_task(body):
    with pytest.raises(UnreadableError, match="no task"):
        mapping.task_id(body)


@pytest.mark.parametrize("status", [0, 2, 3, 7, 55])
def test_task_states_that_are_not_the_end(status):
    assert mapping.task({"action_status": status})[0] is TaskState.RUNNING


def test_failed_task_says_why():
    body = {"action_status": 8, "last_action_error": "Task has been interrupted."}
    assert mapping.task(body) == (TaskState.FAILED, "Task has been interrupted.")


@pytest.mark.parametrize("body", [None, [], "done", {}, {"action_status": "done"}])
def test_task_without_a_state(body):
    with pytest.raises(UnreadableError, match="no task state"):
        mapping.task(body)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        5,
        {},
        {"error": None},
        {"error": {}},
        {"errors": []},
        {"errors": {}},
        {"errors": [{}]},
        {"detail": "x"},
    ],
)
def test_error_body_that_says_nothing(body):
    assert mapping.said(body) == mapping.Said()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"error": "text"}, "text"),
        ({"error": ["a"]}, "['a']"),
        ({"error": {"message": {"sku": ["bad"]}}}, "{'sku': ['bad']}"),
        ({"errors": ["text"]}, "text"),
        ({"errors": [{"message": "first"}, {"message": "second"}]}, "first"),
        ("x" * 5000, "x" * 299 + "…"),
    ],
)
def test_odd_error_bodies_never_fail(body, message):
    assert mapping.said(body).message == message
