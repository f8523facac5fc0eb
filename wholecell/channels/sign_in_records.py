"""How a login is completed on a channel's own pages; folders and services know it by `contract`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def _is_wanted(login: Mapping[str, str]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SignIn:
    """Signing in on the channel's own pages: an OAuth 2 authorization code, and what it is traded for.

    `page` gives the address the browser is sent to, from the login entered so far (with the values of the app), the
    state to come back with, the address of ours to come back to, and the base URL: where that is not the channel's,
    the page is there too. `redeem` trades the code for more fields of the login, calling the base URL; it raises
    ChannelError. Of a login that is replaced it is told the rest, too, such as whose it was.
    """

    page: Callable[[Mapping[str, str], str, str, str], str]  # login, state, return address, base URL
    redeem: Callable[[Mapping[str, str], str, str, str], Mapping[str, str]]  # login, code, return address, base URL
    is_wanted: Callable[[Mapping[str, str]], bool] = _is_wanted  # False: this login is complete without it
