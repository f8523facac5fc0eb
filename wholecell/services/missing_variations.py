"""A catalog sheet of what is sold on channels and missing in the catalog, to be filled in and uploaded."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Listing
from wholecell.services import upload_specs, upload_variations
from wholecell.services.listing_filter import ListingFilter, conditions, is_in_catalog

CHUNK = 1_000
TITLE = "Title"  # of the listing, for whoever fills the sheet in; an upload takes no notice of it
HEADER = (*(each.label for each in upload_variations.KIND.fields), TITLE)
_SKU = sa.func.trim(Listing.sku)


def rows(wanted: ListingFilter) -> Iterator[list[str]]:
    """One row for each SKU of the filter's listings that are not connected because no variation carries it.

    A listing without a SKU has none to be found by, and is left out.
    """
    query = (
        sa.select(_SKU, sa.func.min(Listing.title))
        .where(*conditions(wanted.on("not-connected")), _SKU != "", ~is_in_catalog())
        .group_by(_SKU)
        .order_by(_SKU)
        .limit(CHUNK)
    )
    last = ""
    while found := db.session.execute(query.where(last < _SKU)).all():
        last = found[-1][0]
        yield from (_row(sku, title) for sku, title in found)


def _row(sku: str, title: str) -> list[str]:
    known = {upload_variations.ID.key: upload_variations.CREATE, upload_specs.SKU.key: sku}
    return [*(known.get(each.key, "") for each in upload_variations.KIND.fields), title]
