"""The list of phones, the counts of its tabs, and its CSV."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request

from wholecell.services import activity, catalog_page, inventory_page, list_choices
from wholecell.services.item_filter import ALL, COMMITTED, ItemFilter
from wholecell.services.keyset import Page, shown_count
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, needs
from wholecell.web.inventory.blueprint import as_values, bp, read_filter
from wholecell.web.params import csv_response, cursor, href

EMPTY = inventory_page.Found(Page([], None, None), [], 0)


@bp.get("/")
@needs(Least.VIEWER)
def index() -> Response:
    """One page of phones under the filter of the URL."""
    wanted = read_filter(request.args)
    problem = ""
    try:
        found = inventory_page.find(wanted, cursor())
    except Refusal as refusal:
        found, problem = EMPTY, str(refusal)
    return make_response(
        render_template("inventory/list.html", **_context(wanted, found, problem)), 422 if problem else 200
    )


def _context(wanted: ItemFilter, found: inventory_page.Found, problem: str) -> dict[str, Any]:
    values = as_values(wanted)
    changed = request.args.get("changed", type=int)
    page = found.page
    return {
        "wanted": wanted,
        "found": found,
        "problem": problem,
        "values": values,
        "tabs": tabs(wanted, None),
        "choices": list_choices.phones(),
        "models": catalog_page.models(),
        "batch": activity.batch(changed) if changed else None,
        "previous": href("inventory.index", values, after=page.previous) if page.previous else None,
        "next": href("inventory.index", values, before=page.next) if page.next else None,
    }


def tabs(wanted: ItemFilter, counts: dict[str, int] | None) -> list[dict[str, Any]]:
    """The tabs with their addresses; their counts once they are known."""
    names = [(ALL, "All"), *((str(key), name) for key, name, _color in inventory_page.statuses())]
    names.insert(1, (COMMITTED, "Committed"))
    values = as_values(wanted)
    return [
        {
            "text": text,
            "href": href("inventory.index", values, tab="" if tab == ALL else tab),
            "is_current": tab == wanted.tab,
            "count": None if counts is None else shown_count(counts.get(tab, 0)),
        }
        for tab, text in names
    ]


@bp.get("/counts")
@needs(Least.VIEWER)
def counts() -> str:
    """The tabs with their counts, fetched after the page."""
    wanted = read_filter(request.args)
    try:
        counted = inventory_page.tab_counts(wanted)
    except Refusal:
        counted = {}
    return render_template("inventory/_tabs.html", tabs=tabs(wanted, counted), counts_href=None)


@bp.get("/export.csv")
@needs(Least.VIEWER)
def export() -> Response:
    """Every phone of the filter as CSV."""
    return csv_response(inventory_page.export(read_filter(request.args)), "inventory.csv")
