"""What the shell of every page shows: the rail, the theme, who is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from wholecell.models import User
from wholecell.services import settings
from wholecell.web.access import may, role_of


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the rail; shown once its endpoint exists."""

    endpoint: str
    text: str
    icon: str
    keys: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as it is drawn in this request."""

    href: str
    text: str
    icon: str
    keys: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one small title."""

    title: str
    entries: list[Entry]


RAIL: tuple[tuple[str, tuple[Page, ...]], ...] = (
    (
        "",
        (
            Page("today.index", "Today", "layout-list", "g t"),
            Page("orders.index", "Orders", "clipboard-list", "g o"),
            Page("fulfil.index", "Fulfil", "barcode", "g f"),
        ),
    ),
    (
        "Stock",
        (
            Page("inventory.index", "Inventory", "device-mobile", "g i"),
            Page("intake.index", "Intake", "package-import", "s"),
            Page("catalog.index", "Catalog", "book-2", "g c"),
        ),
    ),
    (
        "Channels",
        (
            Page("listings.index", "Listings", "tags", "g l"),
            Page("integrations.index", "Integrations", "plug-connected"),
        ),
    ),
    (
        "Account",
        (Page("activity.index", "Activity", "history"), Page("settings.index", "Settings", "settings")),
    ),
)
PHONEBAR = 4  # pages that fit at the foot of a small screen, beside More


def init_app(app: Flask) -> None:
    """Give templates what the shell needs."""
    app.jinja_env.globals.update(
        exists=exists,
        home_href=home_href,
        organization=organization,
        icons_href=f"{app.static_url_path}/icons.svg",
        may=may,
        phonebar=phonebar,
        rail=rail,
    )
    app.context_processor(_about_the_person)


def exists(endpoint: str) -> bool:
    """Whether this version has that page."""
    return endpoint in current_app.view_functions


def rail() -> list[Group]:
    """The groups of the rail that have a page this person may open."""
    if "rail" not in g:
        g.rail = [group for title, pages in RAIL if (group := Group(title, [*_entries(pages)])).entries]
    return list(g.rail)


def phonebar() -> list[Entry]:
    """The first pages, for small screens."""
    return [entry for group in rail() for entry in group.entries][:PHONEBAR]


def home_href() -> str:
    """Where a person lands: the first page of the rail, or their account."""
    first = next((entry.href for entry in phonebar()), None)
    return first or (url_for("account.index") if exists("account.index") else "/")


def organization() -> str:
    """The name of the account's organization, empty while nobody gave one."""
    return str(settings.get(settings.ORGANIZATION_NAME))


def _entries(pages: tuple[Page, ...]) -> Iterator[Entry]:
    for page in pages:
        least = getattr(current_app.view_functions.get(page.endpoint), "least_role", None)
        if least is not None and may(least):
            area = page.endpoint.partition(".")[0]
            yield Entry(url_for(page.endpoint), page.text, page.icon, page.keys, request.blueprint == area)


def _about_the_person() -> dict[str, Any]:
    if not current_user or not current_user.is_authenticated:
        return {"theme": "system"}
    role = role_of(current_user)
    return {
        "theme": current_user.theme,
        "initials": initials(current_user),
        "role_name": role.name.lower() if role else "no role",
    }


def initials(user: User) -> str:
    """Two letters for a person: of their first and last name, or of their address."""
    words = user.name.split() or [user.email[:2]]
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()
