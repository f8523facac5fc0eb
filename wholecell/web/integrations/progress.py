"""A piece of work that a button starts: what it is called, and its progress while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template

from wholecell.models import Integration
from wholecell.services import sync_progress
from wholecell.services.sync_progress import Stage
from wholecell.services.work import Kind


@dataclass(frozen=True, slots=True)
class Task:
    """The words and addresses of one kind of work."""

    kind: Kind
    name: str  # on the button
    busy: str  # on the button while it runs
    doing: str
    done: str
    units: str
    start: str  # endpoints
    look: str
    page: str
    ended: str  # the event that lets the page load again what changed


TASKS = {
    task.kind: task
    for task in (
        Task(
            Kind.IMPORT_LISTINGS,
            "Sync Listings",
            "Syncing…",
            "Syncing listings from",
            "Listings synced",
            "listings",
            "integrations.sync",
            "integrations.progress",
            "integrations.listings",
            "listings-synced",
        ),
        Task(
            Kind.IMPORT_ORDERS,
            "Import orders",
            "Importing…",
            "Importing orders from",
            "Orders imported",
            "orders",
            "integrations.import_orders",
            "integrations.orders_progress",
            "integrations.orders",
            "orders-imported",
        ),
    )
}


def progress_context(integration: Integration, kind: Kind) -> dict[str, Any]:
    """What the button and the progress row need."""
    return {"task": TASKS[kind], "progress": sync_progress.progress_of(integration.id, kind)}


def progress_answer(integration: Integration, kind: Kind) -> Response:
    """The progress row with the button; asked for each second while it runs."""
    context = progress_context(integration, kind)
    answer = make_response(
        render_template("integrations/_progress.html", integration=integration, is_partial=True, **context)
    )
    if context["progress"].stage in (Stage.DONE, Stage.FAILED, Stage.STOPPED):
        answer.headers["HX-Trigger"] = TASKS[kind].ended
    return answer
