"""Roles: each view declares the least role that may use it, and what declares nothing is refused."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import public_endpoints
from wholecell.db import db
from wholecell.services.events import Actor, Source
from wholecell.web.htmx import wants_partial

P = ParamSpec("P")
R = TypeVar("R")


class Least(IntEnum):
    """The roles, each able to do what the ones before it may."""

    VIEWER = 1
    PICKER = 2
    MANAGER = 3
    ADMIN = 4


PUBLIC_ENDPOINTS = (
    "static",
    "health.healthz",
    "links.open",
    "links.set_up",
    "links.choose_password",
    "links.sign_in",
    "api.document",
    "security.login",
    "security.tf_select",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    "security.wan_signin",
    "security.wan_signin_response",
    *public_endpoints(),  # of channels that call us: their views check a signature
)
# Flask-Security's own views for people signed in.
LIBRARY_ENDPOINTS = {
    "security.logout": Least.VIEWER,
    "security.verify": Least.VIEWER,
    "security.two_factor_setup": Least.VIEWER,
    "security.two_factor_setup_validate": Least.VIEWER,
    "security.mf_recovery_codes": Least.VIEWER,
    "security.wan_register": Least.VIEWER,
    "security.wan_register_response": Least.VIEWER,
    "security.wan_delete": Least.VIEWER,
    "security.wan_verify": Least.VIEWER,
    "security.wan_verify_response": Least.VIEWER,
}
# Its views that need mail, which is not sent here.
REFUSED_ENDPOINTS = ("security.two_factor_rescue",)


def init_app(app: Flask) -> None:
    """Check every request before its view runs."""
    app.before_request(_guard)


def least_role(app: Flask, endpoint: str) -> Least | None:
    """What this endpoint declares; None when it declares nothing."""
    declared = getattr(app.view_functions.get(endpoint), "least_role", None)
    return declared if declared is not None else LIBRARY_ENDPOINTS.get(endpoint)


def token_scope(app: Flask, endpoint: str) -> str | None:
    """What a token needs to call this endpoint, which looks at no session; None for one that people use."""
    return getattr(app.view_functions.get(endpoint), "token_scope", None)


def role_of(user: object) -> Least | None:
    """The highest role of this person, None when they have none or are not signed in."""
    names = {role.name.upper() for role in getattr(user, "roles", ())}
    return max((Least[name] for name in names if name in Least.__members__), default=None)


def may(least: Least | str) -> bool:
    """Whether the person signed in has at least this role; templates ask it too."""
    wanted = Least[least.upper()] if isinstance(least, str) else least
    role = role_of(current_user)
    return role is not None and role >= wanted


def needs(least: Least) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only people with at least this role use the view; others are asked to sign in, or told 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if not may(least):
                abort(403)
            return view(*args, **kwargs)

        guarded.least_role = least  # type: ignore[attr-defined]
        return guarded

    return decorate


def actor(source: Source = "person") -> Actor:
    """The person signed in, as the one who makes the change."""
    return Actor(user_id=current_user.id, source=source)


def ask_to_sign_in(*_: object, **__: object) -> BaseResponse:
    """What somebody who is not signed in gets: the sign-in page, and afterwards the page they wanted."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" and not wants_partial() else None
    url = url_for("security.login", next=wanted)
    return Response(status=401, headers={"HX-Redirect": url}) if wants_partial() else redirect(url, 303)


def _guard() -> BaseResponse | None:
    if request.endpoint is None or request.endpoint in PUBLIC_ENDPOINTS:
        return None
    if request.endpoint in REFUSED_ENDPOINTS:
        abort(404)
    if token_scope(current_app, request.endpoint):
        return None  # the view asks for the token before anything else
    least = least_role(current_app, request.endpoint)
    if least is None:
        abort(403)
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if not may(least):
        abort(403)
    # The person is known: let go of the database, so that a view may take its time, on a call to a channel say.
    db.session.commit()
    return None
