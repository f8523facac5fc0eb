"""Both lists of Walmart joined, with each kind of cursor."""

import json
from datetime import UTC, datetime

import pytest
import responses

from tests.channels.walmart.adapter import (
    INVENTORIES,
    INVENTORY,
    ITEMS,
    NO_ITEM,
    answer_token,
    asks,
    connect,
    problem_of,
)
from tests.channels.walmart.payloads import errors, inventories, inventory, item, items, node, stock
from wholecell.channels.contract import ListingState
from wholecell.channels.walmart import listing_reading

SKUS = [f"S{number:03}" for number in range(120)]


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


def walmart(answers, serve, skus=SKUS):
    """Answer the item list with the rows and next cursor `serve` gives for (cursor, offset); gives what was asked."""
    asked = []

    def answer(request):
        asked.append((request.params["nextCursor"], request.params.get("offset")))
        rows, cursor = serve(*asked[-1])
        return 200, {}, json.dumps(items(*map(item, rows), total=len(skus), cursor=cursor))

    answers.add_callback("GET", ITEMS, callback=answer)
    return asked


def read(shop):
    return [each for page in shop.listings(online_only=False) for each in page.listings]


class TestItemCursors:
    @pytest.fixture(autouse=True)
    def no_stock(self, answers):
        answers.get(INVENTORIES, json=inventories())

    def test_one_that_moves_on(self, shop, answers):
        def serve(cursor, offset):
            start = 0 if cursor == "*" else int(cursor.split("/")[1].rstrip("="))
            return SKUS[start : start + 50], f"c/{start + 50}==" if start + 50 < 120 else None

        asked = walmart(answers, serve)
        assert [each.sku for each in read(shop)] == SKUS
        assert asked == [("*", None), ("c/50==", None), ("c/100==", None)]

    def test_it_is_encoded(self, shop, answers):
        walmart(answers, lambda cursor, offset: (SKUS[:50], "A/b+c==") if cursor == "*" else (SKUS[50:], None))
        read(shop)
        assert "nextCursor=A%2Fb%2Bc%3D%3D&" in answers.calls[-1].request.url

    def test_one_that_stays_and_gives_the_next_page_each_time(self, shop, answers):
        starts = iter((0, 50, 100))

        def serve(cursor, offset):
            start = next(starts)
            return SKUS[start : start + 50], "same"

        asked = walmart(answers, serve)
        assert [each.sku for each in read(shop)] == SKUS
        assert asked == [("*", None), ("same", None), ("same", None)]

    def test_one_that_stays_and_needs_an_offset(self, shop, answers):
        def serve(cursor, offset):
            start = int(offset or 0)
            return SKUS[start : start + 50], "same"

        asked = walmart(answers, serve)
        assert list(dict.fromkeys(each.sku for each in read(shop))) == SKUS
        assert asked == [("*", None), ("same", None), ("same", "50"), ("same", "100")]

    def test_no_more_is_read_than_there_is(self, shop, answers):
        asked = walmart(answers, lambda cursor, offset: (SKUS, "more"))
        read(shop)
        assert len(asked) == 1

    @pytest.mark.parametrize("rows", [[], SKUS[:50]])
    @pytest.mark.parametrize("moves", [True, False])
    def test_going_in_circles_ends(self, shop, answers, rows, moves):
        asked = []

        def serve(cursor, offset):
            asked.append(cursor)
            return rows, f"c{len(asked)}" if moves else "same"

        walmart(answers, serve)
        read(shop)
        assert len(asked) <= 4

    def test_one_repeated_page_does_not_end_the_reading(self, shop, answers):
        pages = iter(((SKUS[:50], "a"), (SKUS[:50], "b"), (SKUS[50:], None)))
        walmart(answers, lambda cursor, offset: next(pages))
        assert {each.sku for each in read(shop)} == set(SKUS)

    def test_more_pages_than_the_count_needs_end(self, shop, answers):
        asked = []

        def serve(cursor, offset):
            asked.append(cursor)
            return [f"N{len(asked)}"], f"c{len(asked)}"

        walmart(answers, serve)
        read(shop)
        assert len(asked) == 13

    def test_more_than_an_offset_reaches_is_told(self, shop, answers):
        many = [f"M{number:05}" for number in range(10_050)]

        def serve(cursor, offset):
            start = int(offset or 0)
            return many[start : start + 50], "same"

        walmart(answers, serve, many)
        pages = list(shop.listings(online_only=False))
        assert len({each.sku for page in pages for each in page.listings}) == 10_000
        assert "no more than 10,000 items" in pages[-1].unreadable[0]

    def test_a_cursor_that_died_is_an_error_and_keeps_the_earlier_pages(self, shop, answers):
        answers.get(ITEMS, json=items(item("A"), total=90, cursor="c"), match=[asks(nextCursor="*")])
        answers.get(ITEMS, json=errors("INVALID_CURSOR", "Cursor expired"), status=400)
        reading = shop.listings(online_only=False)
        assert next(reading).total == 90
        assert "Cursor expired" in problem_of(lambda: next(reading)).message

    def test_a_last_page_that_is_not_there_is_the_end(self, shop, answers):
        answers.get(ITEMS, json=items(item("A"), total=90, cursor="c"), match=[asks(nextCursor="*")])
        answers.get(ITEMS, json=NO_ITEM, status=404)
        assert [each.sku for each in read(shop)] == ["A"]

    def test_no_items(self, shop, answers):
        answers.get(ITEMS, json=NO_ITEM, status=404)
        assert read(shop) == []

    def test_a_404_in_other_words_is_an_error(self, shop, answers):
        answers.get(ITEMS, body="<html>Not found</html>", status=404)
        assert "HTTP 404 without an explanation" in problem_of(lambda: read(shop)).message

    @pytest.mark.parametrize(
        "body", [errors("X", "Not now"), {"errors": {"error": [{"code": "X", "info": "Not now"}]}}]
    )
    def test_a_200_with_errors_is_one(self, shop, answers, body):
        answers.get(ITEMS, json=body)
        assert "Not now" in problem_of(lambda: read(shop)).message

    @pytest.mark.parametrize("body", ["", "<html>", "[]", "{}"])
    def test_an_answer_that_is_no_list(self, shop, answers, body):
        answers.get(ITEMS, body=body)
        assert "could not be understood" in problem_of(lambda: read(shop)).message

    def test_online_only_is_asked_of_walmart(self, shop, answers):
        wanted = {"nextCursor": "*", "limit": 50, "lifecycleStatus": "ACTIVE", "publishedStatus": "PUBLISHED"}
        answers.get(ITEMS, json=items(item("A")), match=[responses.matchers.query_param_matcher(wanted)])
        assert [len(page.listings) for page in shop.listings(online_only=True)] == [1]


