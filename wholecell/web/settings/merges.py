"""Merging an entry into another: choose, see what it changes on listings, do it."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import merges
from wholecell.services.list_kinds import entries
from wholecell.services.listing_effects import ListingEffect
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.settings.blueprint import TITLES, bp, kind_of


@bp.get("/lists/<key>/<int:entry_id>/merge")
@needs(Least.MANAGER)
def merge(key: str, entry_id: int) -> Response:
    """Choose what to merge into; once chosen, the effect."""
    into = request.args.get("into", 0, int)
    if not into:
        return _page(key, entry_id)
    try:
        effect = merges.effect(kind_of(key), entry_id, into, actor())
    except Refusal as refusal:
        return _page(key, entry_id, into, problem=str(refusal), status=422)
    return _page(key, entry_id, into, effect)


@bp.post("/lists/<key>/<int:entry_id>/merge")
@needs(Least.MANAGER)
def do_merge(key: str, entry_id: int) -> BaseResponse:
    """Merge."""
    into = request.form.get("into", 0, int)
    try:
        moved = merges.merge(kind_of(key), entry_id, into, actor())
    except Refusal as refusal:
        return _page(key, entry_id, into, problem=str(refusal), status=422)
    flash(f"Merged; {moved:,} phone{'' if moved == 1 else 's'} moved.", "ok")
    return redirect(url_for("settings.entries", key=key), 303)


def _page(
    key: str,
    entry_id: int,
    into: int = 0,
    effect: list[ListingEffect] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    kind = kind_of(key)
    by_id = {entry.id: entry for entry in entries(kind)}
    if entry_id not in by_id:
        abort(404)
    page = render_template(
        "settings/merge.html",
        kind=kind,
        title=TITLES[key],
        source=by_id[entry_id],
        target=by_id.get(into),
        others=[entry for entry in by_id.values() if entry.id != entry_id],
        effect=effect,
        problem=problem,
    )
    return make_response(page, status)
