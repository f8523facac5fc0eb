import json

import pytest
import responses

from tests.channels.backmarket.adapter import LISTINGS, connect, problem_of
from tests.channels.backmarket.payloads import SETTINGS, example, listing, listing_id, page
from wholecell.channels.contract import CredentialsError, ListingState

ONE = f"{LISTINGS}/{listing_id(1)}"


@pytest.fixture
def shop():
    return connect()


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
