"""Quantities read again: one by one, or many from the lists."""

from datetime import UTC, datetime

import pytest

from tests.channels.walmart.adapter import (
    INVENTORIES,
    INVENTORY,
    ITEMS,
    NO_ITEM,
    answer_token,
    connect,
    problem_of,
)
from tests.channels.walmart.payloads import errors, inventories, inventory, item, items, node, stock
from wholecell.channels.contract import CredentialsError, ListingState
from wholecell.channels.walmart import listing_reading


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


class TestReadings:
    ODD = "a/b%c+d#e 'f\""
    CODED = "a%2Fb%25c%2Bd%23e%20%27f%22"

    def test_sku_is_encoded_wherever_it_goes(self, shop, answers):
        answers.get(f"{ITEMS}/{self.CODED}", json=items(item(self.ODD)))
        answers.get(f"{INVENTORIES}/{self.CODED}", json=stock(self.ODD, node(4), node(1, name="2")))
        answers.get(INVENTORY, json=inventory(self.ODD, 4))
        (found,) = shop.quantities([self.ODD])
        assert (found.external_id, found.quantity) == (self.ODD, 4)
        assert [call.request.url for call in answers.calls][1:] == [
            f"{ITEMS}/{self.CODED}?productIdType=SKU",
            f"{INVENTORIES}/{self.CODED}",
            f"{INVENTORY}?sku={self.CODED}",
        ]

    def test_what_is_left_to_sell_is_told_beside_it(self, shop, answers):
        answers.get(f"{ITEMS}/A", json=items(item("A")))
        answers.get(f"{INVENTORIES}/A", json=stock("A", node(5, 3)))
        (found,) = shop.quantities(["A"])
        assert (found.quantity, found.sellable, found.state) == (5, 3, ListingState.ACTIVE)

    def test_unpublished(self, shop, answers):
        answers.get(f"{ITEMS}/A", json=items(item("A", publishedStatus="UNPUBLISHED")))
        answers.get(f"{INVENTORIES}/A", json=stock("A", node(5)))
        (found,) = shop.quantities(["A"])
        assert (found.quantity, found.state, bool(found.state_reason)) == (5, ListingState.NEEDS_ATTENTION, True)

    def test_retired_is_ended(self, shop, answers):
        answers.get(f"{ITEMS}/A", json={"responseRecord": item("A", lifecycleStatus="RETIRED")})
        (found,) = shop.quantities(["A"])
        assert (found.quantity, found.state) == (None, ListingState.ENDED)

    @pytest.mark.parametrize("status", [404, 400, 200])
    def test_the_older_call_is_asked_where_the_newer_does_not_tell(self, shop, answers, status):
        answers.get(f"{ITEMS}/A", json=items(item("A")))
        answers.get(f"{INVENTORIES}/A", json=errors("X"), status=status)
        answers.get(INVENTORY, json=inventory("A", 0))
        (found,) = shop.quantities(["A"])
        assert (found.quantity, found.state) == (0, ListingState.OUT_OF_STOCK)

    def test_an_item_without_any_quantity(self, shop, answers):
        answers.get(f"{ITEMS}/A", json=items(item("A")))
        answers.get(f"{INVENTORIES}/A", json=stock("A"))
        answers.get(INVENTORY, json=errors("CONTENT_NOT_FOUND.GMP_INVENTORY_API"), status=404)
        (found,) = shop.quantities(["A"])
        assert (found.quantity, found.state) == (None, ListingState.ACTIVE)

    @pytest.mark.parametrize(
        ("status", "body", "words"),
        [
            (400, errors("X", "Bad SKU"), "Bad SKU"),
            (200, items(item("B")), "no such item"),
            (200, {}, "no such item"),
            (404, {}, "HTTP 404"),
        ],
    )
    def test_one_that_cannot_be_read_does_not_stop_the_others(self, shop, answers, status, body, words):
        answers.get(f"{ITEMS}/A", json=body, status=status)
        answers.get(f"{ITEMS}/C", json=items(item("C")))
        answers.get(f"{INVENTORIES}/C", json=stock("C", node(8)))
        odd, good = shop.quantities(["A", "C"])
        assert (odd.quantity, odd.state) == (None, ListingState.NEEDS_ATTENTION)
        assert words in odd.state_reason
        assert good.quantity == 8

    def test_a_missing_permission_stops_them_all(self, shop, answers):
        answers.get(f"{ITEMS}/A", json=errors("FORBIDDEN", "No"), status=403)
        problem_of(lambda: list(shop.quantities(["A"])), CredentialsError)


class TestManyReadings:
    @pytest.fixture(autouse=True)
    def many(self, monkeypatch):
        monkeypatch.setattr(listing_reading, "LISTS_FROM", 3)

    def plan(self, answers):
        rows = [item("A"), item("B", publishedStatus="UNPUBLISHED"), item("C", lifecycleStatus="RETIRED"), item("D")]
        answers.get(INVENTORIES, json=inventories(*(stock(sku, node(5, 4)) for sku in "ABC")))
        answers.get(ITEMS, json=items(*rows))

    def test_they_are_found_in_the_lists_and_the_rest_one_by_one(self, shop, answers):
        self.plan(answers)
        answers.get(f"{ITEMS}/D", json=items(item("D")))
        answers.get(f"{INVENTORIES}/D", json=stock("D", node(7)))
        answers.get(f"{ITEMS}/E", json=NO_ITEM, status=404)
        before = datetime.now(UTC)
        found = list(shop.quantities(list("ABCDE")))
        assert [(each.external_id, each.quantity, each.sellable, each.state) for each in found] == [
            ("A", 5, 4, ListingState.ACTIVE),
            ("B", 5, 4, ListingState.NEEDS_ATTENTION),
            ("C", None, None, ListingState.ENDED),
            ("D", 7, 7, ListingState.ACTIVE),
            ("E", None, None, ListingState.ENDED),
        ]
        assert found[1].state_reason
        assert all(before <= each.began_at <= datetime.now(UTC) for each in found)

    def test_each_is_read_once(self, shop, answers):
        self.plan(answers)
        assert [each.external_id for each in shop.quantities(["A", "B", "C", "A"])] == ["A", "B", "C"]

    def test_no_more_is_read_than_is_asked_for(self, shop, answers):
        answers.get(INVENTORIES, json=inventories(*(stock(sku, node(5)) for sku in "ABC")))
        answers.get(ITEMS, json=items(item("A"), item("B"), item("C"), total=99, cursor="more"))
        assert len(list(shop.quantities(list("ABC")))) == 3
        assert len(answers.calls) == 3

    def test_while_a_list_is_long_single_ones_are_read(self, shop, answers, monkeypatch):
        monkeypatch.setattr(listing_reading, "LONGEST_SILENCE", -1.0)
        self.plan(answers)
        answers.get(f"{ITEMS}/A", json=items(item("A")))
        answers.get(f"{INVENTORIES}/A", json=stock("A", node(9)))
        first, *others = shop.quantities(list("ABC"))
        assert (first.external_id, first.quantity) == ("A", 9)
        assert [each.external_id for each in others] == ["B", "C"]

    def test_few_are_read_one_by_one(self, shop, answers):
        answers.get(f"{ITEMS}/A", json=items(item("A")))
        answers.get(f"{INVENTORIES}/A", json=stock("A", node(9)))
        assert [each.quantity for each in shop.quantities(["A"])] == [9]
