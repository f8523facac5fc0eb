"""Pretend marketplaces over HTTP: a small program of its own, for demonstrations and tests.

Each marketplace is a module or folder here with a MARKETPLACE, mounted at /<kind>; /_sandbox/ controls them.
It shares no code with the rest of the project, so that the two sides cannot agree by accident.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request

from . import control, wire
from .faults import Fault, Faults, Via
from .records import Listing, Order, RefusedError
from .server import Sandbox
from .shop import Shop

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["Fault", "Faults", "Listing", "Order", "RefusedError", "Sandbox", "Shop", "Via", "create_sandbox"]


def create_sandbox(shop: Shop) -> WSGIApplication:
    """The sandbox as a WSGI app. A cut connection leaves it as a ConnectionError."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        mount, _, rest = environ.get("PATH_INFO", "").lstrip("/").partition("/")
        inside = Request(environ | {"SCRIPT_NAME": f"/{mount}", "PATH_INFO": f"/{rest}"})
        if mount == "_sandbox":
            return control.handle(shop, inside)(environ, start_response)
        if mount in shop.marketplaces:
            return wire.serve(shop, shop.marketplaces[mount], inside)(environ, start_response)
        return NotFound("The sandbox has no marketplace there.")(environ, start_response)

    return app
