"""Calls to Amazon's API: the access token, the headers, and what refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from urllib.parse import quote, urlencode

from wholecell.channels.amazon.mapping import Said, said
from wholecell.channels.amazon.settings import HOSTS, MARKETPLACES
from wholecell.channels.contract import (
    AccessToken,
    ChannelError,
    CredentialsError,
    RateLimit,
    SharedState,
    TemporaryError,
)
from wholecell.channels.documents import Documents
from wholecell.channels.http import Content, HttpClient, Response, asked_wait, plain
from wholecell.channels.values import hidden

LABEL = "Amazon"
TOKEN_HOST = "https://api.amazon.com"
TOKEN_PATH = "/auth/o2/token"
USER_AGENT = "WholeCell/1.0 (Language=Python)"
TOKEN_LIVES = 3600
TOKEN_RETRY = 10.0
FILE_HOSTS = ("amazonaws.com",)  # where reports and feeds are kept
IN_PASSING = frozenset({"server_error", "temporarily_unavailable"})
NO_MORE = frozenset({"invalid_grant", "unauthorized_client", "access_denied"})

NEW_SECRET = (
    "A client secret lives for 180 days. In Seller Central under Develop Apps, look at or make anew the LWA "
    "credentials of your app, and enter them here."
)
AUTHORIZE = "In Seller Central under Develop Apps, authorize the app again, and enter the refresh token you get."
ROLES = (
    "Check the seller id and the marketplace, and that the app has the roles Inventory and Order Tracking and Product "
    "Listing. After a change of roles, authorize the app again and enter the new refresh token."
)


class Access:
    """One seller's login in one region, and the marketplace it is used for."""

    def __init__(self, settings: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`settings` are the values of the login form. Where `base_url` is not Amazon's, tokens come from there too."""
        is_stand_in = base_url not in HOSTS.values()
        self.marketplace_id = settings["marketplace"]
        self.marketplace = MARKETPLACES[self.marketplace_id]
        self.seller_id = settings["seller_id"]
        self.state = state
        self.documents = Documents(label=LABEL, suffixes=FILE_HOSTS, beside=base_url if is_stand_in else "")
        self._settings = settings
        self._token = ""  # the last one used: an answer may repeat it
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json"}
        self._http = HttpClient(
            base_url,
            headers,
            state,
            label=LABEL,
            retry_after=1.0,
            wait_of=_wait,
            refused="Amazon refused the access token.",
            advice=AUTHORIZE,
            reference_headers=("x-amzn-RequestId",),
        )
        self._login = HttpClient(
            base_url if is_stand_in else TOKEN_HOST,
            headers,
            state,
            label=LABEL,
            retry_after=TOKEN_RETRY,
            refused="Amazon refused the client id or the client secret.",
            advice=NEW_SECRET,
            reference_headers=("x-amzn-RequestId",),
        )

    @property
    def items_path(self) -> str:
        """Where the seller's listings are."""
        return f"/listings/2021-08-01/items/{quote(self.seller_id, safe='')}"

    def item_path(self, sku: str) -> str:
        """Where one listing is; a SKU may hold any character."""
        return f"{self.items_path}/{quote(sku, safe='')}"

    def call(
        self,
        method: str,
        path: str,
        *limits: RateLimit,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
    ) -> Response:
        """Send one call under these limits. A refused token is renewed, and the call repeated, once.

        Raises TemporaryError, and CredentialsError when it is refused with a new token too.
        """
        answer = self._send(method, path, limits, params, body)
        if isinstance(answer, CredentialsError) or answer.status == 403:
            # 403 stands for a token that ended as well as for a role that the app does not have.
            self.state.drop_token(self._token)
            answer = self._send(method, path, limits, params, body)
        if isinstance(answer, CredentialsError):
            raise answer
        if answer.status == 403:
            said = f"Amazon does not allow this login to do that: {self.words(answer)}"
            raise CredentialsError(sentence(said), advice=ROLES, reference=answer.reference)
        return answer

    def get(self, path: str, limit: RateLimit, key: str, **params: str | int) -> Any:
        """Ask for something and return what stands under `key` of the answer. Raises TemporaryError without it."""
        response = self.call("GET", path, limit, params=params)
        return self.found(response, key)

    def found(self, response: Response, key: str, *, maybe_applied: bool = False) -> Any:
        """Return what stands under `key` of a good answer. Raises TemporaryError for a refusal, and without it."""
        json = response.json
        has_key = isinstance(json, dict) and json.get(key) is not None
        if not response.is_ok or (not has_key and said(json).is_error):
            self.refuse(response)
        if not has_key:
            raise self.unreadable(f"it has no {key}", response, maybe_applied=maybe_applied)
        return json[key]

    def refuse(self, response: Response) -> NoReturn:
        """Raise what a refusal without a meaning of its own comes to."""
        words = f"Amazon did not do what was asked: {self.words(response)}"
        raise TemporaryError(sentence(words), reference=response.reference)

    def unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> ChannelError:
        """The error of an answer that is not as documented."""
        words = f"Amazon's answer could not be understood: {what}."
        return TemporaryError(words, maybe_applied=maybe_applied, reference=response.reference)

    def words(self, response: Response) -> str:
        """What an answer says against what was asked, for people."""
        return self.hide(told(said(response.json))) or f"HTTP {response.status} without an explanation"

    def hide(self, text: str) -> str:
        """A text of Amazon's without our secrets: an answer may repeat what it refuses."""
        return hidden(text, self._settings["client_secret"], self._settings["refresh_token"], self._token)

    def _send(
        self,
        method: str,
        path: str,
        limits: tuple[RateLimit, ...],
        params: Mapping[str, str | int] | None,
        body: object,
    ) -> Response | CredentialsError:
        self._token = self.state.token(self._fetch_token)
        headers = {"x-amz-access-token": self._token, "x-amz-date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")}
        costs = [(limit, 1) for limit in limits]
        try:
            return self._http.request(method, path, params=params, body=body, headers=headers, costs=costs)
        except CredentialsError as error:
            return error

    def _fetch_token(self) -> AccessToken:
        """Fetch an access token. Raises CredentialsError for what only a person can put right."""
        began = datetime.now(UTC)
        response = self._ask_token()
        json: Mapping[str, Any] = response.json if isinstance(response.json, dict) else {}
        token, seconds = json.get("access_token"), json.get("expires_in")
        if response.is_ok and isinstance(token, str) and token:
            lives = seconds if isinstance(seconds, int) and 0 < seconds <= 24 * TOKEN_LIVES else TOKEN_LIVES
            return AccessToken(token, began + timedelta(seconds=lives))
        code = plain(json.get("error") or "", 80)
        words = self.hide(plain(json.get("error_description") or "") or code) or f"HTTP {response.status}"
        if response.is_ok or not code or code in IN_PASSING:
            said = f"Amazon gave no access token: {words}"
            raise TemporaryError(sentence(said), retry_after=TOKEN_RETRY, reference=response.reference)
        if code in NO_MORE:
            said = f"Amazon does not accept the refresh token: {words}"
            raise CredentialsError(sentence(said), advice=AUTHORIZE, reference=response.reference)
        said = f"Amazon refused the client id or the client secret: {words}"
        raise CredentialsError(sentence(said), advice=NEW_SECRET, reference=response.reference)

    def _ask_token(self) -> Response:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._settings["refresh_token"],
            "client_id": self._settings["client_id"],
            "client_secret": self._settings["client_secret"],
        }
        content = Content("application/x-www-form-urlencoded", urlencode(form).encode())
        try:
            return self._login.request("POST", TOKEN_PATH, content=content)
        except TemporaryError as error:
            error.maybe_applied = False  # of what the token was wanted for nothing was sent
            raise


def told(said: Said) -> str:
    """An error body's words as one text."""
    more = f" ({said.details})" if said.details and said.details != said.message else ""
    return f"{said.message or said.code}{more}"


def sentence(text: str) -> str:
    """The text with its full stop."""
    return text if text.endswith(".") else f"{text}."


def _wait(status: int, headers: Mapping[str, str]) -> float | None:
    asked = asked_wait(status, headers)
    if asked is not None or status != 429:
        return asked
    try:
        rate = float(headers.get("x-amzn-RateLimit-Limit", ""))
    except ValueError:
        return None
    # The header is a rate, not a delay: 0.5 a second means wait two seconds.
    return min(max(1 / rate, 1.0), 3600.0) if rate > 0 else None
