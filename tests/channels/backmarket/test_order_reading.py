"""Orders read from the sandbox over a real socket, and single odd answers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import responses

from tests.channels.backmarket.adapter import FIRST_PAGE, ORDERS, SECOND_PAGE, connect, problem_of
from tests.channels.backmarket.payloads import order, page
from tests.engine_world import LOGIN
from tests.oas import needs_spec, specs_folder, validating
from wholecell.channels.backmarket.client import BackMarket
from wholecell.channels.contract import OrderWindow
from wholecell.channels.own_state import OwnState
from wholecell.sandbox import Sandbox

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
OPEN = OrderWindow(is_open_only=True)
SPEC = "backmarket/back-market-openapi.yml"


@pytest.fixture
def shop():
    return connect()


def sold(sandbox, count):
    """So many orders at the sandbox; their ids."""
    for limit in sandbox.shop.account("backmarket").limits.values():
        limit.most = None
    offer = {"grade": "GOOD", "price": "99.90", "currency": "USD", "quantity": count}
    sandbox.shop.seed_backmarket([{"sku": "S0", "title": "Phone", **offer}])
    return [str(sandbox.shop.sell("backmarket", sku="S0").id) for _ in range(count)]


def read(pages):
    return [each.external_id for found in pages for each in found.orders]


def link(sandbox):
    return BackMarket(LOGIN, sandbox.base_url("backmarket"), OwnState())


@needs_spec(SPEC)
def test_all_calls_about_orders_fit_the_document():
    checkers = []

    def wrap(app):
        checkers.append(validating(app, specs_folder() / SPEC, "/backmarket"))
        return checkers[0]

    with Sandbox(wrap=wrap) as sandbox:
        ids = sold(sandbox, 60)
        connector = link(sandbox)
        assert sorted(read(connector.orders(OPEN))) == ids
        since = datetime.now(UTC) - timedelta(days=1)
        for window in (OrderWindow(changed_since=since), OrderWindow(placed_since=since)):
            assert sorted(read(connector.orders(window))) == ids
        assert read(connector.orders_by_id([ids[3], "5"])) == [ids[3]]
        assert checkers[0].complaints == []


@pytest.mark.parametrize("dates", ["any", "rfc3339", "plain"])
def test_the_form_of_dates_that_an_account_takes_is_found_and_remembered(dates):
    with Sandbox() as sandbox:
        ids = sold(sandbox, 2)
        sandbox.shop.account("backmarket").settings["dates"] = dates
        connector, since = link(sandbox), datetime.now(UTC) - timedelta(hours=1)
        for _ in range(2):
            assert sorted(read(connector.orders(OrderWindow(changed_since=since)))) == ids
        refused = [call for call in sandbox.shop.calls if call.status == 422]
        assert len(refused) == (dates == "plain")


@pytest.mark.parametrize("fault", ["repeated_page", "shifting_page"])
def test_rows_that_shift_while_paging_lose_no_order(fault):
    with Sandbox() as sandbox:
        ids = sold(sandbox, 120)
        sandbox.shop.faults.add(fault)
        assert set(read(link(sandbox).orders(OPEN))) == set(ids)


def test_orders_that_leave_the_list_meanwhile_hide_no_others():
    with Sandbox() as sandbox:
        ids = sold(sandbox, 60)
        found = []
        for page in link(sandbox).orders(OPEN):
            if not found:
                for key in ids[-10:]:
                    sandbox.shop.cancel_line("backmarket", int(key))
            found += read([page])
        assert set(found) == set(ids)


def test_a_form_refused_both_ways_is_an_error_not_a_circle(shop, answers):
    body = {"errors": [{"code": "Ws.OrderList.WrongDateFormat", "message": "Wrong date format"}]}
    answers.get(ORDERS, json=body, status=422)
    assert "Wrong date format" in problem_of(lambda: list(shop.orders(OrderWindow(changed_since=NOW)))).message
    assert len(answers.calls) == 2


def test_times_are_sent_in_utc(shop, answers):
    query = responses.matchers.query_param_matcher(
        {"date_modification": "2026-03-01T09:30:00Z", "page": 1, "page-size": 50}
    )
    answers.get(ORDERS, json=page(order(1)), match=[query])
    local = NOW.astimezone(ZoneInfo("Asia/Tokyo"))
    assert read(shop.orders(OrderWindow(changed_since=local))) == ["1"]


def test_open_orders_are_asked_for_by_their_three_states(shop, answers):
    for state in (1, 3, 10):
        query = responses.matchers.query_param_matcher({"state": state, "page": 1, "page-size": 50})
        answers.get(ORDERS, json=page(order(state, state=state)), match=[query])
    assert read(shop.orders(OPEN)) == ["1", "3", "10"]


def test_a_last_page_that_went_away_is_the_end(shop, answers):
    answers.get(ORDERS, json=page(order(1), count=51, more=True), match=[FIRST_PAGE])
    answers.get(ORDERS, json={"error": {"message": "Invalid page."}}, status=404, match=[SECOND_PAGE])
    assert set(read(shop.orders(OrderWindow(changed_since=NOW)))) == {"1"}


def test_going_in_circles_ends(shop, answers):
    answers.get(ORDERS, json=page(order(1), count=10**6, more=True))
    list(shop.orders(OrderWindow(changed_since=NOW)))
    assert len(answers.calls) <= 6


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"count": 1}'])
def test_an_answer_that_is_no_list_is_an_error(shop, answers, body):
    answers.get(ORDERS, body=body)
    assert "could not be understood" in problem_of(lambda: list(shop.orders(OPEN))).message


@pytest.mark.parametrize("body", ["null", '"text"', "[1]", '{"state": 1}'])
def test_a_single_answer_that_is_no_order_is_kept_as_it_came(shop, answers, body):
    answers.get(f"{ORDERS}/1", body=body)
    (found,) = shop.orders_by_id(["1"])
    assert found.orders == []
    assert (found.unreadable[0].external_id, found.unreadable[0].payload) == ("1", body)


def test_an_order_that_is_refused_by_its_id_does_not_stop_the_others(shop, answers):
    answers.get(f"{ORDERS}/1", json={"error": {"message": "Not now"}}, status=400)
    answers.get(f"{ORDERS}/2", json=order(2))
    first, second = shop.orders_by_id(["1", "2"])
    assert "Not now" in first.unreadable[0].reason
    assert read([second]) == ["2"]


def test_to_accept_is_what_the_order_says(shop, answers):
    answers.get(f"{ORDERS}/1", json=order(1, state=1))
    answers.get(f"{ORDERS}/3", json=order(3))
    assert [each.is_to_accept for found in shop.orders_by_id(["1", "3"]) for each in found.orders] == [True, False]
