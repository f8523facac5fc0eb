import json

import pytest
import responses

from tests.channels.backmarket.adapter import LISTINGS, connect, problem_of
from tests.channels.backmarket.payloads import HOST, SETTINGS, example, listing, listing_id
from wholecell.channels.backmarket import CHANNEL
from wholecell.channels.backmarket.client import BULK_FROM, BULK_LINES, REQUESTS, UPDATES
from wholecell.channels.contract import CredentialsError, Outcome, QuantityChange
from wholecell.channels.own_state import OwnState

ONE = f"{LISTINGS}/{listing_id(1)}"
TASK = f"{HOST}/ws/tasks/1011013"


@pytest.fixture
def shop():
    return connect()


def rise(number, quantity=5, sku=None):
    return QuantityChange(listing_id(number), f"SKU-{number}" if sku is None else sku, quantity, is_fall=False)


def fall(number, quantity=0):
    return QuantityChange(listing_id(number), f"SKU-{number}", quantity, is_fall=True)


def push(shop, *changes):
    return list(shop.push_quantities(changes))


class TestSinglePush:
    def test_only_the_quantity_is_sent(self, shop, answers):
        answers.post(ONE, json=listing(1, quantity=4), match=[responses.matchers.json_params_matcher({"quantity": 4})])
        (result,) = push(shop, rise(1, 4))
        assert (result.outcome, result.stored, result.quantity) == (Outcome.ACCEPTED, 4, 4)

    def test_other_number_stored_is_told(self, shop, answers):
        answers.post(ONE, json=listing(1, quantity=3))
        (result,) = push(shop, rise(1, 4))
        assert (result.outcome, result.stored, result.quantity) == (Outcome.ACCEPTED, 3, 4)

    @pytest.mark.parametrize("status", [400, 422, 409])
    def test_refused(self, shop, answers, status):
        answers.post(ONE, json=example("listing_update_bad_request")["body"], status=status)
        (result,) = push(shop, rise(1))
        assert (result.outcome, result.gone) == (Outcome.REJECTED, False)
        assert result.answer == "currency does not match the market of the listing"
        assert "Try again" in result.advice

    def test_gone(self, shop, answers):
        answers.post(ONE, json=example("listing_not_found")["body"], status=404)
        (result,) = push(shop, rise(1))
        assert (result.outcome, result.gone, result.answer) == (Outcome.REJECTED, True, "Listing not found")

    @pytest.mark.parametrize(
        "body", ["", "<html>", "{}", "[]", json.dumps(listing(2)), json.dumps(listing(1, quantity=-1))]
    )
    def test_200_that_shows_no_number_proves_nothing(self, shop, answers, body):
        answers.post(ONE, body=body)
        assert problem_of(lambda: push(shop, rise(1))).maybe_applied

    def test_too_many_calls(self, shop, answers):
        answers.post(ONE, json=example("rate_limited")["body"], status=429)
        problem = problem_of(lambda: push(shop, rise(1)))
        assert (problem.retry_after, problem.maybe_applied) == (10, False)

    def test_edge_network_refusal_is_not_the_listings_fault(self, shop, answers):
        answers.post(ONE, body="<html>", status=403)
        assert "edge network" in problem_of(lambda: push(shop, rise(1))).message

    def test_cut_after_sending_may_have_been_applied(self, server):
        shop = CHANNEL.connect(SETTINGS, server.url, OwnState())
        assert problem_of(lambda: push(shop, rise(1))).maybe_applied
        assert [request.split(b"\r\n\r\n")[1] for request in server.requests] == [b'{"quantity": 5}']

    def test_it_counts_as_one_request_and_one_update(self, answers):
        taken = []

        class Counting:
            def take(self, limit, units=1):
                taken.append((limit, units))

        answers.post(ONE, json=listing(1))
        push(CHANNEL.connect(SETTINGS, HOST, Counting()), rise(1))
        assert taken == [(REQUESTS, 1), (UPDATES, 1)]


class TestPlan:
    def test_falls_first_and_each_change_alone(self, shop):
        changes = [rise(1), fall(2), rise(3), fall(4, 2)]
        assert [list(group) for group in shop.plan(changes)] == [[fall(2)], [fall(4, 2)], [rise(1)], [rise(3)]]

    def test_few_rises_go_alone(self, shop):
        groups = list(shop.plan([rise(n) for n in range(BULK_FROM - 1)]))
        assert [len(group) for group in groups] == [1] * (BULK_FROM - 1)

    def test_a_first_fill_goes_in_files_within_the_hourly_limit(self, shop):
        changes = [fall(9000), *(rise(n) for n in range(2 * BULK_LINES + 1)), rise(9001, sku="")]
        groups = list(shop.plan(changes))
        assert [len(group) for group in groups] == [1, 1, BULK_LINES, BULK_LINES, 1]
        assert groups[0][0] == fall(9000)
        assert groups[1][0] == rise(9001, sku=""), "a file finds a listing by its SKU only"
        assert UPDATES.burst >= BULK_LINES

    def test_nothing_to_send(self, shop):
        assert list(shop.plan([])) == []
        assert push(shop) == []


