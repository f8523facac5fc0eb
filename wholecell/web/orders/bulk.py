"""Changes of many orders at once: the ticked rows, or every order of the filter."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import order_changes, orders_page, packing_slip, shipments
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.orders.blueprint import as_values, bp, read_filter
from wholecell.web.params import href, integers, is_from_today


def chosen() -> list[int]:
    """The orders the bulk form is about. Raises Refusal when none is."""
    whole = request.form.get("whole")
    ids = orders_page.selected_ids(read_filter(request.form)) if whole else integers(request.form, "ids")
    if not ids:
        raise Refusal("No order was selected: tick some rows, or choose all of this list.")
    return ids


def back(**more: object) -> BaseResponse:
    """To the list the bulk form came from, or to Today."""
    if is_from_today():
        return redirect(url_for("today.index"), 303)
    return redirect(href("orders.index", as_values(request.form), **more), 303)


@bp.post("/status")
@needs(Least.MANAGER)
def change_status() -> BaseResponse:
    """Move the orders chosen to a status, as a batch that can be undone; some changes ask first."""
    try:
        status_id = request.form.get("to_status", type=int)
        if status_id is None:
            raise Refusal("Choose the status to move the orders to.")
        ids = chosen()
        done = order_changes.set_status(ids, status_id, actor(), is_sure=bool(request.form.get("is_sure")))
    except AsksFirst as question:
        return ask(question, "Move them anyway", href("orders.index", as_values(request.form)))
    except Refusal as refusal:
        flash(str(refusal), "error")
        return back()
    if done.batch_id is None:
        flash("Nothing changed: the orders have that status already.", "ok")
    return back(changed=done.batch_id)


def ask(question: AsksFirst, yes: str, home: str) -> Response:
    """The page that asks before a change: its form holds everything that was sent, and says that the person is sure."""
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", "is_sure")]
    page = render_template("orders/ask.html", question=str(question), yes=yes, home=home, sent=sent, to=request.path)
    return make_response(page, 422)


@bp.post("/batches/<int:batch_id>/undo")
@needs(Least.MANAGER)
def undo_status(batch_id: int) -> BaseResponse:
    """Take back a change of statuses."""
    try:
        flash(order_changes.undo_status(batch_id, actor()), "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back()


@bp.post("/accept")
@needs(Least.PICKER)
def accept_many() -> BaseResponse:
    """Say yes to the orders chosen that their channel waits for."""
    try:
        asked = shipments.ask_accept(chosen(), actor())
    except Refusal as refusal:
        flash(str(refusal), "error")
        return back()
    if asked:
        flash(f"{asked:,} order{' is' if asked == 1 else 's are'} being accepted on the channel.", "ok")
    else:
        flash("None of these orders waits to be accepted.", "ok")
    return back()


@bp.post("/packing-slips.pdf")
@needs(Least.PICKER)
def print_slips() -> BaseResponse:
    """The packing slips of the orders chosen."""
    try:
        return pdf(packing_slip.pdf(chosen()), "packing-slips.pdf")
    except Refusal as refusal:
        flash(str(refusal), "error")
        return back()


@bp.get("/<int:order_id>/packing-slip.pdf")
@needs(Least.PICKER)
def print_slip(order_id: int) -> BaseResponse:
    """One order's packing slip."""
    try:
        return pdf(packing_slip.pdf([order_id]), "packing-slip.pdf")
    except Refusal as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("orders.index"), 303)


def pdf(content: bytes, name: str) -> Response:
    """A PDF that the browser shows."""
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})
