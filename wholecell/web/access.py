"""Roles: each view declares the least role that may use it."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, current_app
from flask_login import current_user

from wholecell.services.events import Actor, Source

P = ParamSpec("P")
R = TypeVar("R")


class Least(IntEnum):
    """The roles, each able to do what the ones before it may."""

    VIEWER = 1
    PICKER = 2
    MANAGER = 3
    ADMIN = 4


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
