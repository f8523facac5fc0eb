"""Calls to Walmart: the token that lasts 15 minutes, the headers of every call, and what each refusal comes to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NoReturn
from uuid import uuid4

from wholecell.channels.contract import (
    AccessToken,
    CredentialsError,
    RateLimit,
    SharedState,
    TemporaryError,
    WaitingError,
)
from wholecell.channels.http import Content, HttpClient, Response
from wholecell.channels.values import hidden
from wholecell.channels.walmart import limits
from wholecell.channels.walmart.answers import Said, said, wait_of
from wholecell.channels.walmart.values import rows, text, whole

NEW_KEYS = "Copy the production keys from Walmart's Developer Portal under API keys, and enter them here."
PERMISSIONS = "Give the keys access in Walmart's Developer Portal, then enter them here again."
LISTS = (("ItemResponse",), ("elements", "inventories"), ("list", "elements", "order"))  # where answers hold rows
TOKEN_SECONDS = 900  # where an answer does not say


class Calls:
    """One login, and what every call of it has in common."""

    def __init__(self, settings: Mapping[str, str], base_url: str, state: SharedState) -> None:
        """`settings` are the values of the login form."""
        self._id, self._secret = settings["client_id"], settings["client_secret"]
        self._token_used = ""
        self._state = state
        self._http = HttpClient(
            base_url,
            {"Accept": "application/json", "WM_SVC.NAME": "Walmart Marketplace"},
            state,
            label="Walmart",
            wait_of=wait_of,
            refused="Walmart refused the client ID and secret.",
            advice=NEW_KEYS,
            reference_headers=("WM_QOS.CORRELATION_ID",),
        )

    def _call(
        self,
        method: str,
        path: str,
        limit: RateLimit | None,
        *,
        params: Mapping[str, str | int] | None = None,
        body: object = None,
        content: Content | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one call. A token that is refused is dropped, and the call repeated once with a new one."""

        def once(token: str) -> Response:
            self._token_used = token
            correlation_id = str(uuid4())
            return self._http.request(
                method,
                path,
                params=params,
                body=body,
                content=content,
                headers={"WM_SEC.ACCESS_TOKEN": token, "WM_QOS.CORRELATION_ID": correlation_id, **(headers or {})},
                costs=[(limit, 1)] if limit else [],
                reference=f"WM_QOS.CORRELATION_ID {correlation_id}",
            )

        token = self._state.token(self._fetch)
        try:
            return once(token)
        except CredentialsError:
            self._state.drop_token(token)
        token = self._state.token(self._fetch)
        try:
            return once(token)
        except CredentialsError as error:
            self._state.drop_token(token)
            reference = error.reference
        raise CredentialsError(
            "Walmart refused an access token that it had just given out.", advice=NEW_KEYS, reference=reference
        )

    def _fetch(self) -> AccessToken:
        """Ask for a token. Whatever was to be told was not told yet, so no error says that it may have been."""
        login = b64encode(f"{self._id}:{self._secret}".encode()).decode()
        correlation_id = str(uuid4())
        try:
            response = self._http.request(
                "POST",
                "/v3/token",
                content=Content("application/x-www-form-urlencoded", b"grant_type=client_credentials"),
                headers={"Authorization": f"Basic {login}", "WM_QOS.CORRELATION_ID": correlation_id},
                costs=[(limits.TOKENS, 1)],
                reference=f"WM_QOS.CORRELATION_ID {correlation_id}",
            )
        except WaitingError:
            raise
        except TemporaryError as error:
            problem = TemporaryError(error.message, retry_after=error.retry_after, reference=error.reference)
        else:
            return self._token(response)
        raise problem

    def _token(self, response: Response) -> AccessToken:
        began, answer = datetime.now(UTC), response.json
        if not response.is_ok:
            told = said(response)
            if response.status == 403 or "client" in told.code.lower() or "UNAUTHORIZED" in told.code.upper():
                raise CredentialsError(
                    f"Walmart refused the client ID and secret: {self._words(response)}",
                    advice=NEW_KEYS,
                    reference=response.reference,
                )
            raise TemporaryError(f"Walmart gave no access token: {self._words(response)}", reference=response.reference)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise self._unreadable("it holds no access token", response)
        seconds = whole(answer.get("expires_in")) or TOKEN_SECONDS
        return AccessToken(token, began + timedelta(seconds=seconds))

    def _refuse(self, response: Response, *, is_write: bool = False) -> NoReturn:
        """Raise what a refusal without an own meaning comes to."""
        told, words, reference = said(response), self._words(response), response.reference
        if response.status == 403 and told.is_told:
            raise CredentialsError(
                f"Walmart says that these keys may not do this: {words}", advice=PERMISSIONS, reference=reference
            )
        if response.status == 403:
            raise TemporaryError("Walmart's network refused our call. The keys are not the cause.", reference=reference)
        if response.status == 423:
            raise TemporaryError(f"Walmart has locked this for now: {words}", reference=reference)
        raise TemporaryError(
            f"Walmart did not do what was asked: {words}",
            # What is refused was not done, unless a 200 says so, or a fault of Walmart's own.
            maybe_applied=is_write and (response.is_ok or told.is_theirs),
            reference=reference,
        )

    def _told(self, response: Response) -> Said:
        """What the answer's errors say; a 2xx can hold some, too. Raises for those that are no answer to this call."""
        found = said(response)
        if response.status in {403, 423}:
            self._refuse(response)
        return found

    def _is_none(self, response: Response) -> bool:
        """Whether there is no such thing, or nothing to list. A 404 in other words is no word of this call."""
        told = self._told(response)
        has_rows = any(rows(response.json, *names) for names in LISTS)
        return told.is_not_found and (response.status == 404 or (response.is_ok and not has_rows))

    def _words(self, response: Response) -> str:
        found = said(response)
        return self._hide(found.words or found.code) or f"HTTP {response.status} without an explanation"

    def _hide(self, words: str) -> str:
        return hidden(words, self._secret, self._token_used)

    def _unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> TemporaryError:
        return TemporaryError(
            f"Walmart's answer could not be understood: {what}.",
            maybe_applied=maybe_applied,
            reference=response.reference,
        )


def scopes_missing(scopes: Mapping[str, object]) -> list[str]:
    """What the keys may not do that is needed, in words; empty when they suffice."""
    level = {name: text(scopes.get(name), 40) for name in ("orders", "inventory", "feeds", "item")}
    missing = [name for name in ("orders", "inventory", "feeds") if level[name] != "full_access"]
    return missing + (["item"] if level["item"] in {"", "no_access"} else [])
