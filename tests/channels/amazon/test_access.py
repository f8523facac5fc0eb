import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from tests.channels.amazon.adapter import (
    ITEMS,
    SELLERS,
    answer_login,
    answer_token,
    connect,
    participation,
    problem_of,
)
from tests.channels.amazon.payloads import HOST, SETTINGS, TOKEN, TOKEN_URL, errors, found, item
from wholecell.channels.amazon import CHANNEL
from wholecell.channels.amazon.limits import PARTICIPATIONS, SEARCH_LISTINGS
from wholecell.channels.contract import CredentialsError
from wholecell.channels.own_state import OwnState

EXPIRED = errors(
    "Unauthorized", "Access to requested resource is denied.", "The access token you provided has expired."
)


def answer_two_tokens(planned):
    """Plan a token, and another for whoever asks again."""
    answer_token(planned)
    answer_token(planned, access_token="Atza|renewed")


class TestToken:
    def test_it_is_asked_for_as_documented_and_sent_with_each_call(self, answers):
        answer_login(answers)
        connect().check()
        ask, first, second = answers.calls
        assert ask.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert {name: values for name, (values,) in parse_qs(ask.request.body.decode()).items()} == {
            "grant_type": "refresh_token",
            **{name: SETTINGS[name] for name in ("refresh_token", "client_id", "client_secret")},
        }
        for call in (first, second):
            headers = call.request.headers
            assert headers["x-amz-access-token"] == TOKEN
            assert headers["User-Agent"].startswith("WholeCell/")
            assert re.fullmatch(r"\d{8}T\d{6}Z", headers["x-amz-date"])
            assert "Authorization" not in headers

    def test_it_is_kept_until_it_ends(self, answers):
        answer_login(answers)
        state = OwnState()
        connect(state).check()
        connect(state).check()
        assert [call.request.url for call in answers.calls].count(TOKEN_URL) == 1
        assert 3590 < (state._token.expires_at - datetime.now(UTC)).total_seconds() <= 3600

    @pytest.mark.parametrize("lives", [0, -1, "soon", None, 10**9])
    def test_one_that_does_not_say_how_long_it_lives_does_so_for_an_hour(self, answers, lives):
        answer_token(answers, expires_in=lives)
        answers.get(SELLERS, json={"payload": [participation()]})
        answers.get(ITEMS, json=found())
        state = OwnState()
        connect(state).check()
        assert state._token.expires_at - datetime.now(UTC) <= timedelta(hours=1)

    @pytest.mark.parametrize("status", [403, 401])
    def test_one_that_ends_in_the_middle_is_renewed_once(self, answers, status):
        answer_two_tokens(answers)
        answers.get(SELLERS, json=EXPIRED, status=status)
        answers.get(SELLERS, json={"payload": [participation()]})
        answers.get(ITEMS, json=found())
        connect().check()
        used = [call.request.headers.get("x-amz-access-token") for call in answers.calls]
        assert used == [None, TOKEN, None, "Atza|renewed", "Atza|renewed"]

    def test_still_refused_it_is_the_roles(self, answers):
        answer_token(answers)
        answers.get(SELLERS, json=errors("Unauthorized", "Access to requested resource is denied."), status=403)
        problem = problem_of(connect().check, CredentialsError)
        assert "Access to requested resource is denied" in problem.message
        assert "Inventory and Order Tracking" in problem.advice
        assert len([call for call in answers.calls if call.request.url == SELLERS]) == 2

    @pytest.mark.parametrize(
        ("status", "error", "words", "advice"),
        [
            (401, "invalid_client", "client id or the client secret", "180 days"),
            (400, "invalid_client", "client id or the client secret", "180 days"),
            (400, "invalid_grant", "refresh token", "authorize the app again"),
            (400, "unauthorized_client", "refresh token", "authorize the app again"),
            (400, "invalid_request", "client id or the client secret", "180 days"),
        ],
    )
    def test_what_a_person_must_put_right(self, answers, status, error, words, advice):
        said = f"Bad {SETTINGS['client_secret']} or {SETTINGS['refresh_token']}"
        answers.post(TOKEN_URL, json={"error": error, "error_description": said}, status=status)
        problem = problem_of(connect().check, CredentialsError)
        assert words in problem.message
        assert advice in problem.advice
        assert len(answers.calls) == 1, "nothing was called without a token"

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (500, ""),
            (503, "<html>"),
            (400, json.dumps({"error": "server_error"})),
            (400, json.dumps({"error": "temporarily_unavailable", "error_description": "Busy"})),
            (429, json.dumps({"error": "SlowDown"})),
            (400, "<html>"),
            (200, ""),
            (200, "{}"),
            (200, json.dumps({"access_token": None})),
            (200, json.dumps({"error": "server_error"})),
        ],
    )
    def test_what_passes_by_itself(self, answers, status, body):
        answers.post(TOKEN_URL, body=body, status=status)
        assert not problem_of(connect().check).maybe_applied

    def test_a_stand_in_gives_tokens_under_its_own_address(self, answers):
        base = "http://127.0.0.1:9000/amazon"
        answers.post(f"{base}/auth/o2/token", json={"access_token": TOKEN, "expires_in": 3600})
        answers.get(f"{base}/sellers/v1/marketplaceParticipations", json={"payload": [participation()]})
        answers.get(f"{base}/listings/2021-08-01/items/{SETTINGS['seller_id']}", json=found())
        CHANNEL.connect(SETTINGS, base, OwnState()).check()


