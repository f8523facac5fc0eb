"""The marketplaces of the sandbox: every module or folder beside this one that has a MARKETPLACE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Protocol

from werkzeug.wrappers import Request, Response

from .account import Account

if TYPE_CHECKING:
    from .shop import Shop


class ErrorBody(Protocol):
    """Builds the marketplace's own error answer."""

    def __call__(self, status: int, code: str, message: str) -> Response:
        """The answer with this status."""


def _by_path(request: Request) -> str:
    return ""


@dataclass(frozen=True)
class Marketplace:
    """One pretend marketplace, mounted at /<kind>. `handle` runs with the shop's lock held.

    `call_of` names a call for the faults and the log where one path serves many, blank for the others. `actions` are
    things it does of itself when `_sandbox/do` says so, without the lock: they may call the seller's program.
    `addresses` are places of its that a seller's program is told of by name, beside where it is mounted.
    """

    kind: str
    account: Callable[[], Account]
    handle: Callable[[Shop, Request], Response]
    error: ErrorBody
    call_of: Callable[[Request], str] = _by_path
    actions: Mapping[str, Callable[[Shop, dict[str, Any]], dict[str, Any]]] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)


@cache
def discover() -> dict[str, Marketplace]:
    """Kind -> marketplace, from the files found."""
    package = __package__ or ""
    modules = [import_module(f"{package}.{found.name}") for found in iter_modules(import_module(package).__path__)]
    made = [module.MARKETPLACE for module in modules if hasattr(module, "MARKETPLACE")]
    return {marketplace.kind: marketplace for marketplace in made}
