"""The blueprint of the phones' pages, and their filter as it stands in the URL."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.datastructures import MultiDict

from wholecell.services.item_filter import ALL, COMMITTED, ItemFilter

bp = Blueprint("inventory", __name__, url_prefix="/inventory")


def read_filter(values: MultiDict[str, str]) -> ItemFilter:
    """The filter these values (of the URL or of the bulk form) ask for."""
    tab = values.get("tab", ALL)
    return ItemFilter(
        text=values.get("q", ""),
        tab=tab if tab == COMMITTED or tab.isascii() and tab.isdigit() else ALL,
        warehouse_id=values.get("warehouse", type=int),
        location=values.get("location", "").strip(),
        model=values.get("model", "").strip(),
        grade_id=values.get("grade", type=int),
        variation_id=values.get("variation", type=int),
    )


def as_values(wanted: ItemFilter) -> dict[str, str | int]:
    """The filter as values of a URL; empty ones are left out."""
    values = {
        "q": wanted.text,
        "tab": "" if wanted.tab == ALL else wanted.tab,
        "warehouse": wanted.warehouse_id,
        "location": wanted.location,
        "model": wanted.model,
        "grade": wanted.grade_id,
        "variation": wanted.variation_id,
    }
    return {key: value for key, value in values.items() if value}