class TestCheck:
    def test_it_asks_for_the_marketplaces_and_then_for_a_listing(self, answers):
        answer_login(answers)
        connect().check()
        query = {"marketplaceIds": "ATVPDKIKX0DER", "pageSize": "1"}
        assert answers.calls[2].request.params == query

    @pytest.mark.parametrize("payload", [[], [participation("A2EUQ1WTGCTBG2")], [participation(isParticipating=False)]])
    def test_a_marketplace_the_seller_is_not_on(self, answers, payload):
        answer_token(answers)
        answers.get(SELLERS, json={"payload": payload})
        problem = problem_of(connect().check, CredentialsError)
        assert problem.message == "This login does not sell on amazon.com."

    def test_suspended_listings_do_not_refuse_the_login_and_are_told_of(self, answers):
        answer_token(answers)
        shop = participation(hasSuspendedListings=True) | {"storeName": "Second Ring"}
        answers.get(SELLERS, json={"payload": [participation("A2EUQ1WTGCTBG2", hasSuspendedListings=True), shop]})
        answers.get(ITEMS, json=found())
        name, suspended = connect().check()
        assert name == "The shop on amazon.com is called Second Ring."
        assert "suspended some of your listings" in suspended and "Account Health" in suspended

    @pytest.mark.parametrize("odd", [None, {}, 7])
    def test_an_account_in_good_order_without_a_name_says_nothing(self, answers, odd):
        answer_token(answers)
        answers.get(SELLERS, json={"payload": [participation() | {"storeName": odd}]})
        answers.get(ITEMS, json=found())
        assert connect().check() == []

    @pytest.mark.parametrize("status", [400, 404])
    def test_a_seller_id_of_nobody(self, answers, status):
        answer_token(answers)
        answers.get(SELLERS, json={"payload": [participation()]})
        answers.get(ITEMS, json=errors("InvalidInput", "Seller not found"), status=status)
        problem = problem_of(connect().check, CredentialsError)
        assert "seller id: Seller not found" in problem.message
        assert "Merchant Token" in problem.advice

    def test_a_seller_id_of_another(self, answers):
        answer_token(answers)
        answers.get(SELLERS, json={"payload": [participation()]})
        answers.get(ITEMS, json=errors("Unauthorized", "Denied"), status=403)
        assert "seller id" in problem_of(connect().check, CredentialsError).advice


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "body", "words"),
        [
            (400, json.dumps(errors("InvalidInput", "Invalid Input", "Bad id")), "Invalid Input (Bad id)"),
            (413, json.dumps(errors("X", "")), "X"),
            (415, "", "HTTP 415 without an explanation"),
            (400, "<?xml version='1.0'?><Error><Code>s3cret</Code></Error>", "HTTP 400 without an explanation"),
            (200, json.dumps(errors("InternalFailure", "We failed")), "We failed"),
            (200, "", "has no payload"),
            (200, "<html>", "has no payload"),
            (200, "[]", "has no payload"),
            (200, json.dumps({"payload": None}), "has no payload"),
            (400, json.dumps({"errors": ["x"]}), "HTTP 400 without an explanation"),
            (500, "<html>", "HTTP 500"),
            (503, "", "HTTP 503"),
        ],
    )
    def test_what_is_none_says_so(self, answers, status, body, words):
        answer_token(answers)
        answers.get(SELLERS, body=body, status=status, headers={"x-amzn-RequestId": "r-1"})
        problem = problem_of(connect().check)
        assert words in problem.message
        assert "r-1" in problem.reference

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({}, 62.5),
            ({"x-amzn-RateLimit-Limit": "0.01"}, 100),
            ({"x-amzn-RateLimit-Limit": "2.0"}, 1),
            ({"x-amzn-RateLimit-Limit": "0"}, 62.5),
            ({"x-amzn-RateLimit-Limit": "none"}, 62.5),
            ({"Retry-After": "7"}, 7),
        ],
    )
    def test_throttled_it_waits_for_a_turn(self, answers, headers, seconds):
        answer_token(answers)
        answers.get(SELLERS, json=errors("QuotaExceeded", "You exceeded your quota"), status=429, headers=headers)
        problem = problem_of(connect().check)
        assert (problem.retry_after, problem.maybe_applied) == (seconds, False)

    def test_secrets_are_hidden_where_an_answer_repeats_them(self, answers):
        answer_token(answers)
        answers.get(SELLERS, json=errors("X", f"No {TOKEN}!"), status=400)
        assert "No •••!." in problem_of(connect().check).message


def test_each_call_takes_its_limit(answers):
    taken = []

    class Counting(OwnState):
        def take(self, limit, units=1):
            taken.append((limit, units))

    answer_login(answers)
    connect(Counting()).check()
    assert taken == [(PARTICIPATIONS, 1), (SEARCH_LISTINGS, 1)]


@pytest.mark.parametrize("limit", CHANNEL.rate_limits, ids=lambda limit: limit.name)
def test_limits_are_told_in_sentences_where_people_wait(limit):
    waits = limit.seconds / limit.count
    assert not limit.says.endswith(".")
    assert limit.says.startswith("Amazon ") or waits <= 45


def test_limits_have_names_of_their_own():
    assert len({limit.name for limit in CHANNEL.rate_limits}) == len(CHANNEL.rate_limits)


def test_a_sku_is_one_part_of_the_path(answers):
    sku = 'A/B % + #C "D" é..,?&='
    answer_token(answers)
    encoded = "A%2FB%20%25%20%2B%20%23C%20%22D%22%20%C3%A9..%2C%3F%26%3D"
    answers.get(f"{ITEMS}/{encoded}", json=item(1, sku=sku))
    assert next(connect().quantities([sku])).quantity == 5
    assert answers.calls[1].request.url.startswith(f"{HOST}/listings/2021-08-01/items/A1B2C3D4E5F6G7/{encoded}?")
