"""The token, the headers, the permissions of the keys, and what each refusal comes to."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import responses

from tests.channels.walmart.adapter import (
    DETAIL,
    INVENTORY,
    ITEMS,
    ORDER,
    TOKEN_URL,
    answer_login,
    answer_token,
    connect,
    problem_of,
    sku,
)
from tests.channels.walmart.payloads import SETTINGS, TOKEN, detail, errors, inventory, item, items
from wholecell.channels.contract import CredentialsError, Outcome, QuantityChange, RejectedError, WaitingError
from wholecell.channels.own_state import OwnState
from wholecell.channels.walmart import limits

CHANGE = QuantityChange(sku(1), sku(1), 4, is_fall=False)
TWO = {"access_token": "second-token", "token_type": "Bearer", "expires_in": 900}
EXPIRED = errors("UNAUTHORIZED.GMP_GATEWAY_API", "Unauthorized")


@pytest.fixture
def shop():
    return connect()


def calls_to(answers, url):
    return [call.request for call in answers.calls if call.request.url.partition("?")[0] == url]


class TestToken:
    def test_request_is_as_documented(self, shop, answers):
        login = b64encode(f"{SETTINGS['client_id']}:{SETTINGS['client_secret']}".encode()).decode()
        wanted = {
            "Authorization": f"Basic {login}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "WM_SVC.NAME": "Walmart Marketplace",
        }
        answers.post(TOKEN_URL, json=TOKEN, match=[responses.matchers.header_matcher(wanted)])
        answers.get(DETAIL, json=detail())
        answers.get(ITEMS, json=items())
        shop.check()
        (request,) = calls_to(answers, TOKEN_URL)
        assert request.body == b"grant_type=client_credentials"
        assert UUID(request.headers["WM_QOS.CORRELATION_ID"]).version == 4

    def test_every_call_carries_it_and_an_id_of_its_own(self, shop, answers):
        answer_login(answers)
        shop.check()
        requests = [*calls_to(answers, DETAIL), *calls_to(answers, ITEMS)]
        assert [request.headers["WM_SEC.ACCESS_TOKEN"] for request in requests] == [TOKEN["access_token"]] * 2
        assert all("Authorization" not in request.headers for request in requests)
        assert len({UUID(request.headers["WM_QOS.CORRELATION_ID"]) for request in requests}) == 2

    def test_one_is_shared_by_all_who_share_the_login(self, answers):
        state = OwnState()
        answer_login(answers)
        connect(state).check()
        connect(state).check()
        assert len(calls_to(answers, TOKEN_URL)) == 1

    def test_it_is_kept_for_its_15_minutes(self, shop, answers):
        answer_login(answers)
        kept = []
        shop._state.token = lambda fetch: kept.append(fetch()) or kept[-1].text
        before = datetime.now(UTC)
        shop.check()
        assert before + timedelta(seconds=895) < kept[0].expires_at <= datetime.now(UTC) + timedelta(seconds=900)

    def test_one_that_ends_in_the_middle_of_a_run_is_renewed_once(self, shop, answers):
        answer_token(answers)
        answers.post(TOKEN_URL, json=TWO)
        answers.put(INVENTORY, json=EXPIRED, status=401)
        answers.put(INVENTORY, json=inventory(sku(1), 4))
        (result,) = shop.push_quantities([CHANGE])
        assert result.outcome is Outcome.ACCEPTED
        tokens = [request.headers["WM_SEC.ACCESS_TOKEN"] for request in calls_to(answers, INVENTORY)]
        assert tokens == [TOKEN["access_token"], "second-token"]
        assert len(calls_to(answers, TOKEN_URL)) == 2

    def test_one_refused_as_soon_as_given_is_a_matter_of_the_login(self, shop, answers):
        answer_token(answers)
        answers.post(TOKEN_URL, json=TWO)
        answers.get(DETAIL, json=EXPIRED, status=401)
        problem = problem_of(shop.check, CredentialsError)
        assert problem.message == "Walmart refused an access token that it had just given out."
        assert "production keys" in problem.advice
        assert problem.reference.startswith("WM_QOS.CORRELATION_ID ")
        assert len(calls_to(answers, DETAIL)) == 2

    def test_a_secret_revoked_in_the_middle_of_a_run(self, shop, answers):
        answer_token(answers)
        answers.post(TOKEN_URL, json=errors("INVALID_CLIENT", "No such client"), status=401)
        answers.put(INVENTORY, json=EXPIRED, status=401)
        problem = problem_of(lambda: list(shop.push_quantities([CHANGE])), CredentialsError)
        assert problem.message == "Walmart refused the client ID and secret."

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (400, {"error": "invalid_client"}),
            (400, errors("UNAUTHORIZED.GMP_GATEWAY_API", f"Bad pair {SETTINGS['client_secret']}")),
            (403, ""),
        ],
    )
    def test_a_pair_refused_in_other_words(self, shop, answers, status, body):
        answers.post(TOKEN_URL, status=status, **({"json": body} if body else {}))
        assert "client ID and secret" in problem_of(shop.check, CredentialsError).message

    @pytest.mark.parametrize(
        ("status", "body"),
        [(400, "{}"), (404, "<html>"), (200, ""), (200, "{}"), (200, '{"access_token": ""}'), (200, "[]"), (500, "")],
    )
    def test_no_token_for_another_reason_is_tried_again(self, shop, answers, status, body):
        answers.post(TOKEN_URL, body=body, status=status)
        assert not problem_of(lambda: list(shop.push_quantities([CHANGE]))).maybe_applied, "nothing was sent"
        assert calls_to(answers, INVENTORY) == []

    def test_its_own_throttling(self, shop, answers):
        answers.post(TOKEN_URL, status=429, headers={"Retry-After": "30"})
        assert problem_of(shop.check).retry_after == 30

    def test_waiting_for_another_process_that_fetches_it(self, answers):
        class Busy(OwnState):
            def token(self, fetch):
                raise WaitingError("Another process signs in.", retry_after=2)

        with pytest.raises(WaitingError):
            list(connect(Busy()).push_quantities([CHANGE] * 2))


class TestPermissions:
    @pytest.mark.parametrize(
        ("scopes", "missing"),
        [
            ({"orders": "view_only"}, "orders"),
            ({"inventory": "no_access"}, "inventory"),
            ({"feeds": "view_only"}, "feeds"),
            ({"item": "no_access"}, "item"),
            ({"orders": "no_access", "feeds": "no_access"}, "orders and feeds"),
            ({"orders": "x", "inventory": None, "item": "no_access"}, "orders, inventory and item"),
        ],
    )
    def test_keys_that_may_do_too_little_are_refused_by_name(self, shop, answers, scopes, missing):
        answer_token(answers)
        answers.get(DETAIL, json=detail(**scopes))
        problem = problem_of(shop.check, CredentialsError)
        assert f"lack permission for {missing}. They have: " in problem.message
        assert "full access" in problem.advice

    def test_the_message_says_what_the_keys_have(self, shop, answers):
        answer_token(answers)
        answers.get(DETAIL, json=detail(orders="view_only", price="no_access"))
        message = problem_of(shop.check, CredentialsError).message
        assert "item view only, orders view only, inventory full access, feeds full access, price no access" in message

    def test_keys_that_are_not_valid(self, shop, answers):
        answer_token(answers)
        answers.get(DETAIL, json=detail() | {"is_valid": False})
        assert "not valid" in problem_of(shop.check, CredentialsError).message

    def test_an_answer_without_scopes_leaves_it_to_the_reading(self, shop, answers):
        answer_token(answers)
        answers.get(DETAIL, json={"is_valid": True})
        answers.get(ITEMS, json=items(item("A")))
        shop.check()

    def test_a_shop_without_items_passes(self, shop, answers):
        answer_token(answers)
        answers.get(DETAIL, json=detail())
        answers.get(ITEMS, json=errors("CONTENT_NOT_FOUND.GMP_ITEM_QUERY_API"), status=404)
        shop.check()

    @pytest.mark.parametrize("url", [DETAIL, ITEMS])
    @pytest.mark.parametrize("body", ["", "<html>", "[]"])
    def test_answer_that_is_none_proves_nothing(self, shop, answers, url, body):
        answer_token(answers)
        answers.get(url, body=body)
        answers.get(DETAIL, json=detail())
        problem_of(shop.check)


class TestRefusals:
    def test_403_names_the_permission(self, shop, answers):
        answer_token(answers)
        answers.get(ORDER, json=errors("FORBIDDEN", "Orders are not allowed"), status=403)
        problem = problem_of(lambda: shop.accept("7"), CredentialsError)
        assert problem.message == "Walmart says that these keys may not do this: Orders are not allowed"

    @pytest.mark.parametrize("body", ["", "<html>Access denied</html>"])
    def test_403_of_the_network_is_no_matter_of_the_keys(self, shop, answers, body):
        answer_token(answers)
        answers.get(ORDER, body=body, status=403)
        assert "keys are not the cause" in problem_of(lambda: shop.accept("7")).message

    def test_423_is_tried_later(self, shop, answers):
        answer_token(answers)
        answers.put(INVENTORY, json=errors("LOCKED", "The item is locked"), status=423)
        problem = problem_of(lambda: list(shop.push_quantities([CHANGE])))
        assert (problem.message, problem.maybe_applied) == (
            "Walmart has locked this for now: The item is locked",
            False,
        )

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [({}, 10), ({"x-next-replenishment-time": "45"}, 45), ({"Retry-After": "5"}, 5)],
    )
    def test_429_says_when_to_come_back(self, shop, answers, headers, seconds):
        answer_token(answers)
        body = errors("REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API", "Slow down")
        answers.put(INVENTORY, json=body, status=429, headers=headers)
        problem = problem_of(lambda: list(shop.push_quantities([CHANGE])))
        assert (problem.retry_after, problem.maybe_applied) == (seconds, False)

    @pytest.mark.parametrize("status", [500, 503, 504])
    def test_faults_keep_the_id_of_the_call(self, shop, answers, status):
        answer_token(answers)
        answers.put(INVENTORY, status=status)
        problem = problem_of(lambda: list(shop.push_quantities([CHANGE])))
        (request,) = calls_to(answers, INVENTORY)
        assert problem.reference == f"WM_QOS.CORRELATION_ID {request.headers['WM_QOS.CORRELATION_ID']}"
        assert problem.maybe_applied

    def test_secrets_are_hidden_where_an_answer_repeats_them(self, shop, answers):
        answer_token(answers)
        answers.get(ORDER, json=errors("X", f"Bad {SETTINGS['client_secret']}, {TOKEN['access_token']}!"), status=400)
        assert problem_of(lambda: shop.accept("7"), RejectedError).message == "Bad •••, •••!"

    def test_each_call_takes_its_limit(self, answers):
        taken = []

        class Counting(OwnState):
            def take(self, limit, units=1):
                taken.append(limit)

        answer_login(answers)
        connect(Counting()).check()
        assert taken == [limits.TOKENS, limits.TOKEN_DETAILS, limits.ITEMS]
