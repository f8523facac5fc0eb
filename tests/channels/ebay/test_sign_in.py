"""Signing in: the page, the code, and what eBay says against it."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from responses.matchers import header_matcher
from werkzeug.datastructures import MultiDict

from tests.channels.ebay.adapter import USER_URL, form_is, problem_of
from tests.channels.ebay.payloads import (
    APP,
    HOST,
    SETTINGS,
    TOKEN,
    TOKEN_URL,
    USER,
    example,
    request_of,
)
from tests.oas import needs_spec
from wholecell.channels.contract import CredentialsError, TemporaryError
from wholecell.channels.ebay import CHANNEL, sign_in
from wholecell.channels.ebay.settings import AppForm, LoginForm, login_ends, order_url, place

CODE = "v^1.1#i^1#f^0#p^3#EXAMPLECODE+/="
GIVEN = TOKEN | {"refresh_token": "v^1.1#given", "refresh_token_expires_in": 47_304_000}
REFUSED = {"error": "invalid_grant", "error_description": f"the code {CODE} is invalid"}


def redeem(**login):
    return CHANNEL.sign_in.redeem(APP | {"platform": "production", "site": "us"} | login, CODE, "https://x", HOST)


class TestPage:
    def test_it_is_ebays_own_and_names_the_ru_name_instead_of_an_address(self):
        address = urlsplit(CHANNEL.sign_in.page(SETTINGS, "a state&", "https://we.example/back", HOST))
        assert (address.scheme, address.netloc, address.path) == ("https", "auth.ebay.com", "/oauth2/authorize")
        query = {name: value for name, (value,) in parse_qs(address.query).items()}
        assert query.pop("scope").split(" ") == list(sign_in.SCOPES)
        assert query == {
            "client_id": APP["client_id"],
            "redirect_uri": APP["ru_name"],
            "response_type": "code",
            "state": "a state&",
            "locale": "en-US",
        }
        assert not {APP["client_secret"], SETTINGS["refresh_token"]} & set(str(address))

    @pytest.mark.parametrize(
        ("base", "start"),
        [
            ("https://api.sandbox.ebay.com", "https://auth.sandbox.ebay.com/oauth2/authorize?"),
            ("http://127.0.0.1:5000/ebay", "http://127.0.0.1:5000/ebay/oauth2/authorize?"),
        ],
    )
    def test_elsewhere(self, base, start):
        assert CHANNEL.sign_in.page(SETTINGS, "s", "", base).startswith(start)


class TestRedeem:
    def test_the_code_is_encoded_once_and_the_account_is_kept(self, answers):
        form = {"grant_type": "authorization_code", "code": CODE, "redirect_uri": APP["ru_name"]}
        answers.post(TOKEN_URL, json=GIVEN, match=[form_is(form)])
        bearer = header_matcher({"Authorization": f"Bearer {TOKEN['access_token']}"})
        answers.get(USER_URL, json=USER, match=[bearer])
        found = dict(redeem())
        ends = date.fromisoformat(found.pop("refresh_token_ends"))
        assert ends - datetime.now(UTC).date() in {timedelta(days=547), timedelta(days=548)}
        assert found == {"refresh_token": "v^1.1#given", "user_id": "Ex4mPl3Us3r", "user_name": "example_phones"}
        assert login_ends({"refresh_token_ends": ends.isoformat()}) == ends

    def test_another_seller_than_before_is_refused_and_a_new_name_is_not(self, answers):
        answers.post(TOKEN_URL, json=GIVEN)
        answers.get(USER_URL, json=USER | {"username": "renamed"})
        assert redeem(user_id="Ex4mPl3Us3r", user_name="example_phones")["user_name"] == "renamed"
        problem = problem_of(lambda: redeem(user_id="0ther", user_name="other_phones"), CredentialsError)
        assert "as renamed" in problem.message and "belongs to other_phones" in problem.message
        assert "Sign in as other_phones" in problem.advice

    @pytest.mark.parametrize(
        ("status", "body", "kind", "words"),
        [
            (400, REFUSED, CredentialsError, "did not take the code"),
            (401, {"error": "invalid_client"}, CredentialsError, "refused the App ID or the Cert ID"),
            (400, {"error": "invalid_client"}, CredentialsError, "refused the keys of your app"),
            (400, {"error": "server_error"}, TemporaryError, "gave no access token"),
            (400, None, TemporaryError, "gave no access token"),
            (200, TOKEN, TemporaryError, "no refresh token"),
            (200, {"access_token": ""}, TemporaryError, "gave no access token"),
        ],
    )
    def test_refusals(self, answers, status, body, kind, words):
        answers.post(TOKEN_URL, json=body, status=status)
        problem = problem_of(redeem, kind)
        assert words in problem.message
        assert CODE not in problem.message and APP["client_secret"] not in problem.message
        assert problem.advice or kind is TemporaryError

    def test_whose_it_is_is_not_said(self, answers):
        answers.post(TOKEN_URL, json=GIVEN)
        answers.get(USER_URL, json={})
        assert "whose account" in problem_of(redeem).message

    def test_without_the_keys_of_an_app_nothing_is_called(self, answers):
        assert "are missing" in problem_of(lambda: redeem(client_secret=""), CredentialsError).message
        assert not answers.calls


@needs_spec("ebay/examples")
class TestExamples:
    def test_tokens(self, answers):
        given, form = example("oauth_token_from_code"), request_of("oauth_token_from_code")["form"]
        answers.post(TOKEN_URL, json=given, match=[form_is({**form, "redirect_uri": APP["ru_name"]})])
        answers.get(USER_URL, json=example("user_individual"))
        code = form["code"]
        found = CHANNEL.sign_in.redeem(APP, code, "", HOST)
        assert (found["refresh_token"], found["user_id"]) == (given["refresh_token"], USER["userId"])

    def test_a_renewal_keeps_the_refresh_token_and_is_fresh_for_five_minutes_less(self, answers):
        form = {"grant_type": "refresh_token", "refresh_token": SETTINGS["refresh_token"]}
        answers.post(TOKEN_URL, json=example("oauth_token_refreshed"), match=[form_is(form)])
        tokens = sign_in.Tokens(SETTINGS, HOST, sign_in.OwnState())
        token, now = tokens.renew(), datetime.now(UTC)
        assert token.is_fresh(now + timedelta(minutes=114)) and not token.is_fresh(now + timedelta(minutes=116))

    def test_a_sign_in_that_ended_early(self, answers):
        answers.post(TOKEN_URL, json=example("oauth_invalid_grant"), status=400)
        tokens = sign_in.Tokens(SETTINGS, HOST, sign_in.OwnState())
        problem = problem_of(tokens.renew, CredentialsError)
        assert "does not accept the sign-in any more" in problem.message and "again" in problem.advice


def test_forms():
    assert set(AppForm()._fields) == set(APP)
    assert set(CHANNEL.app_secrets) <= set(APP)
    form = LoginForm(MultiDict({"platform": "production", "site": "us", "inventory_batch": "1", "schema": "1423"}))
    assert form.validate()
    assert form.data == {"platform": "production", "site": "us", "inventory_batch": "1", "schema": "1423"}
    keys = AppForm(MultiDict(APP | {"verification_token": "short", "client_id": "with:colon-in-it"}))
    assert not keys.validate()
    assert set(keys.errors) == {"verification_token", "client_id"}


def test_places():
    assert [place({"site": "gb"}), place({"platform": "sandbox"})] == ["United Kingdom", "eBay's sandbox"]
    assert order_url({"site": "de"}).startswith("https://www.ebay.de/") and "{id}" in order_url({})
    assert login_ends({}) is None and login_ends({"refresh_token_ends": "soon"}) is None
