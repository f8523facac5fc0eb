"""Calls to ShipStation's API V1: the login of every call, its limit of calls, and what each refusal comes to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import NoReturn

from wholecell.channels.contract import CredentialsError, RejectedError, SharedState, TemporaryError
from wholecell.channels.http import HttpClient, Response, asked_wait
from wholecell.channels.shipstation.answers import calls_left, is_throttled, reset_of, told
from wholecell.channels.shipstation.limits import CALLS, KEPT_FREE
from wholecell.channels.values import hidden

NEW_KEYS = (
    "Copy API Key and API Secret from ShipStation under Settings, Account, API Settings, for version V1, and enter "
    "them here. A key of version V2 does not work there."
)
TRY_AGAIN = "Correct it, then try again."
A_MINUTE = 60.0


class Calls:
    """One key, and what every call with it has in common."""

    def __init__(self, login: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`login` are the values of the login form."""
        self._secrets = (login["api_secret"], login["api_key"])
        self.state = state
        both = f"{login['api_key']}:{login['api_secret']}".encode()
        self._http = HttpClient(
            base_url,
            {"Accept": "application/json", "Authorization": f"Basic {b64encode(both).decode()}"},
            state,
            label="ShipStation",
            limits=[CALLS],
            retry_after=A_MINUTE,
            wait_of=self._heard,
            refused="ShipStation refused the API key and secret.",
            advice=NEW_KEYS,
        )

    def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Response:
        """Read something. Raises TemporaryError and CredentialsError; a 400 or 404 is the caller's to judge."""
        return self._checked(self._http.request("GET", path, params=params), is_write=False)

    def send(self, method: str, path: str, body: object = None) -> Response:
        """Change something; as `get`, and the errors say whether it may have been done."""
        headers = {} if body is not None else {"Content-Type": "application/json"}  # wanted of a call without any, too
        return self._checked(self._http.request(method, path, body=body, headers=headers), is_write=True)

    def refuse(self, response: Response, *, is_write: bool = False) -> NoReturn:
        """Raise what a refusal without a meaning of its own comes to."""
        words, reference = self.words(response), response.reference
        if response.status == 400:
            raise RejectedError(words, advice=TRY_AGAIN, reference=reference)
        if response.status == 404:
            raise RejectedError(words, gone=True, advice=TRY_AGAIN, reference=reference)
        said = f"ShipStation did not do what was asked: {words}"
        raise TemporaryError(said, maybe_applied=is_write and response.is_ok, reference=reference)

    def unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> TemporaryError:
        """The error for an answer that is not as documented."""
        said = f"ShipStation's answer could not be understood: {what}."
        return TemporaryError(said, maybe_applied=maybe_applied, reference=response.reference)

    def words(self, response: Response) -> str:
        """What a refusal says, for people."""
        return self.hidden(told(response)) or f"HTTP {response.status} without an explanation."

    def hidden(self, words: str) -> str:
        """The words without our secrets: an answer may repeat what it refuses."""
        return hidden(words, *self._secrets)

    def _checked(self, response: Response, *, is_write: bool) -> Response:
        if is_throttled(response):  # with another status than 429, where a proxy of theirs counted
            wait = reset_of(response.headers) or A_MINUTE
            self.state.hold(CALLS, wait)
            said = "ShipStation asked us to slow down."
            raise TemporaryError(said, retry_after=wait, maybe_applied=is_write, reference=response.reference)
        if response.status in {402, 403}:
            self._refuse_key(response)
        return response

    def _refuse_key(self, response: Response) -> NoReturn:
        if told(response):
            said = f"ShipStation says that this key may not do this: {self.words(response)}"
            advice = "API keys of version V1 need a plan that includes the API. See ShipStation's Account settings."
            raise CredentialsError(said, advice=advice, reference=response.reference)
        said = "ShipStation's network refused our call. The key is not the cause."
        raise TemporaryError(said, reference=response.reference)

    def _heard(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Obey what each answer says of the minute's calls, which other tools with the same key use up as well."""
        wait = reset_of(headers)
        left = calls_left(headers)
        if wait is not None and (status == 429 or (left is not None and left <= KEPT_FREE)):
            self.state.hold(CALLS, wait)
        return wait if status == 429 else asked_wait(status, headers)
