"""The queries of each window, pages by cursor, slices under the ceiling, and single odd answers."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.channels.walmart.adapter import ORDERS, answer_token, asks, connect, problem_of
from tests.channels.walmart.payloads import NO_ORDERS, errors, examples, order, orders
from wholecell.channels.contract import CredentialsError, OrderWindow
from wholecell.channels.walmart import order_reading

NOW = datetime.now(UTC)  # when these tests were read, minutes before some of them run
SINCE = NOW - timedelta(minutes=12)
CHANGED = OrderWindow(changed_since=SINCE)


@pytest.fixture
def shop(answers):
    answer_token(answers)
    return connect()


def read(pages):
    return [each.external_id for page in pages for each in page.orders]


def queries(answers):
    return [call.request.params for call in answers.calls if call.request.url.startswith(ORDERS)]


def moment(text):
    return datetime.fromisoformat(text)


class TestQueries:
    def test_of_what_changed(self, shop, answers):
        answers.get(ORDERS, json=NO_ORDERS, status=404)
        read(shop.orders(OrderWindow(changed_since=SINCE.astimezone(ZoneInfo("Asia/Tokyo")))))
        (query,) = queries(answers)
        created = moment(query.pop("createdStartDate"))
        assert timedelta(days=179) <= datetime.now(UTC) - created < timedelta(days=180)
        assert query == {
            "shipNodeType": "SellerFulfilled",
            "lastModifiedStartDate": SINCE.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "limit": "200",
            "productInfo": "false",
            "replacementInfo": "true",
        }

    def test_of_open_orders_by_status(self, shop, answers):
        for word, number in (("Created", 1), ("Acknowledged", 2)):
            answers.get(ORDERS, json=orders(order(number)), match=[asks(status=word)])
        assert read(shop.orders(OrderWindow(is_open_only=True))) == ["1", "2"]
        assert all(NOW - moment(query["createdStartDate"]) > timedelta(days=178) for query in queries(answers))

    def test_of_what_walmart_ships_too(self, shop, answers):
        mine, theirs = order(1), order(2) | {"shipNode": None}
        answers.get(ORDERS, json=orders(mine), match=[asks(shipNodeType="SellerFulfilled")])
        answers.get(ORDERS, json=orders(theirs), match=[asks(shipNodeType="WFSFulfilled")])
        window = OrderWindow(changed_since=SINCE, with_channel_fulfilled=True)
        found = [each for page in shop.orders(window) for each in page.orders]
        assert [(each.external_id, each.is_fulfilled_by_channel) for each in found] == [("1", False), ("2", True)]

    def test_of_what_was_placed_since_lately(self, shop, answers):
        answers.get(ORDERS, json=NO_ORDERS, status=404)
        read(shop.orders(OrderWindow(placed_since=SINCE)))
        (query,) = queries(answers)
        assert query["createdStartDate"] == SINCE.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert "createdEndDate" not in query
        assert "lastModifiedStartDate" not in query

    @pytest.mark.parametrize("days", [100, 5000])
    def test_of_what_was_placed_long_ago_in_slices_that_leave_no_gap(self, shop, answers, days):
        answers.get(ORDERS, json=NO_ORDERS, status=404)
        read(shop.orders(OrderWindow(placed_since=datetime.now(UTC) - timedelta(days=days))))
        asked = queries(answers)
        assert len(asked) == (4 if days == 100 else 6)
        oldest = datetime.now(UTC) - timedelta(days=min(days, 179))
        assert abs(moment(asked[0]["createdStartDate"]) - oldest) < timedelta(minutes=1)
        for one, following in zip(asked, asked[1:], strict=False):
            assert moment(following["createdStartDate"]) < moment(one["createdEndDate"])
        assert "createdEndDate" not in asked[-1]


class TestPages:
    CURSOR = "?limit=200&hasMoreElements=true&soIndex=3&status=Created&createdEndDate=2019-10-24T17:41:15.701Z"

    def test_the_cursor_is_used_unchanged(self, shop, answers):
        answers.get(ORDERS + self.CURSOR, json=orders(order(3), total=3))
        answers.get(ORDERS, json=orders(order(1), order(2), total=3, cursor=self.CURSOR), match=[asks(limit=200)])
        pages = list(shop.orders(CHANGED))
        assert read(pages) == ["1", "2", "3"]
        assert [(page.page, page.total) for page in pages] == [(1, 3), (2, 3)]
        assert answers.calls[-1].request.url == ORDERS + self.CURSOR

    def test_codes_within_it_are_not_encoded_again(self, shop, answers):
        cursor = "?c=a%2Fb%3D%3D&d=x+y%20z"
        answers.get(ORDERS + cursor, json=orders(order(3), total=3))
        answers.get(ORDERS, json=orders(order(1), order(2), total=3, cursor=cursor), match=[asks(limit=200)])
        read(shop.orders(CHANGED))
        assert answers.calls[-1].request.url == ORDERS + cursor

    @pytest.mark.parametrize("cursor", ["limit=200", "https://evil.example/v3?x", "@evil.example/?x", "/v3/items?x"])
    def test_another_cursor_is_not_followed(self, shop, answers, cursor):
        answers.get(ORDERS, json=orders(order(1), total=300, cursor=cursor))
        assert "no query string" in problem_of(lambda: read(shop.orders(CHANGED))).message
        assert len(queries(answers)) == 1

    @pytest.mark.parametrize("cursor", [None, ""])
    def test_none_is_the_last_page(self, shop, answers, cursor):
        answer = orders(order(1))
        answer["list"]["meta"]["nextCursor"] = cursor
        answers.get(ORDERS, json=answer)
        assert read(shop.orders(CHANGED)) == ["1"]

    @pytest.mark.parametrize("status", [404, 200])
    def test_no_orders(self, shop, answers, status):
        answers.get(ORDERS, json=NO_ORDERS, status=status)
        assert read(shop.orders(CHANGED)) == []

    def test_orders_beside_the_words_that_there_are_none_are_not_lost(self, shop, answers):
        answers.get(ORDERS, json=orders(order(1)) | NO_ORDERS)
        problem_of(lambda: read(shop.orders(CHANGED)))

    def test_an_empty_list_is_no_orders_too(self, shop, answers):
        answers.get(ORDERS, json=orders())
        assert read(shop.orders(CHANGED)) == []

    @pytest.mark.parametrize("body", ["", "<html>Not found</html>", json.dumps(errors("NO_SUCH_URL"))])
    def test_a_404_in_other_words_is_an_error(self, shop, answers, body):
        answers.get(ORDERS, body=body, status=404)
        problem_of(lambda: read(shop.orders(CHANGED)))

    @pytest.mark.parametrize(
        "body",
        [
            errors("X", "Not now"),
            {"list": {"errors": [{"code": "X", "description": "Not now"}], "meta": {}, "elements": {}}},
            {"error": [{"code": "X", "description": "Not now"}]},
        ],
    )
    def test_a_200_with_errors_is_one(self, shop, answers, body):
        answers.get(ORDERS, json=body)
        assert "Not now" in problem_of(lambda: read(shop.orders(CHANGED))).message

    @pytest.mark.parametrize("body", ["", "<html>", "[]", "{}", '{"list": {}}'])
    def test_an_answer_that_is_no_list(self, shop, answers, body):
        answers.get(ORDERS, body=body)
        assert "could not be understood" in problem_of(lambda: read(shop.orders(CHANGED))).message

    def test_a_missing_permission(self, shop, answers):
        answers.get(ORDERS, json=errors("FORBIDDEN", "No orders"), status=403)
        problem_of(lambda: read(shop.orders(CHANGED)), CredentialsError)

    def test_going_in_circles_is_an_error_that_keeps_what_was_read(self, shop, answers):
        answers.get(ORDERS, json=orders(order(1), total=9, cursor="?same"))
        reading = shop.orders(CHANGED)
        assert read([next(reading), next(reading)]) == ["1", "1"]
        assert "circles" in problem_of(lambda: next(reading)).message

    @pytest.mark.parametrize("total", [1, 9])
    def test_pages_without_anything_new_end(self, shop, answers, total):
        def answer(request):
            return 200, {}, json.dumps(orders(order(1), total=total, cursor=f"?c={len(queries(answers))}"))

        answers.add_callback("GET", ORDERS, callback=answer)
        if total == 1:
            assert set(read(shop.orders(CHANGED))) == {"1"}
        else:
            assert "circles" in problem_of(lambda: read(shop.orders(CHANGED))).message
        assert len(queries(answers)) == order_reading.STALE_PAGES + 1

    def test_the_way_to_a_next_page_counts_more_than_the_count(self, shop, answers):
        answers.get(f"{ORDERS}?next", json=orders(order(2), total=1))
        answers.get(ORDERS, json=orders(order(1), total=1, cursor="?next"), match=[asks(limit=200)])
        assert read(shop.orders(CHANGED)) == ["1", "2"]

    def test_fewer_than_counted_are_read_once_more(self, shop, answers):
        answers.get(ORDERS, json=orders(order(1), total=2))
        answers.get(ORDERS, json=orders(order(2), total=2))
        assert read(shop.orders(CHANGED)) == ["1", "2"]

    def test_counts_that_never_agree_end(self, shop, answers):
        answers.get(ORDERS, json=orders(order(1), total=2))
        read(shop.orders(CHANGED))
        assert len(queries(answers)) == order_reading.MOST_PASSES

    def test_pages_come_one_by_one(self, shop, answers):
        answers.get(ORDERS, json=orders(order(1), total=9, cursor="?c"))
        before = datetime.now(UTC)
        page = next(shop.orders(CHANGED))
        assert len(queries(answers)) == 1
        assert before <= page.began_at <= datetime.now(UTC)

    def test_the_example_of_the_document_is_followed(self, shop, answers):
        (example,) = examples("orders", "getAllReleasedOrders")
        cursor = example["list"]["meta"]["nextCursor"]
        answers.get(ORDERS, json=example, match=[asks(limit=200)])
        answers.get(ORDERS + cursor, json=NO_ORDERS, status=404)
        found = shop._pages(
            order_reading._Slice({"shipNodeType": "SellerFulfilled"}, datetime.now(UTC) - timedelta(seconds=30))
        )
        assert len(next(found).page.orders) == len(example["list"]["elements"]["order"])
        next(found)
        assert answers.calls[-1].request.url == ORDERS + cursor


class TestCeiling:
    def test_more_than_one_query_gives_is_cut_until_it_fits(self, shop, answers):
        placed = {datetime.now(UTC) - timedelta(hours=number): number for number in range(1, 300)}

        def answer(request):
            start = moment(request.params["createdStartDate"])
            end = moment(request.params["createdEndDate"]) if "createdEndDate" in request.params else datetime.now(UTC)
            inside = [order(number) for at, number in placed.items() if start < at < end]
            is_too_many = len(inside) > 100
            return 200, {}, json.dumps(orders(*inside, total=10_001 if is_too_many else len(inside)))

        answers.add_callback("GET", ORDERS, callback=answer)
        found = read(shop.orders(CHANGED))
        assert sorted(set(found), key=int) == [str(number) for number in range(1, 300)]
        assert len(queries(answers)) > 3

    def test_a_list_that_counts_nothing_is_cut_before_its_ceiling(self, shop, answers, monkeypatch):
        monkeypatch.setattr(order_reading, "MOST_ORDERS", 600)
        asked = []

        def answer(request):
            if "createdEndDate" in request.params or asked.count("half"):
                asked.append("half")
                return 404, {}, json.dumps(NO_ORDERS)
            asked.append("page")
            found = orders(order(len(asked)), cursor=f"?page={len(asked)}")
            del found["list"]["meta"]["totalCount"]
            return 200, {}, json.dumps(found)

        answers.add_callback("GET", ORDERS, callback=answer)
        assert read(shop.orders(CHANGED)) == ["1", "2"]
        assert asked == ["page", "page", "page", "half", "half"]

    def test_a_refusal_to_give_so_many_is_cut_too(self, shop, answers):
        def answer(request):
            if "createdEndDate" not in request.params and len(queries(answers)) == 0:
                return 400, {}, json.dumps(errors("INVALID_REQUEST", "You cannot download more than 10000 orders"))
            return 404, {}, json.dumps(NO_ORDERS)

        answers.add_callback("GET", ORDERS, callback=answer)
        assert read(shop.orders(CHANGED)) == []
        assert len(queries(answers)) == 3

    def test_a_refusal_that_only_sounds_so_ends(self, shop, answers):
        answers.get(ORDERS, json=errors("INVALID_REQUEST", "limit must not exceed 100"), status=400)
        assert "exceed" in problem_of(lambda: read(shop.orders(CHANGED))).message
        assert len(queries(answers)) < 25

    def test_a_minute_is_not_cut(self, shop, answers):
        answers.get(ORDERS, json=orders(order(1), total=10_001))
        assert set(read(shop.orders(OrderWindow(placed_since=datetime.now(UTC) - timedelta(seconds=90))))) == {"1"}


class TestSingle:
    def test_wrapped_or_not_and_encoded(self, shop, answers):
        answers.get(f"{ORDERS}/1", json={"order": order(1)})
        answers.get(f"{ORDERS}/..%2F2%3Fa", json=order(2))
        assert read(shop.orders_by_id(["1", "../2?a"])) == ["1", "2"]

    def test_one_that_is_gone_is_left_out(self, shop, answers):
        answers.get(f"{ORDERS}/1", json=NO_ORDERS, status=404)
        answers.get(f"{ORDERS}/2", json=order(2))
        assert [len(page.orders) for page in shop.orders_by_id(["1", "2"])] == [0, 1]

    def test_a_404_in_other_words_does_not_mean_gone(self, shop, answers):
        answers.get(f"{ORDERS}/1", body="<html>", status=404)
        problem_of(lambda: read(shop.orders_by_id(["1"])))

    @pytest.mark.parametrize("status", [400, 200])
    def test_one_that_is_refused_does_not_stop_the_others(self, shop, answers, status):
        answers.get(f"{ORDERS}/1", json=errors("X", "Not now"), status=status)
        answers.get(f"{ORDERS}/2", json=order(2))
        first, second = shop.orders_by_id(["1", "2"])
        assert (first.unreadable[0].external_id, "Not now" in first.unreadable[0].reason) == ("1", True)
        assert read([second]) == ["2"]

    def test_walmarts_own_fault_stops_them(self, shop, answers):
        answers.get(f"{ORDERS}/1", json=errors("SYSTEM_ERROR", "Oops", category="SYSTEM"), status=400)
        problem_of(lambda: read(shop.orders_by_id(["1"])))

    @pytest.mark.parametrize("body", ["null", '"text"', "[1]", '{"order": {"x": 1}}'])
    def test_an_answer_that_is_no_order_is_kept(self, shop, answers, body):
        answers.get(f"{ORDERS}/1", body=body)
        (found,) = shop.orders_by_id(["1"])
        assert found.unreadable[0].external_id == "1"
        assert found.unreadable[0].payload
