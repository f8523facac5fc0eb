"""The blueprint of listings."""

from __future__ import annotations

from flask import Blueprint

from wholecell.web.phone_links import phones_href

bp = Blueprint("listings", __name__, url_prefix="/listings")


@bp.app_context_processor
def links() -> dict[str, object]:
    """Numbers lead to the phones they count."""
    return {"phones_href": phones_href}
