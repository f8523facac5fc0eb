import json

import pytest
import responses

from tests.channels.backmarket.adapter import LISTINGS, connect
from tests.channels.backmarket.payloads import HOST, SETTINGS, example, listing, listing_id, page
from wholecell.channels.backmarket import CHANNEL
from wholecell.channels.backmarket.client import BULK_FROM, BULK_LINES, REQUESTS, UPDATES
from wholecell.channels.contract import CredentialsError, ListingState, Outcome, QuantityChange, TemporaryError
from wholecell.channels.http import NoLimits

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


def problem_of(call, kind=TemporaryError):
    with pytest.raises(kind) as caught:
        call()
    assert SETTINGS["token"] not in repr(caught.value.__dict__)
    return caught.value


def number_of(request):
    return int(request.params["page"])


def paged(answers, make):
    """Answer each page with what `make` says; return the pages that were asked for."""
    asked = []

    def answer(request):
        asked.append(number_of(request))
        status, body = make(asked[-1])
        return status, {}, json.dumps(body)

    answers.add_callback("GET", LISTINGS, callback=answer)
    return asked


def read_all(shop, *, online_only=False):
    return [record.external_id for found in shop.listings(online_only=online_only) for record in found.listings]


class TestLogin:
    def test_request_is_as_documented(self, shop, answers):
        wanted = {
            "Authorization": "Basic dG9rZW4tb2YtdGhlLXRlc3Q",
            "Accept": "application/json",
            "Accept-Language": "en-us",
            "Content-Type": "application/json",
            "User-Agent": "BM-NorthlineMobile-WholeCell;it@northline.example",
        }
        query = responses.matchers.query_param_matcher({"page": 1, "page-size": 1})
        answers.get(LISTINGS, json=page(count=3), match=[responses.matchers.header_matcher(wanted), query])
        shop.check()

    def test_token_is_refused(self, shop, answers):
        answers.get(LISTINGS, json=example("unauthorized")["body"], status=401)
        problem = problem_of(shop.check, CredentialsError)
        assert problem.message == "Back Market refused the token."
        assert "new token" in problem.advice
        assert problem.reference == "requestId 4a1c77de"

    def test_account_is_no_sellers(self, shop, answers):
        answers.get(LISTINGS, json={"error": {"code": "forbidden", "message": "Not a merchant"}}, status=403)
        problem = problem_of(shop.check, CredentialsError)
        assert "belongs to no seller account: Not a merchant" in problem.message

    @pytest.mark.parametrize(
        "body", ['{"errors": [{"code": "bot-need-challenge", "message": "Forbidden"}]}', "<!doctype html><p>No", ""]
    )
    def test_edge_network_refuses_the_client_not_the_token(self, shop, answers, body):
        answers.get(LISTINGS, body=body, status=403, headers={"cf-ray": "8c1d2e3f-CDG"})
        problem = problem_of(shop.check)
        assert "cf-ray 8c1d2e3f-CDG" in problem.message
        assert "The token is not the cause" in problem.message
        assert not problem.maybe_applied

    @pytest.mark.parametrize("body", ["", "<html>Back soon</html>", "[]", '{"results": []}', '{"count": "x"}', "null"])
    def test_answer_that_is_no_list_proves_nothing(self, shop, answers, body):
        answers.get(LISTINGS, body=body)
        assert "could not be understood" in problem_of(shop.check).message

    def test_other_refusals_keep_the_words(self, shop, answers):
        answers.get(LISTINGS, json={"error": {"message": "Unknown language"}}, status=400)
        assert problem_of(shop.check).message.endswith("Unknown language")

    def test_token_is_hidden_where_an_answer_repeats_it(self, shop, answers):
        answers.get(LISTINGS, json={"error": {"message": f"Bad {SETTINGS['token']}!"}}, status=403)
        assert "Bad •••!" in problem_of(shop.check, CredentialsError).message


