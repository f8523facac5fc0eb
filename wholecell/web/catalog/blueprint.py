"""The blueprint of the catalog's pages, and their filter as it stands in the URL."""

from __future__ import annotations

from flask import Blueprint, request

from wholecell.services.catalog_page import ALL, TABS, VariationFilter

bp = Blueprint("catalog", __name__, url_prefix="/catalog")


def read_filter() -> VariationFilter:
    """The filter the URL asks for."""
    tab = request.args.get("tab", ALL)
    return VariationFilter(
        text=request.args.get("q", ""),
        tab=tab if tab in TABS else ALL,
        manufacturer=request.args.get("manufacturer", "").strip(),
        model=request.args.get("model", "").strip(),
        grade_id=request.args.get("grade", type=int),
    )


def as_values(wanted: VariationFilter) -> dict[str, str | int]:
    """The filter as values of a URL; empty ones are left out."""
    values = {
        "q": wanted.text,
        "tab": "" if wanted.tab == ALL else wanted.tab,
        "manufacturer": wanted.manufacturer,
        "model": wanted.model,
        "grade": wanted.grade_id,
    }
    return {key: value for key, value in values.items() if value}
