"""Where one order goes, corrected by hand."""

from __future__ import annotations

from flask import Response, abort, flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import order_address, order_page
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.forms.address import AddressForm
from wholecell.web.orders.blueprint import bp


@bp.get("/<int:order_id>/address")
@needs(Least.MANAGER)
def address(order_id: int) -> Response:
    """The form."""
    page = order_page.load(order_id)
    if page is None:
        abort(404)
    form = AddressForm(formdata=None, data={name: getattr(page.order, f"ship_{name}") for name in order_address.FIELDS})
    return make_response(render_template("orders/address.html", order=page.order, form=form))


@bp.post("/<int:order_id>/address")
@needs(Least.MANAGER)
def save_address(order_id: int) -> BaseResponse:
    """Keep what was entered."""
    page, form = order_page.load(order_id), AddressForm()
    if page is None:
        abort(404)
    if not form.validate_on_submit():
        return make_response(render_template("orders/address.html", order=page.order, form=form), 422)
    try:
        is_new = order_address.save(order_id, form.data, actor())
    except Refusal as refusal:
        flash(str(refusal), "error")
    else:
        flash("The address is saved." if is_new else "Nothing was changed.", "success")
    return redirect(url_for("orders.detail", order_id=order_id), 303)