class TestListings:
    def test_online_only_is_asked_of_the_channel(self, shop, answers):
        query = responses.matchers.query_param_matcher({"page": 1, "page-size": 50, "publication_state": 2})
        answers.get(LISTINGS, json=page(listing(1)), match=[query])
        assert read_all(shop, online_only=True) == [listing_id(1)]

    def test_all_listings_are_asked_without_a_filter(self, shop, answers):
        query = responses.matchers.query_param_matcher({"page": 1, "page-size": 50})
        answers.get(LISTINGS, json=page(listing(1)), match=[query])
        assert read_all(shop) == [listing_id(1)]

    def test_shifted_rows_repeat_and_reading_goes_on(self, shop, answers):
        rows = {1: (1, 2), 2: (2, 3), 3: (4,)}
        asked = paged(answers, lambda n: (200, page(*map(listing, rows[n]), count=4, more=n < 3)))
        assert read_all(shop) == [listing_id(n) for n in (1, 2, 2, 3, 4)]
        assert asked == [1, 2, 3]

    def test_one_repeated_page_does_not_end_the_reading(self, shop, answers):
        rows = {1: 1, 2: 1, 3: 2}
        asked = paged(answers, lambda n: (200, page(listing(rows[n]), count=150, more=n < 3)))
        assert listing_id(2) in read_all(shop)
        assert asked == [1, 2, 3]

    @pytest.mark.parametrize("rows", [(), (1,)])
    def test_going_in_circles_ends(self, shop, answers, rows):
        asked = paged(answers, lambda n: (200, page(*map(listing, rows), count=10**6, more=True)))
        read_all(shop)
        assert len(asked) <= 3

    def test_more_pages_than_the_count_needs_end(self, shop, answers):
        asked = paged(answers, lambda n: (200, page(listing(n), count=100, more=True)))
        read_all(shop)
        assert asked == list(range(1, 13))

    def test_last_page_that_went_away_is_the_end(self, shop, answers):
        missing = (404, {"error": {"message": "Invalid page."}})
        asked = paged(answers, lambda n: (200, page(listing(1), count=51, more=True)) if n == 1 else missing)
        assert read_all(shop) == [listing_id(1)]
        assert asked == [1, 2]

    def test_missing_first_page_is_an_error(self, shop, answers):
        answers.get(LISTINGS, status=404)
        assert "HTTP 404 without an explanation" in problem_of(lambda: read_all(shop)).message

    def test_fault_on_a_later_page_keeps_the_earlier_ones(self, shop, answers):
        paged(answers, lambda n: (200, page(listing(1), count=99, more=True)) if n == 1 else (500, {}))
        reading = shop.listings(online_only=False)
        assert next(reading).total == 99
        problem_of(lambda: next(reading))


class TestReadings:
    @pytest.mark.parametrize(
        ("status", "body", "words"),
        [
            (400, {"error": {"message": "Not a UUID"}}, "Not a UUID"),
            (200, listing(2), "about another listing"),
            (200, listing(1, quantity=None), "shows no quantity"),
            (200, "nothing", "no listing"),
        ],
    )
    def test_one_that_cannot_be_read_does_not_stop_the_others(self, shop, answers, status, body, words):
        answers.get(ONE, json=body, status=status)
        answers.get(f"{LISTINGS}/{listing_id(2)}", json=listing(2, quantity=8))
        odd, good = shop.quantities([listing_id(1), listing_id(2)])
        assert (odd.quantity, odd.state) == (None, ListingState.NEEDS_ATTENTION)
        assert words in odd.state_reason
        assert (good.quantity, good.state) == (8, ListingState.ACTIVE)

    def test_refused_account_stops_them_all(self, shop, answers):
        answers.get(ONE, json={"error": {"message": "No"}}, status=403)
        problem_of(lambda: list(shop.quantities([listing_id(1)])), CredentialsError)

    def test_readings_come_one_by_one(self, shop, answers):
        answers.get(ONE, json=listing(1))
        assert next(shop.quantities([listing_id(1), listing_id(2)])).quantity == 5
        assert len(answers.calls) == 1

    def test_id_stays_one_part_of_the_path(self, shop, answers):
        answers.get(f"{LISTINGS}/..%2Forders%3Fa", status=404)
        assert next(shop.quantities(["../orders?a"])).state is ListingState.ENDED


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
        shop = CHANNEL.connect(SETTINGS, server.url, NoLimits())
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
