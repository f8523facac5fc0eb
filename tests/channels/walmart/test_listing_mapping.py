from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.channels.walmart.payloads import inventories, item, items, node, stock
from wholecell.channels.contract import ListingState
from wholecell.channels.walmart import listing_mapping
from wholecell.channels.walmart.listing_mapping import Stock
from wholecell.channels.walmart.values import UnreadableError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ONE = Stock(4, 3, 1, NOW)


def test_an_item_with_its_quantity():
    found = listing_mapping.listing(item("IP13 A/B", price={"currency": "USD", "amount": Decimal("329.50")}), ONE)
    assert (found.external_id, found.sku) == ("IP13 A/B", "IP13 A/B")
    assert (found.title, found.detail) == ("Apple iPhone 13 128GB Black", "Restored")
    assert (found.price_cents, found.currency) == (32950, "USD")
    assert (found.quantity, found.sellable, found.state) == (4, 3, ListingState.ACTIVE)
    assert found.channel_state == "PUBLISHED, ACTIVE"
    assert found.other_ids == {"wpid": "0RE1TWYTKBKH", "gtin": "00886859944807", "upc": "886859944807"}
    assert found.pushable


@pytest.mark.parametrize(
    ("published", "lifecycle", "quantity", "state"),
    [
        ("PUBLISHED", "ACTIVE", 4, ListingState.ACTIVE),
        ("PUBLISHED", "ACTIVE", 0, ListingState.OUT_OF_STOCK),
        ("PUBLISHED", "ACTIVE", None, ListingState.ACTIVE),
        ("published", "active", 4, ListingState.ACTIVE),
        ("PUBLISHED", None, 4, ListingState.ACTIVE),
        ("PUBLISHED", "ARCHIVED", 4, ListingState.ENDED),
        ("PUBLISHED", "RETIRED", 0, ListingState.ENDED),
        ("UNPUBLISHED", "RETIRED", 0, ListingState.ENDED),
        ("UNPUBLISHED", "ACTIVE", 0, ListingState.NEEDS_ATTENTION),
        ("READY_TO_PUBLISH", "ACTIVE", 4, ListingState.NEEDS_ATTENTION),
        ("IN_PROGRESS", "ACTIVE", 4, ListingState.NEEDS_ATTENTION),
        ("STAGE", "ACTIVE", 4, ListingState.NEEDS_ATTENTION),
        ("SYSTEM_PROBLEM", "ACTIVE", 4, ListingState.NEEDS_ATTENTION),
        ("PURPLE", "ACTIVE", 4, ListingState.NEEDS_ATTENTION),
        ("PUBLISHED", "PURPLE", 4, ListingState.NEEDS_ATTENTION),
        (None, None, 4, ListingState.NEEDS_ATTENTION),
    ],
)
def test_states(published, lifecycle, quantity, state):
    row = item("A", publishedStatus=published, lifecycleStatus=lifecycle)
    found, reason = listing_mapping.state_of(row, quantity)
    assert found is state
    assert bool(reason) == (state is ListingState.NEEDS_ATTENTION)


@pytest.mark.parametrize(
    ("reasons", "shown"),
    [
        ({"reason": ["No price.", "No tax code."]}, "No price. No tax code."),
        ({"reason": "No price."}, "No price."),
        ({"reason": []}, "It is unpublished on Walmart. See Seller Center."),
        (None, "It is unpublished on Walmart. See Seller Center."),
    ],
)
def test_reasons_are_walmarts_where_it_gives_any(reasons, shown):
    row = item("A", publishedStatus="UNPUBLISHED", unpublishedReasons=reasons)
    assert listing_mapping.state_of(row, 1)[1] == shown


def test_a_state_that_is_not_known_is_named():
    assert "PURPLE, ACTIVE" in listing_mapping.state_of(item("A", publishedStatus="PURPLE"), 1)[1]


@pytest.mark.parametrize("attributes", [[{"name": "color", "value": "Black"}], {"name": "color", "value": "Black"}])
def test_variants_are_told_apart(attributes):
    row = item("A", variantGroupId="G", variantGroupInfo={"isPrimary": "true", "groupingAttributes": attributes})
    assert listing_mapping.listing(row, None).detail == "Restored, Black"


