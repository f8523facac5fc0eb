"""Adding a variation by hand."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import catalog_new, catalog_page
from wholecell.services.catalog import PRODUCT_COLUMNS, ProductFields, VariationSpec
from wholecell.services.list_choices import phones
from wholecell.services.money import parse_cents
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.catalog.blueprint import bp
from wholecell.web.forms.catalog import VariationForm


@bp.get("/new")
@needs(Least.MANAGER)
def new() -> Response:
    """The empty form; values in the URL fill it in."""
    return _page(VariationForm(request.args))


@bp.post("/new")
@needs(Least.MANAGER)
def create() -> BaseResponse:
    """Add the variation."""
    form = VariationForm()
    form.offer(phones())
    if not form.validate_on_submit():
        return _page(form, 422)
    try:
        product = ProductFields.of({name: form[name].data or "" for name in PRODUCT_COLUMNS})
        spec = VariationSpec(product, form.grade.data, frozenset(form.conditions.data or ()))
        key = catalog_new.add(spec, form.sku.data or "", parse_cents(form.price.data or ""), actor())
    except Refusal as refusal:
        form.form_errors.append(str(refusal))
        return _page(form, 422)
    flash("The variation is in the catalog.", "ok")
    return redirect(url_for("catalog.variation", variation_id=key), 303)


def _page(form: VariationForm, status: int = 200) -> Response:
    form.offer(phones())
    page = render_template("catalog/new.html", form=form, models=catalog_page.models())
    return make_response(page, status)
