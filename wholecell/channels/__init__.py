"""The channels there are: one folder each, found by looking."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from urllib.parse import urlsplit

from wholecell.channels.contract import Channel

LOCAL_HOSTS = ("localhost", "127.0.0.1")


@cache
def discover() -> dict[str, Channel]:
    """Return the channels by kind, in the order of their cards. A folder is named as its kind."""
    folders = [module.name for module in pkgutil.iter_modules(__path__) if module.ispkg]
    channels: list[Channel] = [import_module(f"{__name__}.{folder}").CHANNEL for folder in folders]
    return {channel.kind: channel for channel in sorted(channels, key=lambda c: (c.order, c.kind))}


@cache
def routes() -> dict[str, ModuleType]:
    """By kind, the module `routes` of each folder that has one: for channels that call us.

    It has `bp`, a blueprint named as the kind; `PUBLIC`, the names of its views that need no person signed in; and
    `ADDRESSES`, what people enter at the channel: a title, the view, and what to know about it.
    """
    names = {kind: f"{__name__}.{kind}.routes" for kind in discover()}
    return {kind: import_module(name) for kind, name in names.items() if find_spec(name) is not None}


def public_endpoints() -> tuple[str, ...]:
    """The endpoints that channels call, as Flask names them."""
    return tuple(f"{kind}.{name}" for kind, module in routes().items() for name in module.PUBLIC)


def base_url(channel: Channel, platform: str, environ: Mapping[str, str]) -> str:
    """Return where the channel's API is: its table of hosts, or WHOLECELL_<KIND>_BASE_URL where that is set.

    Raises ValueError for a platform the channel does not have, and for an override that would send the login
    unencrypted to another machine.
    """
    variable = f"WHOLECELL_{channel.kind.upper()}_BASE_URL"
    override = environ.get(variable, "").strip()
    if override:
        check_override(variable, override)
        return override.rstrip("/")
    if not channel.hosts:
        raise ValueError(f"{channel.label} has no address of its own here: set {variable}.")
    if platform not in channel.hosts:
        raise ValueError(f"{channel.label} has no platform called {platform!r}.")
    return channel.hosts[platform]


def addresses(channel: Channel, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses that are set: `base_url` by WHOLECELL_<KIND>_BASE_URL, `<name>_url` for each further one.

    They are laid over each login, so that none ever comes from a form, and a form sees them as `meta.addresses`.
    Raises ValueError for one that would send a login unencrypted to another machine.
    """
    found = {}
    for name in ("base", *channel.addresses):
        variable = f"WHOLECELL_{channel.kind.upper()}_{name.upper()}_URL"
        if url := environ.get(variable, "").strip():
            check_override(variable, url)
            found[f"{name}_url"] = url.rstrip("/")
    return found


def check_override(variable: str, url: str) -> None:
    """Raise ValueError for an address that would send a login unencrypted to another machine."""
    if not _is_safe(url):
        raise ValueError(f"{variable} must be an https address, or http to localhost or 127.0.0.1.")


def is_safe_page(url: str) -> bool:
    """Whether a browser may be sent to this address of a channel, with whatever it asks there."""
    return _is_safe(url.partition("?")[0])


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
