"""The blueprint of the settings' pages."""

from __future__ import annotations

from flask import Blueprint, abort

from wholecell.services.list_kinds import KINDS, ListKind

bp = Blueprint("settings", __name__, url_prefix="/settings")
TITLES = {
    "statuses": "Statuses",
    "warehouses": "Warehouses",
    "locations": "Locations",
    "grades": "Grades",
    "conditions": "Conditions",
}


def kind_of(key: str) -> ListKind:
    """The list named in the URL, or 404."""
    return KINDS.get(key) or abort(404)
