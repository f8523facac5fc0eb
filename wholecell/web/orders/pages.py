"""The list of orders, the counts of its tabs and chips, and its CSV."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for

from wholecell.services import activity, orders_export, orders_page
from wholecell.services.keyset import Page, shown_count
from wholecell.services.order_filter import ALL, CHIPS, OPEN, SHIP_BY, UNMAPPED, OrderFilter
from wholecell.services.orders_page import Found
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, needs
from wholecell.web.orders.blueprint import as_values, bp, end_of, read_filter, today
from wholecell.web.params import csv_response, cursor, href

EMPTY = Found(Page([], None, None), [], 0)


@bp.get("/")
@needs(Least.VIEWER)
def index() -> Response:
    """One page of orders under the filter of the URL."""
    wanted = read_filter(request.args)
    problem = ""
    try:
        found = orders_page.find(wanted, cursor())
    except Refusal as refusal:
        found, problem = EMPTY, str(refusal)
    page = render_template("orders/list.html", **_context(wanted, found, problem))
    return make_response(page, 422 if problem else 200)


def _context(wanted: OrderFilter, found: Found, problem: str) -> dict[str, Any]:
    values, page = as_values(request.args), found.page
    changed = request.args.get("changed", type=int)
    integrations, by_hand = orders_page.sources()
    return {
        "found": found,
        "problem": problem,
        "integrations": integrations,
        "by_hand": by_hand,
        "statuses": orders_page.statuses(),
        "today_ends": end_of(today()),
        "batch": activity.batch(changed) if changed else None,
        "previous": href("orders.index", values, after=page.previous) if page.previous else None,
        "next": href("orders.index", values, before=page.next) if page.next else None,
        "sort_href": href("orders.index", values, sort="" if wanted.sort == SHIP_BY else SHIP_BY),
        **_tabs(wanted, None),
    }


def _tabs(wanted: OrderFilter, counts: dict[str, int] | None) -> dict[str, Any]:
    """Tabs and chips with their addresses; their counts once they are known."""
    values = as_values(request.args)
    names = [(OPEN, "Open"), *((str(key), title) for key, title, _ in orders_page.statuses())]
    names += [(UNMAPPED, "Not mapped"), (ALL, "All")]
    return {
        "wanted": wanted,
        "values": values,
        "tabs": [
            {
                "text": text,
                "href": href("orders.index", values, tab=_explicit(tab, values)),
                "is_current": tab == wanted.tab,
                "count": _shown(counts, f"tab {tab}"),
            }
            for tab, text in names
            if tab != UNMAPPED or wanted.tab == UNMAPPED or (counts and counts["tab unmapped"])
        ],
        "chips": [
            {
                "text": text,
                "href": href("orders.index", values, only="" if wanted.chip == chip else chip),
                "is_on": wanted.chip == chip,
                "count": _shown(counts, f"chip {chip}"),
                "is_empty": counts is not None and not counts.get(f"chip {chip}"),
            }
            for chip, text in CHIPS.items()
        ],
        "counts_href": url_for("orders.counts", **values) if counts is None else None,  # type: ignore[arg-type]
    }


def _explicit(tab: str, values: dict[str, str]) -> str:
    """The tab in the address; the one that is meant without it is left out."""
    return "" if tab == (ALL if values.get("q") or values.get("buyer") else OPEN) else tab


def _shown(counts: dict[str, int] | None, key: str) -> str | None:
    return None if counts is None else shown_count(counts.get(key, 0))


@bp.get("/counts")
@needs(Least.VIEWER)
def counts() -> str:
    """The tabs and chips with their counts, fetched after the page."""
    wanted = read_filter(request.args)
    try:
        counted = orders_page.tab_counts(wanted, [key for key, _title, _color in orders_page.statuses()])
    except Refusal:
        counted = {}
    # Without an address to fetch, or a search that cannot be counted would be asked for again and again.
    return render_template("orders/_tabs.html", **{**_tabs(wanted, counted or None), "counts_href": None})


@bp.get("/export.csv")
@needs(Least.VIEWER)
def export() -> Response:
    """Every order of the filter as CSV, a row an item."""
    return csv_response(orders_export.export(read_filter(request.args)), "orders.csv")