def test_all_but_the_sku_may_be_missing():
    found = listing_mapping.listing({"sku": "A"}, None)
    assert (found.title, found.price_cents, found.quantity, found.sellable) == ("", None, None, None)
    assert found.state is ListingState.NEEDS_ATTENTION


@pytest.mark.parametrize("sku", ["a/b%c+d#e", "it's 5 \"", "  two  blanks", "é", "x" * 50])
def test_a_sku_is_kept_letter_for_letter(sku):
    assert listing_mapping.listing(item(sku), None).external_id == sku


@pytest.mark.parametrize("sku", [None, "", "  ", 5, [], "a\x00b", "a\ud800", "x" * 121])
def test_an_item_without_a_usable_sku_is_told_of(sku):
    page = listing_mapping.item_page(items(item(sku), item("B")))
    found = listing_mapping.listing_page(page, 1, {})
    assert [each.external_id for each in found.listings] == ["B"]
    assert "no usable SKU" in found.unreadable[0]


@pytest.mark.parametrize("answer", [None, [], {}, {"ItemResponse": None}, {"totalItems": 5}, "x"])
def test_an_answer_that_is_no_list_of_items(answer):
    with pytest.raises(UnreadableError):
        listing_mapping.item_page(answer)


def test_no_items_may_come_without_a_list():
    assert listing_mapping.item_page({"totalItems": 0}).rows == []


class TestStock:
    def test_one_node(self):
        assert listing_mapping.stock(stock("A", node(4, 3)), NOW) == ONE

    def test_a_node_without_what_is_left(self):
        row = {"sku": "A", "nodes": [{"shipNode": "1", "inputQty": {"amount": "4"}}]}
        assert listing_mapping.stock(row, NOW) == Stock(4, None, 1, NOW)

    def test_several_nodes_have_no_number_that_is_ours(self):
        found = listing_mapping.stock(stock("A", node(4), node(9, name="2")), NOW)
        assert (found.quantity, found.sellable, found.nodes) == (None, None, 2)

    def test_a_node_with_an_error_is_left_out(self):
        broken = {"shipNode": "2", "errors": [{"code": "X"}]}
        assert listing_mapping.stock(stock("A", node(4, 3), broken), NOW) == ONE

    @pytest.mark.parametrize("row", [{}, {"nodes": None}, {"nodes": []}, {"nodes": [{"inputQty": {"amount": -1}}]}])
    def test_none(self, row):
        assert listing_mapping.stock(row, NOW).quantity is None

    def test_a_page_with_its_cursor(self):
        answer = inventories(stock("A", node(4, 3)), {"nodes": []}, cursor="c2")
        assert listing_mapping.stock_page(answer, NOW) == ({"A": ONE}, "c2")

    @pytest.mark.parametrize("answer", [None, [], {}, "x"])
    def test_an_answer_that_is_no_list(self, answer):
        with pytest.raises(UnreadableError):
            listing_mapping.stock_page(answer, NOW)

    @pytest.mark.parametrize(
        "answer", [None, {}, {"sku": "B", "quantity": {"amount": 4}}, {"sku": "A"}, {"sku": "A", "quantity": {}}]
    )
    def test_a_single_answer_without_the_number(self, answer):
        with pytest.raises(UnreadableError):
            listing_mapping.amount_of(answer, "A")

    @pytest.mark.parametrize("amount", [4, "4", Decimal("4.0")])
    def test_a_single_answer(self, amount):
        assert listing_mapping.amount_of({"sku": "A", "quantity": {"unit": "EACH", "amount": amount}}, "A") == 4


def test_a_page_says_since_when_its_quantities_are_true():
    later = datetime(2026, 3, 2, tzinfo=UTC)
    stocks = {"A": Stock(1, 1, 1, later), "B": ONE, "C": Stock(1, 1, 1, datetime(2026, 1, 1, tzinfo=UTC))}
    page = listing_mapping.item_page(items(item("A"), item("B")))
    assert listing_mapping.listing_page(page, 1, stocks).as_of == NOW
    assert listing_mapping.listing_page(page, 1, {}).as_of is None
