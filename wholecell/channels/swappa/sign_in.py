"""Signing in on Swappa's pages, as proposed: an OAuth 2 authorization code, with a state, for a refresh token."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from wholecell.channels.contract import CredentialsError, SignIn
from wholecell.channels.own_state import OwnState
from wholecell.channels.swappa.settings import REST, TOKEN
from wholecell.channels.swappa.tokens import FIRST_ENDS, FIRST_TOKEN, SIGN_IN, ask_token


def page(login: Mapping[str, str], state: str, return_to: str, base_url: str) -> str:
    """Give the address where people say yes. Raises CredentialsError while the environment names none."""
    if not login.get("authorize_url"):
        said = "The address where people sign in to Swappa is not set."
        raise CredentialsError(said, advice="Set WHOLECELL_SWAPPA_AUTHORIZE_URL and start the app again.")
    asked = {"response_type": "code", "client_id": login["client_id"], "redirect_uri": return_to, "state": state}
    return f"{login['authorize_url']}?{urlencode(asked)}"


def redeem(login: Mapping[str, str], code: str, return_to: str, base_url: str) -> Mapping[str, str]:
    """Trade the code for a refresh token. Raises ChannelError."""
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": return_to}
    access, refresh = ask_token(login, OwnState(), grant)
    if not refresh:
        raise CredentialsError("Swappa gave no refresh token, so the sign-in would end soon.", advice=SIGN_IN)
    # The access token goes along: to renew at once, for the check of a login that is not kept yet, could end the
    # refresh token before it is kept.
    return {"refresh_token": refresh, FIRST_TOKEN: access.text, FIRST_ENDS: access.expires_at.isoformat()}


def is_wanted(login: Mapping[str, str]) -> bool:
    """Whether people sign in: not for files, and not where Swappa gave a fixed token."""
    return login.get("mode") == REST and login.get("way") != TOKEN


SIGN_IN_PAGES = SignIn(page, redeem, is_wanted)