class TestQuantities:
    def test_pages_are_read_until_the_cursor_is_missing_however_short(self, shop, answers):
        pages = {
            None: inventories(stock("A", node(5, 4)), cursor="c2"),
            "c2": inventories(cursor="c3"),
            "c3": inventories(stock("B", node(0))),
        }
        answers.add_callback(
            "GET", INVENTORIES, lambda request: (200, {}, json.dumps(pages[request.params.get("nextCursor")]))
        )
        answers.get(ITEMS, json=items(item("A"), item("B"), item("C")))
        before = datetime.now(UTC)
        (page,) = shop.listings(online_only=False)
        assert [(each.quantity, each.sellable) for each in page.listings] == [(5, 4), (0, 0), (None, None)]
        assert page.listings[1].state is ListingState.OUT_OF_STOCK
        assert before <= page.as_of <= datetime.now(UTC)

    def test_a_cursor_that_never_ends(self, shop, answers):
        answers.get(INVENTORIES, json=inventories(stock("A", node(5)), cursor="same"))
        answers.get(ITEMS, json=items(item("A")))
        assert [each.quantity for each in read(shop)] == [5]
        assert sum(call.request.url.startswith(INVENTORIES) for call in answers.calls) <= 4

    def test_of_several_ship_nodes_the_default_one_is_read(self, shop, answers):
        answers.get(INVENTORIES, json=inventories(stock("A B", node(5), node(9, name="2")), stock("C", node(1))))
        answers.get(ITEMS, json=items(item("A B"), item("C")))
        answers.get(INVENTORY, json=inventory("A B", 5))
        assert [(each.quantity, each.sellable) for each in read(shop)] == [(5, None), (1, 1)]
        assert answers.calls[-1].request.url == f"{INVENTORY}?sku=A%20B"

    def test_one_of_several_nodes_that_cannot_be_read_has_no_number(self, shop, answers):
        answers.get(INVENTORIES, json=inventories(stock("A", node(5), node(9, name="2"))))
        answers.get(ITEMS, json=items(item("A")))
        answers.get(INVENTORY, json=errors("X", "No"), status=400)
        assert [each.quantity for each in read(shop)] == [None]

    def test_long_lists_are_heard_of_in_between(self, shop, answers, monkeypatch):
        monkeypatch.setattr(listing_reading, "LONGEST_SILENCE", -1.0)
        pages = {None: inventories(stock("A", node(5)), cursor="c2"), "c2": inventories(stock("B", node(5)))}
        answers.add_callback(
            "GET", INVENTORIES, lambda request: (200, {}, json.dumps(pages[request.params.get("nextCursor")]))
        )
        answers.get(ITEMS, json=items(item("A"), item("B")))
        calls = []
        for page in shop.listings(online_only=False):
            calls.append((len(answers.calls), len(page.listings)))
        assert calls == [(2, 0), (3, 0), (4, 2)], "after the token: a call for each draw"

    def test_no_inventories(self, shop, answers):
        answers.get(INVENTORIES, json=errors("CONTENT_NOT_FOUND.GMP_INVENTORY_API"), status=404)
        answers.get(ITEMS, json=items(item("A")))
        assert [each.quantity for each in read(shop)] == [None]

    @pytest.mark.parametrize(("status", "body"), [(200, "[]"), (200, "<html>"), (400, "{}"), (404, "")])
    def test_inventories_that_cannot_be_read(self, shop, answers, status, body):
        answers.get(INVENTORIES, body=body, status=status)
        problem_of(lambda: read(shop))
