"""The variations that are one listing on their channel, on one page."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, url_for

from wholecell.channels import discover
from wholecell.services import listing_groups, listing_table
from wholecell.services.listing_filter import ListingFilter
from wholecell.web.access import Least, needs
from wholecell.web.htmx import render
from wholecell.web.listings.shared import bp


@bp.get("/<int:listing_id>/variations")
@needs(Least.VIEWER)
def group(listing_id: int) -> Response:
    """The channel's listing that this one is a variation of: summed up, and its variations page by page."""
    found = listing_groups.of(listing_id)
    if found is None:
        abort(404)
    asked = ListingFilter(found.integration.id, group_id=found.group_id)
    args = request.args

    def here(**changes: Any) -> str:
        return url_for("listings.group", listing_id=listing_id, **{k: v for k, v in changes.items() if v})

    return render(
        "listings/group.html",
        "listings/_table.html",
        group=found,
        channel=discover()[found.integration.kind],
        asked=asked,
        found=listing_table.find(asked, args.get("after", type=int), args.get("before", type=int)),
        here=here,
        table_href=here(),
        is_one=True,
        is_group=True,
        marks={},
    )
