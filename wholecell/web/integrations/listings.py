"""The Listings tab: the table, Sync Listings with its progress, sending now."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels.contract import ImportsChangedListings
from wholecell.services import sync_progress
from wholecell.services.connect import can, channel_of
from wholecell.services.work import Kind
from wholecell.web.access import Least, actor, needs
from wholecell.web.htmx import wants_partial
from wholecell.web.integrations.progress import TASKS, progress_answer, progress_context
from wholecell.web.integrations.shared import bp, known, tab
from wholecell.web.listing_table import table_context


@bp.get("/<int:integration_id>/listings")
@needs(Least.VIEWER)
def listings(integration_id: int) -> Response:
    """The tab, or for htmx its table."""
    context = table_context(integration_id)
    if wants_partial():
        answer = make_response(render_template("listings/_table.html", **context))
    else:
        integration = known(integration_id)
        shown = progress_context(integration, Kind.IMPORT_LISTINGS)
        reads_changes = can(channel_of(integration), ImportsChangedListings)
        answer = tab("integrations/listings.html", integration_id, reads_changes=reads_changes, **shown, **context)
    answer.vary.add("HX-Request")
    return answer


@bp.post("/<int:integration_id>/sync")
@needs(Least.MANAGER)
def sync(integration_id: int) -> BaseResponse:
    """Sync Listings; a second press shows the run that is on its way."""
    known(integration_id)
    sync_progress.ask(integration_id, Kind.IMPORT_LISTINGS, actor())
    if wants_partial():
        return progress(integration_id)
    return redirect(url_for("integrations.listings", integration_id=integration_id), 303)


@bp.post("/<int:integration_id>/sync-everything")
@needs(Least.MANAGER)
def sync_everything(integration_id: int) -> BaseResponse:
    """Sync all listings on a channel of which only changes would be read."""
    known(integration_id)
    sync_progress.ask_everything(integration_id, actor())
    return redirect(url_for("integrations.listings", integration_id=integration_id), 303)


@bp.get("/<int:integration_id>/progress")
@needs(Least.VIEWER)
def progress(integration_id: int) -> Response:
    """How far it is; asked for each second while it runs. Once it ended the table loads again."""
    return progress_answer(known(integration_id), Kind.IMPORT_LISTINGS)


@bp.post("/<int:integration_id>/runs/<int:run_id>/stop")
@needs(Least.MANAGER)
def stop(integration_id: int, run_id: int) -> BaseResponse:
    """Stop a run before its next call; what it read so far stays."""
    integration = known(integration_id)
    kind = sync_progress.stop(integration_id, run_id)
    task = TASKS.get(kind or Kind.IMPORT_LISTINGS, TASKS[Kind.IMPORT_LISTINGS])
    if wants_partial():
        return progress_answer(integration, task.kind)
    return redirect(url_for(task.page, integration_id=integration_id), 303)


@bp.post("/<int:integration_id>/send")
@needs(Least.MANAGER)
def send(integration_id: int) -> BaseResponse:
    """Look now for quantities to send."""
    integration = known(integration_id)
    if integration.is_by_hand:
        return redirect(url_for("integrations.updates", integration_id=integration_id), 303)
    if integration.is_armed:
        sync_progress.ask(integration_id, Kind.PUSH_QUANTITIES, actor())
        flash(f"{integration.name}: what differs is sent now. History shows each number.", "success")
    else:
        flash(f"{integration.name} is in preview and sends nothing: arm it first.", "error")
    return redirect(url_for("integrations.listings", integration_id=integration_id), 303)
