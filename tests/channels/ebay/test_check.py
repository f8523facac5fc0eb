"""The check of a login: who it is, what people should know, and what stops it."""

from zoneinfo import ZoneInfo

import pytest

from tests.channels.ebay.adapter import (
    PRIVILEGE_URL,
    RATES_URL,
    USER_URL,
    answer_trading,
    connect,
    problem_of,
    sent,
)
from tests.channels.ebay.payloads import (
    PRIVILEGE,
    SETTINGS,
    TOKEN,
    TOKEN_URL,
    TRADING_URL,
    USER,
    answer,
    errors,
    example,
    fault,
    trading_example,
)
from tests.oas import needs_spec
from wholecell.channels.contract import CredentialsError, TemporaryError, WaitingError
from wholecell.channels.ebay import limits
from wholecell.channels.own_state import OwnState

CONTROL = "<OutOfStockControlPreference>{}</OutOfStockControlPreference>"
RATE = {"limit": 9000, "remaining": 17, "reset": "2026-11-27T08:00:00.000Z", "timeWindow": 86400}


class Budget:
    """Counts calls of the day, and lets them until `left` is 0; what is urgent goes on until `kept` is."""

    def __init__(self, left=100, kept=10):
        self.left, self.kept, self.learned = left, kept, []

    def take(self, limit, units=1):
        pass

    def spend(self, budget, units=1, *, is_urgent=False):
        assert budget is limits.TRADING
        if self.left > 0:
            self.left -= units
        elif is_urgent and self.kept > 0:
            self.kept -= units
        else:
            raise WaitingError("eBay allows 5,000 calls a day.", retry_after=9000)

    def learn_budget(self, budget, count, left, ends_at):
        self.learned.append((count, left, ends_at))


def answer_login(planned, *, privilege=PRIVILEGE, user=USER, control="true", rates=None):
    planned.post(TOKEN_URL, json=TOKEN)
    planned.get(PRIVILEGE_URL, json=privilege)
    planned.get(USER_URL, json=user)
    planned.get(RATES_URL, json=rates, status=200 if rates else 204)
    answer_trading(planned, "GetUserPreferences", answer("GetUserPreferences", CONTROL.format(control)))


def test_what_people_should_know(answers):
    answer_login(answers, control="false", user=USER | {"username": "new_phones"})
    renamed, limit, control = connect().check()
    assert renamed == "eBay now knows this account as new_phones; it was example_phones."
    assert limit == "eBay's selling limit of this account is 2,500 units and 25,000.00 USD a month."
    assert control.startswith("Out-of-stock control is off") and "Turn it on" in control
    (message,) = sent(answers, "GetUserPreferences")
    assert ("ShowOutOfStockControlPreference", "true") in message


def test_nothing_to_tell(answers):
    answer_login(answers, privilege={"sellerRegistrationCompleted": True})
    assert connect().check() == ("The account at eBay is example_phones.",)


@pytest.mark.parametrize(
    ("planned", "words"),
    [
        ({"privilege": PRIVILEGE | {"sellerRegistrationCompleted": False}}, "not registered as a seller"),
        ({"user": USER | {"userId": "An0ther"}}, "belongs to example_phones"),
    ],
)
def test_what_stops_it(answers, planned, words):
    answer_login(answers, **planned)
    problem = problem_of(connect().check, CredentialsError)
    assert words in problem.message and problem.advice


def test_a_missing_permission_is_not_a_fault_of_the_network(answers):
    answers.post(TOKEN_URL, json=TOKEN)
    answers.get(PRIVILEGE_URL, json=errors(1100, "Access denied"), status=403)
    assert "agree to everything" in problem_of(connect().check, CredentialsError).advice


@needs_spec("ebay/examples")
def test_a_refused_token_is_renewed_once(answers):
    answers.post(TOKEN_URL, json=TOKEN)
    answers.post(TOKEN_URL, json=TOKEN | {"access_token": "second"})
    answers.get(PRIVILEGE_URL, json=example("token_rejected"), status=401)
    answers.get(PRIVILEGE_URL, json=example("privilege"))
    answers.get(USER_URL, json=example("user_individual"))
    answers.get(RATES_URL, json=example("user_rate_limit"))
    answer_trading(answers, "GetUserPreferences", trading_example("get_user_preferences_response"))
    assert [told for told in connect().check() if "control" in told] == []
    headers = [call.request.headers for call in answers.calls if call.request.method == "GET"]
    assert [each["Authorization"] for each in headers[:2]] == [f"Bearer {TOKEN['access_token']}", "Bearer second"]
    assert {each["Accept-Language"] for each in headers} == {"en-US"}


def test_a_sign_in_that_ended_stops_everything(answers):
    answers.post(TOKEN_URL, json={"error": "invalid_grant", "error_description": SETTINGS["refresh_token"]}, status=400)
    problem = problem_of(connect().check, CredentialsError)
    assert "sign-in" in problem.message and "Sign in to eBay again" in problem.advice
    assert "belongs" not in problem_of(connect(refresh_token="").check, CredentialsError).message


