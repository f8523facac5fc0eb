"""A long reading of old orders, over many runs, and what changes meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.channels.amazon.adapter import ORDERS, answer_token, connect, problem_of, with_token
from tests.channels.amazon.payloads import order, orders
from tests.channels.amazon.test_order_reading import (
    OPEN,
    PLACED,
    Limited,
    answer_pages,
    read,
    searches,
    without_token,
)
from wholecell.channels.amazon import order_bookmark
from wholecell.channels.contract import WaitingError


class TestNews:
    """While a long second window is read, what changes meanwhile must not stay unknown."""

    def first_read_then_stopped(self, answers, monkeypatch):
        ids, state, found = answer_pages(answers, 9), Limited(9 + 2), []
        read(connect(state), OPEN)
        problem_of(lambda: read(connect(state), PLACED, found), WaitingError)
        monkeypatch.setattr(order_bookmark, "NEWS_EVERY", timedelta(0))
        answers.reset()
        answer_token(answers)
        return ids, state, found

    @pytest.mark.parametrize("is_looked_for", [True, False])
    def test_what_changed_is_read_now_and_then(self, answers, monkeypatch, is_looked_for):
        ids, state, found = self.first_read_then_stopped(answers, monkeypatch)
        if not is_looked_for:
            monkeypatch.setattr(order_bookmark, "NEWS_EVERY", timedelta(hours=9))
        answers.get(ORDERS, json=orders(order(50)), match=[without_token])
        answers.get(ORDERS, json=orders(order(3), token="t4"), match=[with_token("t3")])
        state.searches = 2 if is_looked_for else 1
        assert read(connect(state), OPEN) == ([order(50)["orderId"]] if is_looked_for else [])
        problem_of(lambda: read(connect(state), PLACED, found), WaitingError)
        assert found == ids[:3], "the other window goes on where it was"
        if is_looked_for:
            asked = searches(answers)[0]
            ago = datetime.now(UTC) - datetime.fromisoformat(asked["lastUpdatedAfter"])
            assert timedelta(minutes=11) < ago < timedelta(minutes=13)
            assert not {"createdAfter", "fulfillmentStatuses"} & asked.keys()

    def test_news_of_several_pages_get_through_one_search_at_a_time(self, answers, monkeypatch):
        ids, state, found = self.first_read_then_stopped(answers, monkeypatch)
        answers.get(ORDERS, json=orders(order(50), token="n2"), match=[without_token])
        answers.get(ORDERS, json=orders(order(51)), match=[with_token("n2")])
        answers.get(ORDERS, json=orders(order(3), token="t4"), match=[with_token("t3")])
        news = []
        for _ in range(2):
            state.searches = 1
            problem_of(lambda: [read(connect(state), OPEN, news), read(connect(state), PLACED, found)], WaitingError)
        assert news == [order(50)["orderId"], order(51)["orderId"]]
        monkeypatch.setattr(order_bookmark, "NEWS_EVERY", timedelta(minutes=15))
        state.searches = 1
        problem_of(lambda: [read(connect(state), OPEN, news), read(connect(state), PLACED, found)], WaitingError)
        assert (len(news), found) == (2, ids[:3])
