"""Signing in on eBay's own pages: the address of the page, and what the code that comes back is traded for.

eBay publishes no document of this; it is as its guide "The authorization code grant flow" says.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from wholecell.channels.contract import (
    AccessToken,
    CredentialsError,
    SharedState,
    SignIn,
    TemporaryError,
)
from wholecell.channels.ebay.settings import IDENTITY_HOSTS, SIGN_IN_HOSTS, site_of
from wholecell.channels.ebay.values import block, text
from wholecell.channels.http import Content, HttpClient, Response, plain
from wholecell.channels.own_state import OwnState
from wholecell.channels.values import hidden, sentence

LABEL = "eBay"
TOKEN_PATH = "/identity/v1/oauth2/token"
USER_PATH = "/commerce/identity/v1/user/"
TOKEN_LIVES = 7200  # seconds, where an answer does not say
RENEWED_BEFORE = timedelta(minutes=4)  # besides the minute that a token is good for at least when it is used
REFRESH_LIVES = 47_304_000
LONGEST_LIFE = 10 * 365 * 24 * 3600  # of a token, that is believed
RETRY = 5.0
REFERENCES = ("rlogid", "x-ebay-c-request-id")  # eBay's own numbers of a call
SCOPES = tuple(
    f"https://api.ebay.com/oauth/api_scope{name}"
    for name in ("", "/sell.inventory", "/sell.fulfillment", "/sell.account.readonly", "/commerce.identity.readonly")
)
# A renewal that eBay refuses with one of these will never work again.
NO_MORE = frozenset({"invalid_grant", "access_denied", "invalid_scope"})
KEYS = frozenset({"invalid_client", "unauthorized_client"})

REFUSED = "eBay refused an access token that it had just given out."
SIGN_IN_AGAIN = "Sign in to eBay again on the Details tab."
ENTER_KEYS = "Enter the App ID, Cert ID and RuName of your app first: they serve all your eBay logins."
CHECK_KEYS = "Check the App ID and the Cert ID of your app: they must be of the environment that you connect to."


def page(login: Mapping[str, str], state: str, back: str, base_url: str) -> str:
    """The address of eBay's page. `back` is not told: eBay has it under the RuName that is sent instead."""
    host = SIGN_IN_HOSTS.get(base_url, base_url)
    query = {
        "client_id": login["client_id"],
        "redirect_uri": login["ru_name"],
        "response_type": "code",
        "scope": " ".join(SCOPES),
        "state": state,
        "locale": site_of(login).locale,
    }
    return f"{host}/oauth2/authorize?{urlencode(query)}"


def redeem(login: Mapping[str, str], code: str, back: str, base_url: str) -> Mapping[str, str]:
    """Trade the code for the refresh token, and ask whose it is.

    Raises CredentialsError, also when it is not the seller that this login was of, and TemporaryError.
    """
    began = datetime.now(UTC)
    tokens = Tokens(login, base_url, OwnState())
    answer = tokens.ask({"grant_type": "authorization_code", "code": code, "redirect_uri": login["ru_name"]})
    refresh_token = answer.get("refresh_token")
    if not isinstance(refresh_token, str) or not refresh_token:
        raise TemporaryError("eBay signed you in, but gave no refresh token.", advice="Sign in once more.")
    user = whose(login, str(answer["access_token"]), base_url)
    check_same(login, user)
    lives = _seconds(answer.get("refresh_token_expires_in"), REFRESH_LIVES)
    return {
        "refresh_token": refresh_token,
        "refresh_token_ends": (began + timedelta(seconds=lives)).date().isoformat(),
        **user,
    }


def whose(login: Mapping[str, str], access_token: str, base_url: str) -> dict[str, str]:
    """Ask who signed in: `user_id`, which stays, and `user_name`, which people may change."""
    http = HttpClient(
        IDENTITY_HOSTS.get(base_url, base_url),
        {"Accept": "application/json", "Accept-Language": site_of(login).locale},
        OwnState(),
        label=LABEL,
        retry_after=RETRY,
        refused=REFUSED,
        advice=SIGN_IN_AGAIN,
        reference_headers=REFERENCES,
    )
    return user_of(http.request("GET", USER_PATH, headers={"Authorization": f"Bearer {access_token}"}))


