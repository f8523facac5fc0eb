"""The Updates tab of an integration without an API: files of numbers and shipments, and *I have entered these*."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, stream_with_context, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as BaseResponse

from wholecell.models import Integration
from wholecell.services import hand_exports, hand_files, hand_page, sheets
from wholecell.services.connect import works_by_files
from wholecell.services.hand_exports import Kind
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, may, needs
from wholecell.web.filters import clock
from wholecell.web.integrations.shared import bp, known, tab


def _by_hand(integration_id: int) -> Integration:
    integration = known(integration_id)
    return integration if works_by_files(integration) else abort(404)


@bp.get("/<int:integration_id>/updates")
@needs(Least.VIEWER)
def updates(integration_id: int) -> Response:
    """The tab."""
    _by_hand(integration_id)
    found = hand_page.updates(integration_id, request.args.get("before", type=int))
    return tab("integrations/updates.html", integration_id, updates=found, is_later="before" in request.args)


@bp.post("/<int:integration_id>/updates/quantities")
@needs(Least.MANAGER)
def make_quantities(integration_id: int) -> BaseResponse:
    """Make a file of the numbers that wait, or of all connected listings."""
    _by_hand(integration_id)
    is_everything = request.form.get("which") == "all"
    try:
        made = hand_exports.make_quantities(integration_id, actor(), is_everything=is_everything)
        flash(f"File {made.export_id} has {_count(made.rows, 'number')}: download it and enter them.", "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return _back(integration_id)


@bp.post("/<int:integration_id>/updates/shipments")
@needs(Least.PICKER)
def make_shipments(integration_id: int) -> BaseResponse:
    """Make a file of the shipments that wait."""
    _by_hand(integration_id)
    try:
        made = hand_exports.make_shipments(integration_id, actor())
        flash(f"File {made.export_id} has {_count(made.rows, 'shipment')}: download it and enter them.", "success")
        if made.left_out:
            flash(f"{_count(made.left_out, 'shipment')} left out: their orders lack phones.", "error")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return _back(integration_id)


@bp.get("/<int:integration_id>/updates/<int:export_id>.csv")
@needs(Least.PICKER)
def update_file(integration_id: int, export_id: int) -> Response:
    """The file, as it was when it was made."""
    export = hand_exports.find(integration_id, export_id) or abort(404)
    stream = stream_with_context(sheets.write_csv(hand_files.header(export), hand_files.lines(export)))
    answer = Response(stream, content_type="text/csv; charset=utf-8")
    name = secure_filename(f"{known(integration_id).name}-{export.kind}-{export.id}.csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name or "updates.csv")
    return answer


@bp.post("/<int:integration_id>/updates/<int:export_id>/entered")
@needs(Least.PICKER)
def entered(integration_id: int, export_id: int) -> BaseResponse:
    """Somebody entered what is in this file; numbers are a manager's."""
    export = hand_exports.find(integration_id, export_id) or abort(404)
    if export.kind == Kind.QUANTITIES and not may(Least.MANAGER):
        abort(403)
    try:
        done = hand_exports.confirm(export.id, actor())
    except Refusal as refusal:
        flash(str(refusal), "error")
        return _back(integration_id)
    if not done.is_news:
        flash(f"File {export_id} was said to be entered already, at {clock(done.export.confirmed_at)}.", "success")
        return _back(integration_id)
    what = "number" if done.export.kind == Kind.QUANTITIES else "shipment"
    flash(f"{_count(done.rows, what)} of file {export_id} noted as entered.", "success")
    if done.skipped:
        flash(f"{_count(done.skipped, 'shipment')} had been voided meanwhile: take back what you entered.", "error")
    return _back(integration_id)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _back(integration_id: int) -> BaseResponse:
    return redirect(url_for("integrations.updates", integration_id=integration_id), 303)
