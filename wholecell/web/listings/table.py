"""Listings of all integrations; the counts and the export of both tables of listings."""

from __future__ import annotations

from flask import Response, render_template, request, stream_with_context

from wholecell.services import listing_table, missing_variations, sheets
from wholecell.web.access import Least, needs
from wholecell.web.htmx import render
from wholecell.web.listing_table import asked_for, table_context, tabs_context
from wholecell.web.listings.shared import bp
from wholecell.web.params import csv_response


@bp.get("/")
@needs(Least.VIEWER)
def index() -> Response:
    """The table over all integrations."""
    return render("listings/index.html", "listings/_table.html", **table_context(None))


@bp.get("/counts")
@needs(Least.VIEWER)
def counts() -> str:
    """The tabs and chips with their counts, loaded after the page."""
    context = tabs_context(request.args.get("integration", type=int))
    return render_template("listings/_tabs.html", counts=listing_table.tab_counts(context["asked"]), **context)


@bp.get("/export.csv")
@needs(Least.VIEWER)
def export() -> Response:
    """Exactly the filter of the table, as CSV."""
    asked = asked_for(request.args.get("integration", type=int))
    return csv_response(listing_table.export(asked), "listings.csv")


@bp.get("/missing-variations.csv")
@needs(Least.MANAGER)
def missing() -> Response:
    """A catalog sheet with a row for each SKU of the filter that the catalog lacks, to be filled in and uploaded."""
    asked = asked_for(request.args.get("integration", type=int))
    lines = stream_with_context(sheets.write_csv(missing_variations.HEADER, missing_variations.rows(asked)))
    answer = Response(lines, content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="missing-variations.csv")
    return answer
