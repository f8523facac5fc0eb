"""Access tokens of the proposed API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeGuard
from urllib.parse import urlencode

from wholecell.channels.contract import AccessToken, ChannelError, CredentialsError, Limiter, RateLimit, TemporaryError
from wholecell.channels.http import Content, HttpClient, Response
from wholecell.channels.swappa.answers import words_of
from wholecell.channels.values import moment, sentence, whole

LABEL = "Swappa"
HEADERS = {"Accept": "application/json", "User-Agent": "WholeCell/1.0"}
REQUESTS = RateLimit("requests", count=1, seconds=1.0, says="We assume that Swappa allows 1 call a second")
PAUSE = 60.0  # after a 429 that names no wait
TOKEN_LIVES = 3600
LONGEST_TOKEN = 2000
FIRST_TOKEN, FIRST_ENDS = "access_token", "access_token_ends"  # of a login: what signing in gave, until it ends
SIGN_IN = "Sign in on Swappa's pages again."
REFUSED_APP = "Swappa refused the client id or the client secret."
NEW_APP = "Check the client id and the client secret that Swappa gave you."


def ask_token(login: Mapping[str, str], limiter: Limiter, grant: Mapping[str, str]) -> tuple[AccessToken, str]:
    """Trade a grant for an access token and, where one is given, a refresh token (RFC 6749, sections 4.1.3 and 6).

    Raises CredentialsError for what only a person can put right. No error says that something was applied: of what
    the token is wanted for nothing was sent.
    """
    url, began = login.get("token_url", ""), datetime.now(UTC)
    if not url:
        said = "The address where Swappa gives tokens is not set."
        raise CredentialsError(said, advice="Set WHOLECELL_SWAPPA_TOKEN_URL and start the app again.")
    # Without a limit: one call an hour, to what may be another host.
    client = HttpClient(url, HEADERS, limiter, label=LABEL, retry_after=PAUSE, refused=REFUSED_APP, advice=NEW_APP)
    form = {**grant, "client_id": login.get("client_id", ""), "client_secret": login.get("client_secret", "")}
    content = Content("application/x-www-form-urlencoded", urlencode(form).encode())
    try:
        response = client.request("POST", "", content=content)
    except TemporaryError as error:
        error.maybe_applied = False
        raise
    answer = response.json if isinstance(response.json, dict) else {}
    token, refresh = answer.get("access_token"), answer.get("refresh_token") or ""
    if response.is_ok and _is_token(token) and (not refresh or _is_token(refresh)):
        seconds = min(whole(answer.get("expires_in")) or TOKEN_LIVES, 24 * TOKEN_LIVES)
        return AccessToken(token, began + timedelta(seconds=seconds)), refresh
    raise _refusal(response, words_of(response, form), str(answer.get("error") or ""))


def first_token(login: Mapping[str, str]) -> AccessToken | None:
    """The access token that signing in gave, while it lasts."""
    text, ends_at = login.get(FIRST_TOKEN, ""), moment(login.get(FIRST_ENDS))
    token = AccessToken(text, ends_at) if text and ends_at is not None else None
    return token if token is not None and token.is_fresh(datetime.now(UTC)) else None


def _refusal(response: Response, words: str, code: str) -> ChannelError:
    reference = response.reference
    if code in {"invalid_grant", "access_denied"}:
        said = f"Swappa does not accept the sign-in any more: {words}"
        return CredentialsError(sentence(said), advice=SIGN_IN, reference=reference)
    if code in {"invalid_client", "unauthorized_client"}:
        return CredentialsError(sentence(f"{REFUSED_APP} {words}"), advice=NEW_APP, reference=reference)
    return TemporaryError(sentence(f"Swappa gave no access token: {words}"), reference=reference)


def _is_token(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii() and value.isprintable()