class TestBulkPush:
    def test_file_is_pending_under_its_task(self, shop, answers):
        answers.post(LISTINGS, json=example("catalog_bulk_update_started")["body"])
        results = push(shop, rise(1, 4), rise(2, 6))
        assert {(result.outcome, result.receipt) for result in results} == {(Outcome.PENDING, "1011013")}
        assert [(result.external_id, result.quantity) for result in results] == [(listing_id(1), 4), (listing_id(2), 6)]
        assert json.loads(answers.calls[0].request.body) == {
            "catalog": '"sku","quantity"\n"SKU-1","4"\n"SKU-2","6"\n',
            "quotechar": '"',
            "delimiter": ",",
            "encoding": "utf-8",
        }

    def test_it_counts_its_lines(self, answers):
        taken = []

        class Counting:
            def take(self, limit, units=1):
                taken.append((limit, units))

        answers.post(LISTINGS, json={"bodymessage": 7, "statuscode": 200})
        push(CHANNEL.connect(SETTINGS, HOST, Counting()), rise(1), rise(2))
        assert taken == [(REQUESTS, 1), (UPDATES, 2)]

    def test_refused_file_refuses_each(self, shop, answers):
        answers.post(LISTINGS, json="parameter catalog not found", status=400)
        results = push(shop, rise(1), rise(2))
        assert [result.outcome for result in results] == [Outcome.REJECTED] * 2
        assert results[1].answer == "parameter catalog not found"
        assert not results[1].gone

    def test_account_without_files_is_told_what_to_ask_for(self, shop, answers):
        answers.post(LISTINGS, json={"error": {"message": "Channel disabled"}}, status=403)
        first, _ = push(shop, rise(1), rise(2))
        assert (first.outcome, first.answer) == (Outcome.REJECTED, "Channel disabled")
        assert "Ask Back Market to allow" in first.advice

    def test_edge_network_refuses_the_file(self, shop, answers):
        answers.post(LISTINGS, body="<html>", status=403)
        problem_of(lambda: push(shop, rise(1), rise(2)))

    @pytest.mark.parametrize("body", ["", "{}", '{"bodymessage": null}'])
    def test_200_without_a_task_proves_nothing(self, shop, answers, body):
        answers.post(LISTINGS, body=body)
        assert problem_of(lambda: push(shop, rise(1), rise(2))).maybe_applied


class TestOutcomes:
    CHANGES = (rise(1, 4), rise(2, 6), rise(3, 1), rise(4, 2))

    @pytest.mark.parametrize("status", [0, 2, 3, 7])
    def test_unfinished(self, shop, answers, status):
        answers.get(TASK, json={"task_id": 1011013, "action_status": status, "last_action_error": None, "result": {}})
        assert shop.push_outcomes("1011013", self.CHANGES) is None

    def test_task_nobody_knows_waits_for_the_deadline(self, shop, answers):
        answers.get(TASK, status=404)
        assert shop.push_outcomes("1011013", self.CHANGES) is None

    def test_done_is_confirmed_by_reading(self, shop, answers):
        answers.get(TASK, json=example("task_done")["body"])
        answers.get(ONE, json=listing(1, quantity=4))
        answers.get(f"{LISTINGS}/{listing_id(2)}", json=listing(2, quantity=5))
        answers.get(f"{LISTINGS}/{listing_id(3)}", status=404)
        answers.get(f"{LISTINGS}/{listing_id(4)}", json=listing(4, quantity=None))
        results = list(shop.push_outcomes("1011013", self.CHANGES))
        assert [(result.outcome, result.stored, result.quantity, result.gone) for result in results] == [
            (Outcome.ACCEPTED, 4, 4, False),
            (Outcome.ACCEPTED, 5, 6, False),
            (Outcome.REJECTED, None, 1, True),
        ], "the fourth shows no number and stays pending"

    @pytest.mark.parametrize(
        ("why", "answer"),
        [
            ("Task has been interrupted.", "Task has been interrupted."),
            (None, "Back Market could not carry out the update and did not say why."),
            (f"Token {SETTINGS['token']}", "Token •••"),
        ],
    )
    def test_failed(self, shop, answers, why, answer):
        answers.get(TASK, json={"task_id": 1011013, "action_status": 8, "last_action_error": why, "result": {}})
        results = list(shop.push_outcomes("1011013", self.CHANGES))
        assert [(result.outcome, result.answer) for result in results] == [(Outcome.REJECTED, answer)] * 4

    @pytest.mark.parametrize("body", ["", "<html>", "{}"])
    def test_answer_that_is_no_task(self, shop, answers, body):
        answers.get(TASK, body=body)
        problem_of(lambda: shop.push_outcomes("1011013", self.CHANGES))

    def test_refused(self, shop, answers):
        answers.get(TASK, json={"error": {"message": "No"}}, status=403)
        problem_of(lambda: shop.push_outcomes("1011013", self.CHANGES), CredentialsError)
