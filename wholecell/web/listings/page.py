"""One listing: its number opened up, what it counts, why it may not be syncing."""

from __future__ import annotations

import re

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.db import utcnow
from wholecell.models import Integration
from wholecell.services import (
    listing_groups,
    listing_page,
    listing_state,
    listings,
    offers,
    push,
    sync_progress,
    variation_search,
    why,
)
from wholecell.services.listings import ListingError
from wholecell.services.work import Kind
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.integrations import LimitsForm
from wholecell.web.listing_timeline import listing_lines
from wholecell.web.listings.shared import bp
from wholecell.web.params import is_from_today


def _known(listing_id: int) -> Integration:
    found = listing_page.integration_of(listing_id)
    return found if found is not None else abort(404)


@bp.get("/<int:listing_id>")
@needs(Least.VIEWER)
def detail(listing_id: int) -> Response:
    """The page."""
    return _page(listing_id)


def _page(listing_id: int, *, limits: LimitsForm | None = None, problem: str = "", status: int = 200) -> Response:
    page = listing_page.load(listing_id)
    if page is None:
        abort(404)
    find = request.args.get("find", "").strip()
    place = page.integration.id, page.listing.group_id
    html = render_template(
        "listings/detail.html",
        page=page,
        variations=listing_groups.sizes([place]).get(place, 0),
        now=utcnow(),
        standing=listing_state.standing(page.listing, waits_for_hand=page.waits_for_hand),
        words=listing_state.words(page.listing, page.channel, waits_for_hand=page.waits_for_hand),
        is_in_catalog=page.is_in_catalog,
        checks=why.checks(page),
        lines=listing_lines(page),
        limits=limits or LimitsForm(formdata=None, obj=page.listing),
        problem=problem,
        find=find,
        candidates=variation_search.search(find, page.rule) if find else [],
    )
    return make_response(html, status)


@bp.get("/<int:listing_id>/candidates")
@needs(Least.VIEWER)
def candidates(listing_id: int) -> str:
    """Variations that fit the words typed."""
    integration, find = _known(listing_id), request.args.get("find", "").strip()
    found = variation_search.search_for(integration.id, find)
    return render_template("listings/_candidates.html", find=find, candidates=found)


@bp.post("/<int:listing_id>/connection")
@needs(Least.MANAGER)
def connect(listing_id: int) -> BaseResponse:
    """Count the chosen SKUs and variations; nothing chosen goes back to the channel's own SKU."""
    _known(listing_id)
    skus = [sku.strip() for text in request.form.getlist("skus") for sku in re.split(r"[\n,;]+", text) if sku.strip()]
    chosen = request.form.getlist("variations", type=int)
    if long := next((sku for sku in skus if len(sku) > 120), None):
        return _page(listing_id, problem=f"{long[:40]}… is longer than a SKU can be.", status=422)
    try:
        listings.choose(listing_id, skus, chosen, actor())
    except ListingError as error:
        return _page(listing_id, problem=str(error), status=422)
    offers.compute_requested()
    follow = listing_page.open_orders_of(skus, chosen)
    flash(f"Saved. {follow} open order{' follows' if follow == 1 else 's follow'} this connection.", "success")
    return _back(listing_id)


@bp.post("/<int:listing_id>/limits")
@needs(Least.MANAGER)
def set_limits(listing_id: int) -> BaseResponse:
    """Give the listing limits of its own; an empty one inherits."""
    _known(listing_id)
    form = LimitsForm()
    if not form.validate_on_submit():
        return _page(listing_id, limits=form, status=422)
    listings.set_limits(listing_id, form.own, actor())
    offers.compute_requested()
    flash("The limits are saved.", "success")
    return _back(listing_id)


@bp.post("/<int:listing_id>/try-again")
@needs(Least.MANAGER)
def try_again(listing_id: int) -> BaseResponse:
    """Send a refused number once more."""
    integration = _known(listing_id)
    push.try_again(listing_id)
    sync_progress.ask(integration.id, Kind.PUSH_QUANTITIES, actor())
    flash("It is sent once more now.", "success")
    return _back(listing_id)


@bp.post("/<int:listing_id>/zero")
@needs(Least.MANAGER)
def set_to_zero(listing_id: int) -> BaseResponse:
    """Offer 0 on a listing that is no longer followed."""
    _known(listing_id)
    try:
        listings.set_to_zero(listing_id, actor())
        flash("It is set to 0 within seconds.", "success")
    except ListingError as error:
        flash(str(error), "error")
    return _back(listing_id)


@bp.post("/<int:listing_id>/send")
@needs(Least.MANAGER)
def send(listing_id: int) -> BaseResponse:
    """Look now for quantities to send."""
    integration = _known(listing_id)
    if integration.is_by_hand:
        return redirect(url_for("integrations.updates", integration_id=integration.id), 303)
    if integration.is_armed:
        sync_progress.ask(integration.id, Kind.PUSH_QUANTITIES, actor())
        flash(f"What differs on {integration.name} is sent now.", "success")
    else:
        flash(f"{integration.name} is in preview and sends nothing: arm it first.", "error")
    return _back(listing_id)


@bp.post("/<int:listing_id>/read")
@needs(Least.MANAGER)
def read(listing_id: int) -> BaseResponse:
    """Read the channel's numbers again."""
    integration = _known(listing_id)
    sync_progress.ask(integration.id, Kind.REPAIR, actor())
    flash(f"The numbers of {integration.name} are read again now.", "success")
    return _back(listing_id)


def _back(listing_id: int) -> BaseResponse:
    home = url_for("today.index") if is_from_today() else url_for("listings.detail", listing_id=listing_id)
    return redirect(home, 303)
