"""Calls to the proposed API: the bearer token, its renewal, and what refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from wholecell.channels.contract import AccessToken, CredentialsError, SharedState, TemporaryError
from wholecell.channels.http import HttpClient, Response
from wholecell.channels.swappa.answers import words_of
from wholecell.channels.swappa.settings import TOKEN
from wholecell.channels.swappa.tokens import HEADERS, LABEL, PAUSE, REQUESTS, SIGN_IN, ask_token, first_token
from wholecell.channels.values import sentence

REFRESH = "refresh token"  # the note that holds a renewed one
TRY_AGAIN = "Put it right on Swappa, then press Try again."
NEW_TOKEN = "Ask Swappa for a new token, and enter it here."


class Access:
    """One login: a fixed token, or one renewed with what signing in gave."""

    def __init__(self, login: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`login` holds `token` where `way` says so, or `refresh_token` with the app's keys and `token_url`."""
        self._login, self._state = login, state
        self._fixed = login.get("token", "") if login.get("way") == TOKEN else ""
        self._used = ""  # an answer may repeat it
        self._is_first_refused = False
        advice = NEW_TOKEN if self._fixed else SIGN_IN
        self._http = HttpClient(
            base_url,
            HEADERS,
            state,
            label=LABEL,
            limits=(REQUESTS,),
            retry_after=PAUSE,
            refused="Swappa refused the token.",
            advice=advice,
        )

    def call(
        self, method: str, path: str, *, params: Mapping[str, str | int] | None = None, body: object = None
    ) -> Response:
        """Send one call. A token that is refused is renewed, and the call repeated, once.

        Raises TemporaryError, and CredentialsError for 401 with a new token too and for 403.
        """
        answer = self._send(method, path, params, body)
        if isinstance(answer, CredentialsError) and not self._fixed:
            self._state.drop_token(self._used)
            self._is_first_refused = True
            answer = self._send(method, path, params, body)
        if isinstance(answer, CredentialsError):
            self._state.drop_token(self._used)
            raise answer
        if answer.status == 403:
            said = f"Swappa does not allow this login to do that: {self.words(answer)}"
            raise CredentialsError(sentence(said), advice="Ask Swappa to allow it.", reference=answer.reference)
        return answer

    def refuse(self, response: Response) -> NoReturn:
        """Raise what a refusal without a meaning of its own comes to."""
        said = f"Swappa did not do what was asked: {self.words(response)}"
        raise TemporaryError(sentence(said), reference=response.reference)

    def unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> TemporaryError:
        """The error of an answer that is not as proposed."""
        said = f"Swappa's answer could not be understood: {what}."
        return TemporaryError(said, maybe_applied=maybe_applied, reference=response.reference)

    def words(self, response: Response) -> str:
        """What an answer says against what was asked, for people, without our secrets."""
        return words_of(response, self._login, self._used)

    def _send(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: object
    ) -> Response | CredentialsError:
        self._used = self._fixed or self._state.token(self._renew)
        headers = {"Authorization": f"Bearer {self._used}"}
        try:
            return self._http.request(method, path, params=params, body=body, headers=headers)
        except CredentialsError as error:
            return error

    def _renew(self) -> AccessToken:
        first = None if self._is_first_refused else first_token(self._login)
        if first is not None and not self._state.recall(REFRESH):
            return first
        refresh = self._state.recall(REFRESH) or self._login.get("refresh_token", "")
        if not refresh:
            raise CredentialsError("This integration is not signed in to Swappa yet.", advice=SIGN_IN)
        token, renewed = ask_token(self._login, self._state, {"grant_type": "refresh_token", "refresh_token": refresh})
        if renewed and renewed != refresh:
            self._state.remember(REFRESH, renewed)
        return token