def user_of(response: Response) -> dict[str, str]:
    """Read whose login it is. Raises TemporaryError when the answer does not say."""
    user = block(response.json)
    user_id = text(user.get("userId"), 100)
    if not response.is_ok or not user_id:
        raise TemporaryError("eBay did not say whose account this is.", reference=response.reference)
    return {"user_id": user_id, "user_name": text(user.get("username"), 100)}


def check_same(login: Mapping[str, str], user: Mapping[str, str]) -> None:
    """Raise CredentialsError when a login of one seller now is another's; a new user name is the same seller."""
    before = login.get("user_id", "")
    if before and before != user["user_id"]:
        name, now = login.get("user_name") or before, user["user_name"] or user["user_id"]
        raise CredentialsError(
            f"You signed in to eBay as {now}, but this integration belongs to {name}.",
            advice=f"Sign in as {name}, or connect {now} as an integration of its own.",
        )


class Tokens:
    """Asks for tokens with the keys of an app."""

    def __init__(self, login: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`login` has the values of the app, and of a seller once there are any."""
        self._login = login
        keys = b64encode(f"{login.get('client_id', '')}:{login.get('client_secret', '')}".encode()).decode()
        self._http = HttpClient(
            base_url,
            {"Accept": "application/json", "Authorization": f"Basic {keys}"},
            state,
            label=LABEL,
            retry_after=RETRY,
            refused="eBay refused the App ID or the Cert ID of your app.",
            advice=CHECK_KEYS,
            reference_headers=REFERENCES,
        )

    def renew(self) -> AccessToken:
        """Fetch an access token. No new refresh token comes along. Raises CredentialsError or TemporaryError."""
        if not self._login.get("refresh_token"):
            raise CredentialsError("Nobody has signed in to eBay yet.", advice=SIGN_IN_AGAIN)
        began = datetime.now(UTC)
        answer = self.ask({"grant_type": "refresh_token", "refresh_token": self._login["refresh_token"]})
        lives = timedelta(seconds=_seconds(answer.get("expires_in"), TOKEN_LIVES))
        return AccessToken(str(answer["access_token"]), began + max(lives - RENEWED_BEFORE, lives / 2))

    def ask(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        """Ask for a token; the answer holds one."""
        if not (self._login.get("client_id") and self._login.get("client_secret")):
            raise CredentialsError("The keys of your app at eBay are missing.", advice=ENTER_KEYS)
        content = Content("application/x-www-form-urlencoded", urlencode(form).encode())
        try:
            response = self._http.request("POST", TOKEN_PATH, content=content)
        except TemporaryError as error:
            error.maybe_applied = False  # of what the token was wanted for nothing was sent
            raise
        answer = block(response.json)
        token = answer.get("access_token")
        if response.is_ok and isinstance(token, str) and token:
            return answer
        raise self._refusal(response, answer, form)

    def _refusal(
        self, response: Response, answer: Mapping[str, Any], form: Mapping[str, str]
    ) -> CredentialsError | TemporaryError:
        code, reference = text(answer.get("error"), 80), response.reference
        words = plain(answer.get("error_description") or code or f"HTTP {response.status} without an explanation")
        words = hidden(words, self._login["client_secret"], form.get("refresh_token"), form.get("code"))
        if code in KEYS:
            said = sentence(f"eBay refused the keys of your app: {words}")
            return CredentialsError(said, advice=CHECK_KEYS, reference=reference)
        if code in NO_MORE and form["grant_type"] == "authorization_code":
            said = sentence(f"eBay did not take the code of the sign-in: {words}")
            advice = "A code works once and for five minutes: sign in once more. See also whether the RuName is right."
            return CredentialsError(said, advice=advice, reference=reference)
        if code in NO_MORE:
            # It also ends early: when the seller revokes it or changes the user name.
            said = sentence(f"eBay does not accept the sign-in any more: {words}")
            return CredentialsError(said, advice=SIGN_IN_AGAIN, reference=reference)
        return TemporaryError(sentence(f"eBay gave no access token: {words}"), retry_after=RETRY, reference=reference)


SIGN_IN = SignIn(page, redeem)


def _seconds(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LONGEST_LIFE else default
