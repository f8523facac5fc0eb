"""The list of variations, the counts of its tabs, and one variation's page."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, render_template, request

from wholecell.services import activity, catalog_page, settings, variation_listings
from wholecell.services.catalog_page import ALL, TABS, CatalogPage, VariationFilter
from wholecell.services.keyset import shown_count
from wholecell.services.list_kinds import KINDS, choices
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, needs
from wholecell.web.catalog.blueprint import as_values, bp, read_filter
from wholecell.web.catalog.sku_cell import SkuCell, opened
from wholecell.web.params import href


@bp.get("/")
@needs(Least.VIEWER)
def index() -> Response:
    """One page of variations under the filter of the URL."""
    wanted, values = read_filter(), as_values(read_filter())
    problem, page = "", CatalogPage([], False, None)
    try:
        page = catalog_page.find(wanted, request.args.get("after", type=int))
    except Refusal as refusal:
        problem = str(refusal)
    context: dict[str, Any] = {
        "wanted": wanted,
        "values": values,
        "page": page,
        "problem": problem,
        "tabs": _tabs(wanted, None),
        "grades": choices(KINDS["grades"]),
        "manufacturers": catalog_page.manufacturers(),
        "models": catalog_page.models(wanted.manufacturer),
        "is_unique": settings.get(settings.SKU_UNIQUENESS),
        "first": href("catalog.index", values) if page.has_previous else None,
        "next": href("catalog.index", values, after=page.next) if page.next else None,
    }
    return make_response(render_template("catalog/list.html", **context), 422 if problem else 200)


def _tabs(wanted: VariationFilter, counts: dict[str, int] | None) -> list[dict[str, Any]]:
    return [
        {
            "text": text,
            "href": href("catalog.index", as_values(wanted), tab="" if tab == ALL else tab),
            "is_current": tab == wanted.tab,
            "count": None if counts is None else shown_count(counts.get(tab, 0)),
        }
        for tab, text in TABS.items()
    ]


@bp.get("/counts")
@needs(Least.VIEWER)
def counts() -> str:
    """The tabs with their counts, fetched after the page."""
    wanted = read_filter()
    try:
        counted = catalog_page.tab_counts(wanted)
    except Refusal:
        counted = {}
    return render_template("catalog/_tabs.html", tabs=_tabs(wanted, counted), counts_href=None)


@bp.get("/<int:variation_id>")
@needs(Least.VIEWER)
def variation(variation_id: int) -> Response:
    """The variation's page; `?edit=sku` opens its SKU for editing."""
    return variation_page(variation_id, opened(variation_id) if request.args.get("edit") == "sku" else None)


def variation_page(variation_id: int, cell: SkuCell | None, status: int = 200) -> Response:
    """The variation's page with its SKU shown, or as this cell has it."""
    row = catalog_page.one(variation_id)
    if row is None:
        abort(404)
    page = render_template(
        "catalog/variation.html",
        row=row,
        cell=cell,
        listings=variation_listings.listings(variation_id),
        lines=activity.timeline("variation", variation_id),
    )
    return make_response(page, status)
