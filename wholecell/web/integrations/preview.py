"""The Preview tab: what would be sent, arming, and what the guard holds once armed."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import guard, held, integrations
from wholecell.services import preview as previews
from wholecell.services.integrations import IntegrationError
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.integrations.shared import bp, known, tab


@bp.get("/<int:integration_id>/preview")
@needs(Least.VIEWER)
def preview(integration_id: int) -> Response:
    """The tab."""
    return _page(integration_id)


def _page(integration_id: int, problem: str = "", status: int = 200) -> Response:
    known(integration_id)
    found = previews.preview_of(integration_id)
    wanted = request.args.get("kind", "change")
    kind = wanted if wanted in previews.KINDS else "change"
    page = max(request.args.get("page", 1, int), 1)
    rows = found.of(kind)
    start = (page - 1) * previews.SIZE
    return tab(
        "integrations/preview.html",
        integration_id,
        status,
        preview=found,
        kinds=previews.KINDS,
        kind=kind,
        rows=rows[start : start + previews.SIZE],
        start=start,
        total=len(rows),
        page=page,
        has_next=len(rows) > start + previews.SIZE,
        waiting=held.waiting_on(integration_id),
        problem=problem or found.problem,
    )


@bp.post("/<int:integration_id>/arm")
@needs(Least.MANAGER)
def arm(integration_id: int) -> BaseResponse:
    """Let numbers leave. Zeros that the preview showed have to be agreed to."""
    integration = known(integration_id)
    found = previews.preview_of(integration_id)
    zeros = found.counts["zero"]
    if zeros and not request.form.get("seen"):
        which = "1 listing" if zeros == 1 else f"{zeros} listings"
        return _page(integration_id, f"Tick that {which} may go to zero, then arm it.", 422)
    try:
        integrations.arm(integration_id, actor())
    except IntegrationError as error:
        return _page(integration_id, str(error), 422)
    follows = "1 number is on its way" if found.to_send == 1 else f"{found.to_send} numbers are on their way"
    if integration.is_by_hand:
        waits = "1 number waits" if found.to_send == 1 else f"{found.to_send} numbers wait"
        flash(f"{integration.name} is armed: {waits} to be entered by hand. Make a file of them here.", "success")
        return redirect(url_for("integrations.updates", integration_id=integration_id), 303)
    flash(f"{integration.name} is armed: {follows}.", "success")
    return _back(integration_id)


@bp.post("/<int:integration_id>/disarm")
@needs(Least.MANAGER)
def disarm(integration_id: int) -> BaseResponse:
    """Send nothing more."""
    integration = known(integration_id)
    integrations.disarm(integration_id, actor())
    flash(f"{integration.name} is disarmed: nothing leaves any more, and numbers already sent stay there.", "success")
    return _back(integration_id)


@bp.post("/<int:integration_id>/release")
@needs(Least.MANAGER)
def release(integration_id: int) -> BaseResponse:
    """Send what the guard holds."""
    known(integration_id)
    freed = guard.release(integration_id, actor())
    flash(f"{freed} held number{'' if freed == 1 else 's'} on the way.", "success")
    return _back(integration_id)


@bp.post("/<int:integration_id>/undo/<int:batch_id>")
@needs(Least.MANAGER)
def undo(integration_id: int, batch_id: int) -> BaseResponse:
    """Take back the bulk change or upload that caused what the guard holds."""
    known(integration_id)
    try:
        flash(held.undo_batch(batch_id, actor()), "success")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return _back(integration_id)


def _back(integration_id: int) -> BaseResponse:
    return redirect(url_for("integrations.preview", integration_id=integration_id), 303)
