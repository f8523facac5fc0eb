"""The client of API V1 with planned answers: what is sent, and what odd answers come to."""

import json
from datetime import UTC, datetime

import pytest
import responses
from responses.matchers import query_param_matcher

from tests.channels.shipstation.payloads import (
    FULFILLMENTS,
    LOGIN,
    ORDERS,
    PREFIX,
    SHIPMENTS,
    STORES,
    connect,
    label,
    order,
    page,
)
from wholecell.channels.contract import (
    CredentialsError,
    OrderWindow,
    RejectedError,
    TemporaryError,
    WaitingError,
)
from wholecell.channels.own_state import OwnState
from wholecell.channels.shipstation import paging
from wholecell.channels.shipstation.limits import CALLS, limits_of

SINCE = datetime(2026, 7, 1, 17, 30, tzinfo=UTC)


class Turns:
    """Counts turns, and has none left after `most`."""

    def __init__(self, most=10_000):
        self.most, self.taken, self.held = most, 0, []

    def take(self, limit, units=1):
        assert limit is CALLS
        if self.taken >= self.most:
            raise WaitingError("ShipStation allows 40 calls a minute.", retry_after=9)
        self.taken += units

    def hold(self, limit, seconds):
        assert limit is CALLS
        self.held.append(seconds)


def asked(answers, name):
    """The values of one parameter in all calls."""
    return [call.request.params.get(name) for call in answers.calls]


def no_more(answers, *but):
    """The lists of what left are empty, apart from some."""
    for url in {SHIPMENTS, FULFILLMENTS} - set(but):
        answers.get(url, json=page(url.rpartition("/")[2], []))


class TestOrders:
    def test_the_chosen_stores_are_read_and_ours_left_out(self, answers):
        ours = order(3, orderKey=f"{PREFIX}-3")
        fba = order(4, externallyFulfilled=True)
        answers.get(
            ORDERS,
            json=page("orders", [order(1), ours, fba]),
            match=[query_param_matcher({"storeId": 11}, strict_match=False)],
        )
        answers.get(
            ORDERS,
            json=page("orders", [order(2), {}]),
            match=[query_param_matcher({"storeId": 12}, strict_match=False)],
        )
        connector = connect(import_stores="11,12", reference_prefix=PREFIX)
        first, second = connector.orders(OrderWindow(changed_since=SINCE))
        assert [each.external_id for each in first.orders] == ["1"]
        assert [each.external_id for each in second.orders] == ["2"]
        assert len(second.unreadable) == 1 and (first.page, second.page) == (1, 2)
        assert asked(answers, "modifyDateStart") == ["2026-07-01 10:30:00"] * 2
        assert set(asked(answers, "sortDir")) == {"DESC"}
        with_others = list(connector.orders(OrderWindow(changed_since=SINCE, with_channel_fulfilled=True)))
        assert [each.external_id for each in with_others[0].orders] == ["1", "4"]

    def test_without_stores_nothing_is_asked(self, answers):
        assert list(connect().orders(OrderWindow(is_open_only=True))) == []

    def test_open_orders_are_read_again_when_one_left_the_list_meanwhile(self, answers, monkeypatch):
        monkeypatch.setattr(paging, "LARGEST_PAGE", 2)
        rows = [order(number) for number in (1, 2, 3)]
        to_ship = [query_param_matcher({"orderStatus": "awaiting_shipment"}, strict_match=False)]
        answers.get(ORDERS, json=page("orders", rows[:2], pages=2, total=3), match=to_ship)
        answers.get(ORDERS, json=page("orders", [], number=2, pages=1, total=2), match=to_ship)  # 1 left
        answers.get(ORDERS, json=page("orders", rows[1:], total=2), match=to_ship)
        for word in ("awaiting_payment", "on_hold", "pending_fulfillment"):
            answers.get(
                ORDERS, json=page("orders", []), match=[query_param_matcher({"orderStatus": word}, strict_match=False)]
            )
        pages = connect(import_stores="11").orders(OrderWindow(is_open_only=True))
        assert {each.external_id for one in pages for each in one.orders} == {"1", "2", "3"}

    def test_single_orders_and_many(self, answers):
        answers.get(f"{ORDERS}/1", json=order(1))
        answers.get(f"{ORDERS}/2", status=404, json={"Message": "Not found."})
        few = [
            each.external_id for one in connect(import_stores="11").orders_by_id(["1", "2", "x"]) for each in one.orders
        ]
        assert few == ["1"]
        answers.get(ORDERS, json=page("orders", [order(number) for number in range(3, 10)]))
        many = connect(import_stores="11").orders_by_id([str(number) for number in range(1, 9)])
        assert sorted(each.external_id for one in many for each in one.orders) == ["1", *"345678"]


