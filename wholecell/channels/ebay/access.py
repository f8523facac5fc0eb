"""Calls to eBay's REST interfaces with a seller's access token, and what refusals mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

from wholecell.channels.contract import (
    CredentialsError,
    RateLimit,
    SharedState,
    TemporaryError,
)
from wholecell.channels.ebay.answers import Said, said
from wholecell.channels.ebay.settings import IDENTITY_HOSTS, site_of
from wholecell.channels.ebay.sign_in import LABEL, REFERENCES, REFUSED, RETRY, SIGN_IN_AGAIN, Tokens
from wholecell.channels.http import HttpClient, Response
from wholecell.channels.values import hidden, sentence

T = TypeVar("T")

PERMISSIONS = "Sign in to eBay again on the Details tab, and agree to everything that eBay asks for."


class Rest:
    """One seller's login at the REST interfaces."""

    def __init__(self, settings: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`settings` are the values of the app and the login. An address not eBay's stands in for all its hosts."""
        self.settings, self.state, self.site = settings, state, site_of(settings)
        self._tokens = Tokens(settings, base_url, state)
        self._token = ""  # the last one used: an answer may repeat it
        self._http = self._client(base_url)
        self._identity = self._client(IDENTITY_HOSTS.get(base_url, base_url))
        self._analytics = self._client(base_url, total_seconds=15.0)

    def call(
        self,
        method: str,
        path: str,
        *limits: RateLimit,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
    ) -> Response:
        """Send one REST call. A refused token is renewed, and the call repeated, once.

        Raises TemporaryError, and CredentialsError when it is refused with a new token too, or not permitted.
        """
        return self._judged(self._rest(self._http, method, path, limits, params, body))

    def identity(self, path: str) -> Response:
        """Ask the host of identities."""
        return self._judged(self._rest(self._identity, "GET", path, (), None, None))

    def analytics(self, path: str, **params: str) -> Response:
        """Ask how many calls are left."""
        return self._judged(self._rest(self._analytics, "GET", path, (), params, None))

    def found(self, response: Response, key: str) -> Any:
        """Return what stands under `key` of a good answer. Raises TemporaryError for a refusal, and without it."""
        json = response.json
        if not response.is_ok:
            self.refuse(response)
        if not isinstance(json, dict) or json.get(key) is None:
            raise self.unreadable(f"it has no {key}", response)
        return json[key]

    def refuse(self, response: Response, *, is_write: bool = False) -> NoReturn:
        """Raise what a refusal without a meaning of its own comes to."""
        told = said(response.json)
        raise TemporaryError(
            sentence(f"eBay did not do what was asked: {self.words(response)}"),
            retry_after=RETRY if told.is_theirs else None,
            maybe_applied=is_write and told.is_theirs,
            reference=response.reference,
        )

    def unreadable(self, what: str, response: Response | None = None, *, maybe_applied: bool = False) -> TemporaryError:
        """The error of an answer that is not as documented."""
        return TemporaryError(
            f"eBay's answer could not be understood: {what}.",
            maybe_applied=maybe_applied,
            reference=response.reference if response else "",
        )

    def words(self, response: Response, told: Said | None = None) -> str:
        """What an answer says against what was asked, for people."""
        found = told or said(response.json)
        return self.hide(found.words) or f"HTTP {response.status} without an explanation"

    def hide(self, words: str) -> str:
        """A text of eBay's without our secrets: an answer may repeat what it refuses."""
        return hidden(words, self.settings.get("client_secret"), self.settings.get("refresh_token"), self._token)

    def _client(self, base_url: str, **more: float) -> HttpClient:
        # Without a language that it knows, eBay refuses calls of its inventory as "Invalid value for header".
        headers = {
            "Accept": "application/json",
            "Accept-Language": self.site.locale,
            "X-EBAY-C-MARKETPLACE-ID": self.site.marketplace,
        }
        return HttpClient(
            base_url,
            headers,
            self.state,
            label=LABEL,
            retry_after=RETRY,
            refused=REFUSED,
            advice=SIGN_IN_AGAIN,
            reference_headers=REFERENCES,
            **more,  # type: ignore[arg-type]
        )

    def _rest(
        self,
        http: HttpClient,
        method: str,
        path: str,
        limits: tuple[RateLimit, ...],
        params: Mapping[str, str | int] | None,
        body: object,
    ) -> Response:
        language = {} if body is None else {"Content-Language": self.site.locale}

        def once() -> Response:
            headers = {"Authorization": f"Bearer {self._token}", **language}
            costs = [(limit, 1) for limit in limits]
            return http.request(method, path, params=params, body=body, headers=headers, costs=costs)

        return self._with_token(once)

    def _with_token(self, once: Callable[[], T]) -> T:
        """Call with a token; one that is refused is dropped, and the call repeated once with a new one."""
        self._token = self.state.token(self._tokens.renew)
        try:
            return once()
        except CredentialsError:
            self.state.drop_token(self._token)
        self._token = self.state.token(self._tokens.renew)
        try:
            return once()
        except CredentialsError:
            self.state.drop_token(self._token)
            raise

    def _judged(self, response: Response) -> Response:
        if response.status == 403:
            words = sentence(f"eBay does not allow this sign-in to do that: {self.words(response)}")
            raise CredentialsError(words, advice=PERMISSIONS, reference=response.reference)
        return response
