"""The History tab: every run and every change of settings."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, request

from wholecell.models import Event
from wholecell.services import integration_page
from wholecell.web.access import Least, needs
from wholecell.web.integrations.shared import bp, known, tab
from wholecell.web.listing_timeline import INTEGRATION, Line, line_of


@bp.get("/<int:integration_id>/history")
@needs(Least.VIEWER)
def history(integration_id: int) -> Response:
    """Newest first; `before` is the time of the last line of the page before."""
    known(integration_id)
    found = integration_page.history(integration_id, _time(request.args.get("before", "")))
    return tab("integrations/history.html", integration_id, history=found, words=_words)


def _words(event: Event) -> Line:
    """A change of settings as timelines write it."""
    return line_of(event, {}, INTEGRATION)


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None


@bp.get("/<int:integration_id>/runs/<int:run_id>")
@needs(Least.VIEWER)
def run(integration_id: int, run_id: int) -> Response:
    """One run: its counts, what went wrong, and the numbers it sent."""
    known(integration_id)
    found = integration_page.run_page(integration_id, run_id)
    if found is None:
        abort(404)
    return tab("integrations/run.html", integration_id, page=found)
