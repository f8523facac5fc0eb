"""The table of listings that two pages share: what the address asks for, and what the template needs."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from wholecell.channels import discover
from wholecell.services import listing_table
from wholecell.services.keyset import shown_count
from wholecell.services.listing_filter import ALL, CHIPS, TABS, ListingFilter

PASTED = 8_000  # characters of a pasted list that an address carries


def asked_for(integration_id: int | None) -> ListingFilter:
    """The filter in the address."""
    args = request.args
    tab, chip = args.get("tab", ALL), args.get("only", "")
    return ListingFilter(
        integration_id,
        args.get("q", "").strip()[:PASTED],
        tab if tab in TABS else ALL,
        chip if chip in CHIPS else "",
    )


def query_of(asked: ListingFilter, **changes: Any) -> dict[str, Any]:
    """The filter as address arguments, without what is empty."""
    values = {"q": asked.text, "tab": asked.tab if asked.tab != ALL else "", "only": asked.chip, **changes}
    return {key: value for key, value in values.items() if value}


def tabs_context(integration_id: int | None) -> dict[str, Any]:
    """What tabs, chips and the search box need: `here` is the address of the table with something changed."""
    asked = asked_for(integration_id)
    one: dict[str, Any] = {} if integration_id is None else {"integration": integration_id}
    return {
        "asked": asked,
        "tabs": TABS,
        "chips": CHIPS,
        "is_one": integration_id is not None,
        "table_href": _table(integration_id, {}),
        "here": lambda **changes: _table(integration_id, query_of(asked, **changes)),
        "counts_href": url_for("listings.counts", **one, **query_of(asked)),
        "export_href": url_for("listings.export", **one, **query_of(asked)),
        "missing_href": url_for("listings.missing", **one, **query_of(asked)),
        "shown_count": shown_count,
        "marks": {kind: channel.mark for kind, channel in discover().items()},
    }


def _table(integration_id: int | None, query: dict[str, Any]) -> str:
    if integration_id is None:
        return url_for("listings.index", **query)
    return url_for("integrations.listings", integration_id=integration_id, **query)


def table_context(integration_id: int | None) -> dict[str, Any]:
    """The same with one page of rows."""
    context = tabs_context(integration_id)
    args = request.args
    found = listing_table.find(context["asked"], args.get("after", type=int), args.get("before", type=int))
    return {**context, "found": found}
