"""Addresses of the phones that a number counts."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for

from wholecell.services.listing_page import Counted
from wholecell.web.shell import exists


def phones_href(counted: Sequence[Counted], tab: int | str = "", warehouse: int | None = None) -> str:
    """The inventory page with the phones of these variations; empty when it cannot show exactly those."""
    if not counted or not exists("inventory.index"):
        return ""
    asked: dict[str, int | str] = {}
    if len(counted) == 1:
        asked["variation"] = counted[0].variation_id
    elif all(each.sku for each in counted):
        asked["q"] = "\n".join(sorted({each.sku or "" for each in counted}))
    else:
        return ""
    if tab:
        asked["tab"] = tab
    if warehouse is not None:
        asked["warehouse"] = warehouse
    return url_for("inventory.index", **asked)  # type: ignore[arg-type]
