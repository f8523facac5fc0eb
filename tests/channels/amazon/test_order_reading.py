"""Reading orders: what is asked, page by page, over runs that have to stop at the limit of searches."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import responses

from tests.channels.amazon.adapter import ORDERS, answer_token, connect, problem_of, with_token
from tests.channels.amazon.payloads import errors, order, orders
from wholecell.channels.amazon import order_bookmark
from wholecell.channels.amazon.limits import GET_ORDER, SEARCH_ORDERS
from wholecell.channels.amazon.order_bookmark import NOTE, Bookmark
from wholecell.channels.amazon.order_reading import TOLD_AFTER
from wholecell.channels.contract import CredentialsError, OrderWindow, WaitingError
from wholecell.channels.own_state import OwnState

SINCE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
CHANGED = OrderWindow(changed_since=SINCE)
OPEN = OrderWindow(is_open_only=True)
PLACED = OrderWindow(placed_since=SINCE)


class Limited(OwnState):
    """Gives so many searches, then asks to wait."""

    def __init__(self, searches):
        super().__init__()
        self.searches = searches

    def take(self, limit, units=1):
        if limit is SEARCH_ORDERS:
            if not self.searches:
                raise WaitingError("Amazon allows 1 order search every 3 minutes.", retry_after=179)
            self.searches -= 1


def pages_of(count):
    """Plan so many pages of one order each, whatever the window; returns the ids."""
    return [order(number)["orderId"] for number in range(1, count + 1)]


def answer_pages(planned, count):
    answer_token(planned)
    for number in range(count, 0, -1):
        following = f"t{number + 1}" if number < count else None
        match = [with_token(f"t{number}")] if number > 1 else [without_token]
        planned.get(ORDERS, json=orders(order(number), token=following), match=match)
    return pages_of(count)


def without_token(request):
    return "paginationToken" not in request.params, "a token came along"


def read(shop, window, into=None):
    found = [] if into is None else into
    for page in shop.orders(window):
        found += [each.external_id for each in page.orders]
    return found


def searches(answers):
    return [call.request.params for call in answers.calls if call.request.url.startswith(ORDERS)]


class TestQuestions:
    @pytest.mark.parametrize(
        ("window", "asked"),
        [
            (CHANGED, {"lastUpdatedAfter": "2026-03-01T09:30:00Z", "fulfilledBy": "MERCHANT"}),
            (PLACED, {"createdAfter": "2026-03-01T09:30:00Z", "fulfilledBy": "MERCHANT"}),
            (
                OrderWindow(changed_since=SINCE, with_channel_fulfilled=True),
                {"lastUpdatedAfter": "2026-03-01T09:30:00Z"},
            ),
        ],
    )
    def test_each_window_is_asked_for_as_documented(self, answers, window, asked):
        answer_pages(answers, 1)
        read(connect(), window)
        assert searches(answers) == [
            {
                "marketplaceIds": "ATVPDKIKX0DER",
                "maxResultsPerPage": "100",
                "includedData": "FULFILLMENT,RECIPIENT,BUYER,PROCEEDS,CANCELLATION,PACKAGES",
                **asked,
            }
        ]

    def test_the_open_ones_are_asked_for_by_their_states_two_years_back(self, answers):
        answer_pages(answers, 1)
        read(connect(), OPEN)
        (asked,) = searches(answers)
        assert asked["fulfillmentStatuses"] == "PENDING_AVAILABILITY,PENDING,UNSHIPPED,PARTIALLY_SHIPPED"
        back = datetime.now(UTC) - datetime.fromisoformat(asked["createdAfter"])
        assert timedelta(days=725) < back < timedelta(days=730)
        assert "lastUpdatedAfter" not in asked

    @pytest.mark.parametrize("window", [OrderWindow(placed_since=datetime(2001, 1, 1, tzinfo=UTC))])
    def test_no_further_back_than_amazon_knows_of(self, answers, window):
        answer_pages(answers, 1)
        read(connect(), window)
        assert datetime.now(UTC) - datetime.fromisoformat(searches(answers)[0]["createdAfter"]) < timedelta(days=730)

    def test_every_page_repeats_the_question(self, answers):
        assert answer_pages(answers, 3) == read(connect(), OPEN)
        first, *others = searches(answers)
        assert [{**first, "paginationToken": token} for token in ("t2", "t3")] == others


class TestStopping:
    def test_a_reading_goes_on_where_the_limit_stopped_it(self, answers):
        ids, state, found = answer_pages(answers, 3), Limited(2), []
        before = datetime.now(UTC)
        problem = problem_of(lambda: read(connect(state), CHANGED, found), WaitingError)
        after = datetime.now(UTC)
        assert problem.retry_after == 179
        state.searches = 9
        (last,) = connect(state).orders(CHANGED)
        assert found + [each.external_id for each in last.orders] == ids
        first = last.reading_began_at + TOLD_AFTER
        assert (last.page, before <= first <= after) == (3, True)
        assert last.began_at > first

    def test_pages_that_were_not_stored_are_read_again(self, answers):
        ids, state = answer_pages(answers, 3), Limited(9)
        reading = connect(state).orders(CHANGED)
        next(reading)
        second = next(reading)
        reading.close()  # the process ended before it was stored
        assert [second.orders[0].external_id, *read(connect(state), CHANGED)] == [ids[1], ids[1], ids[2]]

    @pytest.mark.parametrize(
        ("name", "ago"), [("lastUpdatedBefore", 120), ("createdBefore", 300), ("lastUpdatedBefore", 0), ("", 120)]
    )
    def test_a_reading_holds_no_more_than_up_to_the_end_that_amazon_names(self, answers, name, ago):
        end = datetime.now(UTC) - timedelta(seconds=ago)
        answer_token(answers)
        answers.get(ORDERS, json=orders(order(1)) | ({name: end.isoformat()} if name else {}))
        (page,) = connect().orders(CHANGED)
        assert abs(page.reading_began_at - end) < timedelta(seconds=5)
        assert page.reading_began_at <= page.began_at

    @pytest.mark.parametrize("end", ["", "soon", "1970-01-01T00:00:00Z", 7, None])
    def test_an_end_that_cannot_be_is_taken_as_the_documented_one(self, answers, end):
        answer_token(answers)
        answers.get(ORDERS, json=orders(order(1)) | {"lastUpdatedBefore": end})
        (page,) = connect().orders(CHANGED)
        assert page.began_at - page.reading_began_at == TOLD_AFTER

    def test_read_to_the_end_the_next_one_begins_anew(self, answers):
        ids, state = answer_pages(answers, 2), OwnState()
        assert read(connect(state), CHANGED) == ids
        assert read(connect(state), CHANGED) == ids

    def test_a_mark_of_another_window_is_of_no_use(self, answers):
        ids, state = answer_pages(answers, 3), Limited(1)
        problem_of(lambda: read(connect(state), CHANGED), WaitingError)
        state.searches = 9
        assert read(connect(state), OrderWindow(changed_since=SINCE + timedelta(minutes=5))) == ids

    def test_an_old_mark_is_of_no_use(self, answers):
        ids, state = answer_pages(answers, 3), Limited(1)
        problem_of(lambda: read(connect(state), CHANGED), WaitingError)
        note = json.loads(state.recall(NOTE))
        note["present"]["began"] = (datetime.now(UTC) - timedelta(hours=23, minutes=1)).isoformat()
        state.remember(NOTE, json.dumps(note))
        state.searches = 9
        assert read(connect(state), CHANGED) == ids

    @pytest.mark.parametrize("note", ["", "{", "[]", '{"present": {"key": "x"}}', '{"present": {}, "done": null}'])
    def test_an_odd_note_is_of_no_use(self, answers, note):
        ids, state = answer_pages(answers, 2), OwnState()
        state.remember(NOTE, note)
        assert read(connect(state), CHANGED) == ids

    def test_a_token_too_long_to_be_kept_only_costs_the_goes_on(self, answers):
        answer_token(answers)
        long = "t" * 5000
        answers.get(ORDERS, json=orders(order(2)), match=[with_token(long)])
        answers.get(ORDERS, json=orders(order(1), token=long), match=[without_token])
        state = OwnState()
        assert read(connect(state), CHANGED) == pages_of(2)
        assert len(state.recall(NOTE)) <= order_bookmark.LONGEST_NOTE

    def test_the_same_token_again_is_the_end(self, answers):
        answer_token(answers)
        answers.get(ORDERS, json=orders(order(1), token="again"))
        assert len(read(connect(), CHANGED)) == 2

    def test_the_open_ones_go_on_from_the_same_time(self, answers, monkeypatch):
        answer_pages(answers, 2)
        state = Limited(1)
        problem_of(lambda: read(connect(state), OPEN), WaitingError)
        monkeypatch.setattr(order_bookmark, "OLDEST", timedelta(days=100))
        state.searches = 9
        read(connect(state), OPEN)
        first, second = searches(answers)
        assert first["createdAfter"] == second["createdAfter"]


class TestTwoWindows:
    """An import that stops within its second window begins with its first again."""

    def test_what_was_read_to_its_end_costs_no_search_again(self, answers):
        ids, state, found = answer_pages(answers, 3), Limited(4), []
        before = datetime.now(UTC)
        read(connect(state), CHANGED)
        after = datetime.now(UTC)
        problem_of(lambda: read(connect(state), PLACED, found), WaitingError)
        for _ in range(2):  # a run for each search that comes free
            state.searches = 1
            (nothing,) = connect(state).orders(CHANGED)
            assert (nothing.orders, before <= nothing.reading_began_at + TOLD_AFTER <= after) == ((), True)
            try:
                read(connect(state), PLACED, found)
            except WaitingError:
                continue
        assert found == ids

    def test_without_that_the_second_never_gets_a_turn(self, answers, monkeypatch):
        plain = Bookmark.open
        never = lambda *args: replace(plain(*args), is_over=False)  # noqa: E731
        monkeypatch.setattr(Bookmark, "open", never)
        ids, state, found = answer_pages(answers, 1), Limited(1), []
        read(connect(state), CHANGED)
        for _ in range(5):
            state.searches = 1
            problem_of(lambda: [read(connect(state), CHANGED), read(connect(state), PLACED, found)], WaitingError)
        assert ids and found == []

    def test_stopped_before_its_first_page_the_second_goes_on_too(self, answers):
        answer_pages(answers, 3)
        state = Limited(3)
        read(connect(state), CHANGED)
        problem_of(lambda: read(connect(state), PLACED), WaitingError)
        state.searches = 3
        assert read(connect(state), CHANGED) == []
        assert read(connect(state), PLACED) == pages_of(3)

    def test_once_all_are_read_the_first_is_read_again(self, answers):
        ids, state = answer_pages(answers, 1), OwnState()
        for _ in range(2):
            assert [read(connect(state), window) for window in (CHANGED, PLACED)] == [ids, ids]


class TestRefusals:
    def test_a_good_question_that_is_refused_is_asked_again_later(self, answers):
        answer_token(answers)
        answers.get(ORDERS, json=errors("InvalidInput", "includedData is invalid"), status=400)
        problem = problem_of(lambda: read(connect(), CHANGED))
        assert "includedData is invalid" in problem.message
        assert problem.retry_after is None

    def test_a_token_that_is_refused_a_few_times_is_given_up(self, answers):
        answer_token(answers)
        answers.get(ORDERS, json=errors("InvalidInput", "Bad token"), status=400, match=[with_token("t2")])
        answers.get(ORDERS, json=orders(order(1), token="t2"), match=[without_token])
        state = OwnState()
        asked = []
        for _ in range(5):
            problem_of(lambda: read(connect(state), CHANGED))
            asked.append(len(searches(answers)))
        assert asked == [2, 3, 4, 6, 7], "three times the token, then all from the start"

    @pytest.mark.parametrize("body", ["", "<html>", "{}", '{"orders": {}}', json.dumps(errors("X", "No"))])
    def test_an_answer_that_is_none(self, answers, body):
        answer_token(answers)
        answers.get(ORDERS, body=body)
        problem_of(lambda: read(connect(), CHANGED))

    def test_throttled_it_waits_for_the_next_search(self, answers):
        answer_token(answers)
        answers.get(ORDERS, json=errors("QuotaExceeded", "Slow"), status=429)
        assert problem_of(lambda: read(connect(), CHANGED)).retry_after == 179

    def test_a_missing_role(self, answers):
        answer_token(answers)
        answers.get(ORDERS, json=errors("Unauthorized", "No"), status=403)
        problem_of(lambda: read(connect(), CHANGED), CredentialsError)


class TestSingleOrders:
    def test_each_is_a_call_with_the_same_blocks(self, answers):
        taken = []

        class Counting(OwnState):
            def take(self, limit, units=1):
                taken.append(limit)

        answer_token(answers)
        query = responses.matchers.query_param_matcher(
            {"includedData": "FULFILLMENT,RECIPIENT,BUYER,PROCEEDS,CANCELLATION,PACKAGES"}
        )
        answers.get(f"{ORDERS}/A%2F1", json={"order": order(1)}, match=[query])
        (page,) = connect(Counting()).orders_by_id(["A/1"])
        assert (len(page.orders), taken) == (1, [GET_ORDER])

    def test_a_good_question_that_is_refused_is_asked_again_later(self, answers):
        answer_token(answers)
        answers.get(f"{ORDERS}/1", json=errors("InvalidInput", "includedData is invalid"), status=400)
        problem = problem_of(lambda: list(connect().orders_by_id(["1"])))
        assert ("includedData is invalid" in problem.message, problem.retry_after) == (True, None)

    def test_one_that_cannot_be_told_does_not_stop_the_others(self, answers):
        answer_token(answers)
        answers.get(f"{ORDERS}/1", json=errors("InvalidInput", "Bad id"), status=415)
        answers.get(f"{ORDERS}/2", json={"order": order(2)})
        answers.get(f"{ORDERS}/3", json={"order": {"orderItems": []}})
        pages = list(connect().orders_by_id(["1", "2", "3"]))
        assert [len(page.orders) for page in pages] == [0, 1, 0]
        (first,), (), (third,) = (page.unreadable for page in pages)
        assert (first.external_id, third.external_id) == ("1", "3")
        assert "Bad id" in first.reason
