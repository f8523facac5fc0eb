"""Intake by scan: choose the product and the rest once, then scan phone after phone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import catalog, catalog_page, intake, inventory
from wholecell.services.intake import SetOnce
from wholecell.services.list_choices import phones
from wholecell.services.list_kinds import find_location
from wholecell.services.money import parse_cents
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.catalog import ProductForm
from wholecell.web.forms.intake import IntakeForm
from wholecell.web.htmx import wants_partial

bp = Blueprint("intake", __name__, url_prefix="/intake")
KEPT = ("product", "grade", "conditions", "status", "warehouse", "location", "cost")


@bp.get("/")
@needs(Least.PICKER)
def index() -> BaseResponse:
    """Choose a product; once one is chosen, scan."""
    values = MultiDict(request.args)
    if start := intake.of_variation(request.args.get("variation", 0, int)):
        values.setlist("product", [str(start[0])])
        values.setlist("grade", [str(start[1])])
        values.setlist("conditions", [str(each) for each in start[2]])
    product = intake.product(values.get("product", 0, int))
    if product is None:
        return _choose(ProductForm(formdata=None))
    form = IntakeForm(values, meta={"csrf": False})
    return _scan_page(form, "ok" if values.get("last") else "", values.get("said", "")[:300])


def _choose(form: ProductForm, status: int = 200) -> Response:
    text = request.args.get("q", "")
    try:
        products, problem = intake.find_products(text), ""
    except Refusal as refusal:
        products, problem = [], str(refusal)
    page = render_template(
        "intake/choose.html", text=text, products=products, problem=problem, form=form, models=catalog_page.models()
    )
    return make_response(page, status)


@bp.post("/products")
@needs(Least.PICKER)
def add_product() -> BaseResponse:
    """Add a product that is not in the catalog yet, and go on to scanning it."""
    form = ProductForm()
    if not form.validate_on_submit():
        return _choose(form, 422)
    try:
        fields = catalog.ProductFields.of({name: form[name].data or "" for name in catalog.PRODUCT_COLUMNS})
    except Refusal as refusal:
        form.form_errors.append(str(refusal))
        return _choose(form, 422)
    return redirect(url_for("intake.index", product=catalog.add_product(fields)), 303)


@bp.post("/scan")
@needs(Least.PICKER)
def scan() -> BaseResponse:
    """Take in the phone scanned."""
    form = IntakeForm()
    form.offer(phones())
    if not form.validate_on_submit():
        return _said(form, "bad", " ".join(form.problems), 422)
    try:
        scanned = intake.scan(request.form.get("code", ""), _set_once(form), actor("scan"))
    except Refusal as refusal:
        return _said(form, "bad", str(refusal), 422)
    if scanned.is_repeat:
        return _said(form, "same", "Same code within 2 s, ignored.")
    return _said(form, "ok", "Taken in.", item_id=scanned.item_id)


def _set_once(form: IntakeForm) -> SetOnce:
    location = find_location(form.location.data or "")
    return SetOnce(
        product_id=form.product.data or 0,
        grade_id=form.grade.data,
        condition_ids=frozenset(form.conditions.data or ()),
        status_id=form.status.data,
        warehouse_id=None if location else form.warehouse.data,
        location_id=location,
        cost_cents=parse_cents(form.cost.data or ""),
    )


@bp.post("/undo")
@needs(Least.PICKER)
def undo() -> BaseResponse:
    """Take back one of the person's own scans."""
    form = IntakeForm()
    try:
        esn = inventory.undo_scan(request.form.get("item_id", 0, int), actor("scan"))
    except Refusal as refusal:
        return _said(form, "bad", str(refusal), 422)
    return _said(form, "undone", f"{esn} is taken back.")


def _said(form: IntakeForm, outcome: str, text: str, status: int = 200, item_id: int = 0) -> BaseResponse:
    """The result of a scan: as a fragment, or as the page with what was set."""
    if wants_partial():
        page = render_template("intake/_scans.html", **_scans(form, outcome, text))
        answer = make_response(page, status)
        answer.vary.add("HX-Request")
        return answer
    if status != 200:
        return _scan_page(form, outcome, text, status)
    kept: dict[str, Any] = {name: request.form.getlist(name) for name in KEPT}
    return redirect(url_for("intake.index", **kept, last=item_id or None, said=text), 303)


def _scans(form: IntakeForm, outcome: str, text: str) -> dict[str, Any]:
    return {"scans": intake.recent(current_user.id), "outcome": outcome, "said": text, "form": form}


def _scan_page(form: IntakeForm, outcome: str, text: str, status: int = 200) -> BaseResponse:
    product = intake.product(form.product.data or 0)
    if product is None:
        return redirect(url_for("intake.index"), 303)
    form.offer(phones())
    page = render_template("intake/scan.html", product=product, **_scans(form, outcome, text))
    return make_response(page, status)