class TestBudget:
    def test_what_is_left_is_learned_of_the_scarcest_call(self, answers):
        resources = [
            {"name": "GetItem", "rates": [RATE | {"remaining": 800}, RATE | {"timeWindow": 15, "remaining": 1}]},
            {"name": "ReviseInventoryStatus", "rates": [RATE]},
            {"name": "AddItem", "rates": [RATE | {"remaining": 0}]},
        ]
        rates = {"rateLimits": [{"apiName": "Other", "resources": [{"rates": [RATE]}]}, {"apiName": "TradingAPI"}]}
        rates["rateLimits"][1]["resources"] = resources
        answer_login(answers, rates=rates)
        budget = Budget()
        connect(OwnState(budget)).check()
        assert [found[:2] for found in budget.learned] == [(9000, 17)]

    @pytest.mark.parametrize(("falls", "expected"), [(4000, 1800), (40, 40), (0, 0)])
    def test_pages_that_are_used_up_leave_what_is_kept_for_falls(self, answers, falls, expected):
        resources = [
            {"name": "GetSellerList", "rates": [RATE | {"limit": 0, "remaining": 0}]},  # not ours to call at all
            {"name": "GetMyeBaySelling", "rates": [RATE | {"remaining": 0}]},
            {"name": "ReviseInventoryStatus", "rates": [RATE | {"remaining": falls}]},
        ]
        answer_login(answers, rates={"rateLimits": [{"apiName": "TradingAPI", "resources": resources}]})
        budget = Budget()
        connect(OwnState(budget)).check()
        assert [found[:2] for found in budget.learned] == [(9000, expected)]

    @pytest.mark.parametrize("odd", [{}, {"rateLimits": 7}, {"rateLimits": [{"apiName": "TradingAPI"}]}, []])
    def test_an_answer_that_says_nothing_changes_nothing(self, answers, odd):
        answer_login(answers, rates=odd or {"a": 1})
        budget = Budget()
        connect(OwnState(budget)).check()
        assert budget.learned == []

    def test_it_is_asked_for_once_an_hour_and_nobody_waits_for_it(self, answers):
        answers.post(TOKEN_URL, json=TOKEN)
        answers.get(RATES_URL, json=errors(2003), status=500)
        answer_trading(answers, "GetItem", answer("GetItem", fault("17"), "Failure"))
        connector = connect()
        list(connector.quantities(["1", "2"]))
        assert len([call for call in answers.calls if call.request.url.startswith(RATES_URL)]) == 1

    def test_a_day_that_is_used_up_is_waited_for(self, answers):
        answers.post(TOKEN_URL, json=TOKEN)
        answers.get(RATES_URL, status=204)
        answers.post(TRADING_URL, body=answer("GetItem", fault("518", "Call usage limit reached"), "Failure"))
        budget = Budget()
        problem = problem_of(lambda: list(connect(OwnState(budget)).quantities(["1"])), WaitingError)
        assert "used up" in problem.message and 0 < problem.retry_after <= 26 * 3600
        ((count, left, ends_at),) = budget.learned
        assert (count, left) == (5000, 1000)  # falls are tried all the same
        assert ends_at.astimezone(ZoneInfo("America/Los_Angeles")).hour == 0


class TestTrading:
    def ask(self, planned, *bodies):
        planned.post(TOKEN_URL, json=TOKEN)
        planned.get(RATES_URL, status=204)
        for body in bodies:
            planned.post(TRADING_URL, body=body)
        return lambda: list(connect().quantities(["1"]))

    @needs_spec("ebay/trading")
    def test_an_expired_token_is_renewed_once(self, answers):
        expired = trading_example("response_token_expired")
        good = answer("GetItem", fault("17"), "Failure")
        use = self.ask(answers, expired, good)
        assert use()
        answers.reset()
        assert "sign-in" in problem_of(self.ask(answers, expired), CredentialsError).message

    @pytest.mark.parametrize(
        ("body", "kind", "words"),
        [
            (answer("X", fault("841", "Suspended"), "Failure"), CredentialsError, "has suspended this account"),
            (answer("X", fault("10007", "Internal"), "Failure"), TemporaryError, "fault of its own"),
            (answer("X", fault("5", "Odd", kind="SystemError"), "Failure"), TemporaryError, "fault of its own"),
            (answer("X", fault("21919144", "Too fast"), "Failure"), TemporaryError, "slow down"),
            ("<html><body>Busy", TemporaryError, "no XML that can be read safely"),
            ("", TemporaryError, "no XML that can be read safely"),
            ("{}", TemporaryError, "no XML that can be read safely"),
            ("<a/>", TemporaryError, "does not say whether it was done"),
        ],
    )
    def test_faults_of_the_call(self, answers, body, kind, words):
        problem = problem_of(self.ask(answers, body), kind)
        assert words in problem.message
        assert not getattr(problem, "maybe_applied", False), "it only read"

    @pytest.mark.parametrize(
        "head",
        [
            '<!DOCTYPE a [<!ENTITY b "boom">]>',
            '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd">',
            '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        ],
    )
    def test_a_dtd_is_refused_whatever_it_holds(self, answers, head):
        good = answer("GetItem", fault("17"), "Failure")
        bomb = good.replace("?>", f"?>{head}", 1).replace("No.", "&b;" if "ENTITY b" in head else "No.")
        assert "cannot be" not in problem_of(self.ask(answers, bomb)).message
        answers.reset()
        assert self.ask(answers, good)(), "without it the same is read"

    def test_headers(self, answers):
        self.ask(answers, answer("GetItem", fault("17"), "Failure"))()
        (headers,) = [call.request.headers for call in answers.calls if call.request.url == TRADING_URL]
        assert headers["X-EBAY-API-IAF-TOKEN"] == TOKEN["access_token"]
        assert (headers["X-EBAY-API-SITEID"], headers["X-EBAY-API-COMPATIBILITY-LEVEL"]) == ("0", "1423")
        assert headers["Content-Type"].startswith("text/xml")