class TestShipments:
    def test_labels_marks_and_voids_are_read(self, answers):
        marked = {
            "fulfillmentId": 8,
            "orderId": 907,
            "orderNumber": "114-7",
            "trackingNumber": "1Z",
            "carrierCode": "ups",
        }
        made = [query_param_matcher({"createDateStart": "2026-07-01 10:30:00"}, strict_match=False)]
        void = [query_param_matcher({"voidDateStart": "2026-07-01 10:30:00"}, strict_match=False)]
        answers.get(SHIPMENTS, json=page("shipments", [label(1), label(2, isReturnLabel=True), {}]), match=made)
        answers.get(FULFILLMENTS, json=page("fulfillments", [marked]), match=made)
        answers.get(SHIPMENTS, json=page("shipments", [label(3, voided=True)]), match=void)
        first, second, third = connect().shipments(SINCE)
        assert [each.reference for each in first.shipments] == [f"{PREFIX}-7"]
        assert len(first.unreadable) == 1
        assert [each.order_external_id for each in second.shipments] == ["907"]
        assert [each.is_voided for each in third.shipments] == [True]
        assert asked(answers, "includeShipmentItems") == ["true", None, "true"]

    def test_pages_0_with_rows_ends_with_a_short_page(self, answers, monkeypatch):
        monkeypatch.setattr(paging, "LARGEST_PAGE", 2)
        no_more(answers, SHIPMENTS)
        for rows in ([label(1), label(2)], [label(3)], []):
            answers.get(SHIPMENTS, json=page("shipments", rows, pages=0, total=0))
        found = [each.external_id for one in connect().shipments(SINCE) for each in one.shipments]
        assert found == ["shipment 1", "shipment 2", "shipment 3"]

    def test_a_poisonous_record_is_left_out_and_said(self, answers, monkeypatch):
        monkeypatch.setattr(paging, "LARGEST_PAGE", 4)
        no_more(answers, SHIPMENTS)
        rows = [label(number) for number in range(1, 11)]

        def answer(request):
            if "voidDateStart" in request.params:
                return 200, {}, json.dumps(page("shipments", []))
            size, number = int(request.params["pageSize"]), int(request.params["page"])
            chosen = rows[(number - 1) * size : number * size]
            if any(row["shipmentId"] == 6 for row in chosen):
                return 500, {}, json.dumps({"Message": "An error has occurred."})
            return 200, {}, json.dumps(page("shipments", chosen, number=number, pages=-(-10 // size), total=10))

        answers.add_callback(responses.GET, SHIPMENTS, answer)
        pages = list(connect().shipments(SINCE))
        found = [each.external_id for one in pages for each in one.shipments]
        assert found == [f"shipment {number}" for number in (1, 2, 3, 4, 5, 7, 8, 9, 10)]
        (said,) = [words for one in pages for words in one.unreadable]
        assert "number 6 of its shipments" in said

    def test_a_server_that_is_down_is_no_poisonous_record(self, answers):
        answers.get(SHIPMENTS, status=500, json={"Message": "An error has occurred."})
        with pytest.raises(TemporaryError):
            list(connect().shipments(SINCE))
        assert len(answers.calls) < 20  # of 40 in a minute

    def test_pages_that_go_in_circles_end(self, answers, monkeypatch):
        monkeypatch.setattr(paging, "LARGEST_PAGE", 2)
        answers.get(SHIPMENTS, json=page("shipments", [label(1), label(2)], pages=0))
        with pytest.raises(TemporaryError, match="circles"):
            list(connect().shipments(SINCE))

    def test_a_reading_that_had_to_wait_goes_on_a_page_before(self, answers, monkeypatch):
        monkeypatch.setattr(paging, "LARGEST_PAGE", 2)
        no_more(answers, SHIPMENTS)
        state = OwnState(turns := Turns(most=3))
        for number in (1, 2, 3):
            rows = [label(number * 2), label(number * 2 + 1)]
            found = page("shipments", rows, number=number, pages=3, total=6)
            answers.get(SHIPMENTS, json=found, match=[query_param_matcher({"page": number}, strict_match=False)])
        turns.most = 2
        with pytest.raises(WaitingError):
            list(connect(state).shipments(SINCE))
        turns.most = 20
        answers.calls.reset()
        first, *_ = connect(state).shipments(SINCE)
        assert asked(answers, "page")[:2] == ["2", "3"]
        assert first.reading_began_at < first.began_at
        answers.calls.reset()
        list(connect(state).shipments(SINCE))
        assert asked(answers, "page")[0] == "1"


class TestCalls:
    def test_the_minute_is_held_when_little_is_left_of_it(self, answers):
        turns = Turns()
        for left in ("3", "2", "none"):
            answers.get(STORES, json=[], headers={"X-Rate-Limit-Remaining": left, "X-Rate-Limit-Reset": "23"})
            connect(OwnState(turns)).stores()
        assert turns.held == [23.0]

    @pytest.mark.parametrize("status", [429, 200, 400, 403])
    def test_too_many_requests_whatever_the_status(self, answers, status):
        turns = Turns()
        answers.get(STORES, status=status, json={"message": "Too Many Requests"}, headers={"X-Rate-Limit-Reset": "23"})
        with pytest.raises(TemporaryError) as caught:
            connect(OwnState(turns)).stores()
        assert (caught.value.retry_after, caught.value.maybe_applied) == (23.0, False)
        assert turns.held == [23.0]

    @pytest.mark.parametrize(("status", "body", "error"), [
        (401, "", CredentialsError),
        (401, '{"Message": "Authorization has been denied for this request."}', CredentialsError),
        (403, '{"Message": "Your plan does not include the API."}', CredentialsError),
        (403, "<html>blocked</html>", TemporaryError),
        (400, '{"Message": "No.", "ModelState": {"key": "the-secret-of-the-shop is odd", "b": [5]}}', RejectedError),
        (404, "", RejectedError),
        (418, "", TemporaryError),
        (200, "", TemporaryError),
        (200, "{}", TemporaryError),
        (200, "[" * 50_000, TemporaryError),
    ])  # fmt: skip
    def test_refusals(self, answers, status, body, error):
        answers.get(STORES, status=status, body=body)
        with pytest.raises(error) as caught:
            connect().stores()
        assert LOGIN["api_secret"] not in caught.value.message
        assert caught.value.message

    def test_the_check_says_which_chosen_stores_are_gone(self, answers):
        row = {"storeId": 11, "storeName": "Web", "marketplaceName": "Shopify", "marketplaceId": 41, "active": True}
        answers.get(STORES, json=[row, {**row, "storeId": 12, "active": False}, {"storeId": None}, None])
        connector = connect(store="12", import_stores="11,13")
        assert len(connector.check()) == 2
        assert [store.title for store in connector.stores()] == ["Web (Shopify)"]
        assert answers.calls[0].request.headers["Authorization"].startswith("Basic ")

    def test_logins_with_one_key_share_its_calls(self):
        assert limits_of(LOGIN) == limits_of({**LOGIN, "api_secret": "another"}) != limits_of({"api_key": "k"})
        assert limits_of({}) == ""
        assert LOGIN["api_key"] not in limits_of(LOGIN)
