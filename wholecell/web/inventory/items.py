"""One phone: what it is, where it is, what happened to it, and changing it."""

from __future__ import annotations

from typing import TypeVar

from flask import Response, abort, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import discover
from wholecell.services import activity, inventory, inventory_page, item_form, returns, variation_listings
from wholecell.services.item_form import ItemStart
from wholecell.services.money import parse_cents, shown_cents
from wholecell.services.refusal import Refusal, StaleEdit
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.items import ItemForm, ReturnForm
from wholecell.web.inventory.blueprint import bp

AnyForm = TypeVar("AnyForm", ItemForm, ReturnForm)


@bp.get("/<int:item_id>")
@needs(Least.VIEWER)
def item(item_id: int) -> Response:
    """The phone's page."""
    return _page(item_id, None)


@bp.post("/<int:item_id>")
@needs(Least.MANAGER)
def edit(item_id: int) -> BaseResponse:
    """Save the phone's form."""
    if (start := item_form.start(item_id)) is None:
        return _page(item_id, None, 404)
    form = ItemForm()
    form.offer(start.choices())
    if not form.validate_on_submit():
        return _page(item_id, form, 422)
    try:
        is_changed = inventory.edit(item_id, form.version.data or 0, _read(form, start), actor())
    except StaleEdit as refusal:
        flash(str(refusal), "error")
        return _page(item_id, None, 422)
    except Refusal as refusal:
        form.form_errors.append(str(refusal))
        return _page(item_id, form, 422)
    flash("Saved." if is_changed else "Nothing was changed.", "ok")
    return redirect(url_for("inventory.item", item_id=item_id), 303)


def _read(form: ItemForm, start: ItemStart) -> inventory.ItemEdit:
    warehouse, location = form.warehouse.data or None, start.place(form.location.data or "")
    if location == start.location_id and (warehouse or 0) != start.warehouse:
        location = None  # another warehouse was chosen, and the shelf left as it stood
    elif location is not None:
        warehouse = None
    return inventory.ItemEdit(
        status_id=form.status.data,
        warehouse_id=warehouse,
        location_id=location,
        grade_id=form.grade.data,
        condition_ids=frozenset(form.conditions.data or ()),
        cost_cents=parse_cents(form.cost.data or ""),
    )


@bp.post("/<int:item_id>/return")
@needs(Least.PICKER)
def take_back(item_id: int) -> BaseResponse:
    """The buyer sent the phone back: off its order, with a new status and grade."""
    if (start := item_form.start(item_id)) is None:
        return _page(item_id, None, 404)
    form = ReturnForm(prefix="return")
    form.offer(start.choices())
    if not form.validate_on_submit():
        return _page(item_id, None, 422, returning=form)
    try:
        grade = form.grade.data if form.grade.data != start.grade else None
        returns.return_phone(item_id, actor(), status_id=form.status.data, grade_id=grade)
    except Refusal as refusal:
        flash(str(refusal), "error")  # the form is gone with the phone's order
        return _page(item_id, None, 422, returning=form)
    flash("The phone is back. Its order shows the return, and can have a replacement.", "ok")
    return redirect(url_for("inventory.item", item_id=item_id), 303)


@bp.post("/<int:item_id>/delete")
@needs(Least.MANAGER)
def delete(item_id: int) -> BaseResponse:
    """Delete a phone that was taken in by mistake."""
    try:
        inventory.delete(item_id, actor())
    except Refusal as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("inventory.item", item_id=item_id), 303)
    flash("The phone is deleted.", "ok")
    return redirect(url_for("inventory.index"), 303)


def _page(item_id: int, form: ItemForm | None, status: int = 200, returning: ReturnForm | None = None) -> Response:
    row = inventory_page.one(item_id)
    lines = activity.timeline("item", item_id)
    if row is None:
        if not lines:
            abort(404)
        return make_response(render_template("inventory/gone.html", lines=lines), 404)
    if (start := item_form.start(item_id)) is not None:
        form = form or _filled(ItemForm(formdata=None, obj=start, cost=shown_cents(start.cost_cents)), start)
        returning = returning or _filled(ReturnForm(prefix="return", formdata=None, grade=start.grade), start)
    page = render_template(
        "inventory/item.html",
        item=row,
        form=form,
        returning=returning,
        order=returns.last_order(item_id),
        channel_names={each.name: each.label for each in discover().values()},
        lines=lines,
        listings=variation_listings.listings(row.variation_id),
    )
    return make_response(page, status)


def _filled(form: AnyForm, start: ItemStart) -> AnyForm:
    form.offer(start.choices())
    return form
