"""Editing a SKU in place."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import catalog_page, skus
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.catalog.blueprint import bp
from wholecell.web.catalog.pages import variation_page
from wholecell.web.catalog.sku_cell import SkuCell, opened
from wholecell.web.htmx import wants_partial


@bp.get("/<int:variation_id>/sku")
@needs(Least.VIEWER)
def sku(variation_id: int) -> BaseResponse:
    """The SKU as a cell: open for editing, or with `?cancel=1` shown."""
    if not wants_partial():
        return redirect(url_for("catalog.variation", variation_id=variation_id, edit="sku"), 303)
    return _cell(variation_id, None if request.args.get("cancel") else opened(variation_id))


@bp.post("/<int:variation_id>/sku")
@needs(Least.MANAGER)
def save_sku(variation_id: int) -> BaseResponse:
    """Save the SKU; asks first when armed listings would no longer be followed."""
    text = request.form.get("sku", "")
    try:
        losing = skus.listings_losing(variation_id, text)
        if losing and not request.form.get("confirmed"):
            return _answer(variation_id, SkuCell(text, losing=losing), 422)
        skus.set_sku(variation_id, text, actor(), version=request.form.get("version", type=int))
    except Refusal as refusal:
        return _answer(variation_id, SkuCell(text, problem=str(refusal)), 422)
    if wants_partial():
        return _cell(variation_id, None)
    flash("The SKU is saved.", "ok")
    return redirect(url_for("catalog.variation", variation_id=variation_id), 303)


def _answer(variation_id: int, cell: SkuCell, status: int) -> Response:
    return _cell(variation_id, cell, status) if wants_partial() else variation_page(variation_id, cell, status)


def _cell(variation_id: int, cell: SkuCell | None, status: int = 200) -> Response:
    row = catalog_page.one(variation_id)
    if row is None:
        abort(404)
    answer = make_response(render_template("catalog/_sku.html", row=row, cell=cell), status)
    answer.vary.add("HX-Request")
    return answer
