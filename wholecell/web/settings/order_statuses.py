"""The statuses of orders: add, change, put in order, merge, delete. What moves numbers is shown first."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import lists, order_status_list, status_words
from wholecell.services.order_status_list import Status
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.settings.blueprint import TITLES, bp


@bp.get("/order-statuses")
@needs(Least.MANAGER)
def order_statuses() -> Response:
    """The list with everything that can be done to its statuses."""
    return _page()


def _page(problem: str = "", status_id: int = 0, status: int = 200) -> Response:
    """The list; a problem stands beside the status it is about, or beside the form for a new one."""
    page = render_template(
        "settings/order_statuses.html",
        rows=order_status_list.rows(),
        warnings=status_words.warnings(),
        wants_canceled=status_words.wants_canceled(),
        colors=lists.COLORS,
        shipper=order_status_list.shipper(),
        titles=TITLES,
        problem=problem,
        problem_id=status_id,
        typed=_entered() if problem else None,
    )
    return make_response(page, status)


def _entered() -> Status:
    form = request.form
    flags = (bool(form.get(name)) for name in ("counts_as_open", "allows_commitment", "syncs_to_shipstation"))
    return Status(form.get("title", ""), form.get("color", ""), *flags)


def _do(do: Callable[[], object], said: str, status_id: int = 0) -> BaseResponse:
    try:
        do()
    except Refusal as refusal:
        return _page(str(refusal), status_id, 422)
    if said:
        flash(said, "ok")
    return redirect(url_for("settings.order_statuses"), 303)


@bp.post("/order-statuses")
@needs(Least.MANAGER)
def add_order_status() -> BaseResponse:
    """Add a status."""
    return _do(lambda: order_status_list.add(_entered(), actor()), "The status is added.")


@bp.post("/order-statuses/canceled")
@needs(Least.MANAGER)
def add_canceled() -> BaseResponse:
    """Add Canceled, for maps that want it."""
    return _do(lambda: order_status_list.add_canceled(actor()), "Canceled is added: choose it in the status maps.")


@bp.post("/order-statuses/<int:status_id>")
@needs(Least.MANAGER)
def change_order_status(status_id: int) -> BaseResponse:
    """Save a status; when numbers would move, first show which."""
    entered = _entered()
    try:
        if not request.form.get("is_sure"):
            effect = order_status_list.effect_of_change(status_id, entered, actor())
            if effect is not None:
                return _question(status_id, entered, effect)
    except Refusal as refusal:
        return _page(str(refusal), status_id, 422)
    return _do(lambda: order_status_list.change(status_id, entered, actor()), "Saved.", status_id)


def _question(status_id: int, entered: Status, effect: order_status_list.Effect) -> Response:
    page = render_template(
        "settings/order_status_question.html",
        status_id=status_id,
        old=order_status_list.get(status_id),
        new=entered,
        effect=effect,
    )
    return make_response(page)


@bp.post("/order-statuses/<int:status_id>/move")
@needs(Least.MANAGER)
def move_order_status(status_id: int) -> BaseResponse:
    """Move a status one up or down."""
    return _do(lambda: order_status_list.move(status_id, -1 if request.form.get("step") == "up" else 1), "")


@bp.post("/order-statuses/<int:status_id>/delete")
@needs(Least.MANAGER)
def delete_order_status(status_id: int) -> BaseResponse:
    """Delete a status nothing uses."""
    return _do(lambda: order_status_list.delete(status_id, actor()), "The status is deleted.", status_id)


@bp.get("/order-statuses/<int:status_id>/merge")
@needs(Least.MANAGER)
def merge_order_status(status_id: int) -> BaseResponse:
    """Choose what to merge into; once chosen, the effect."""
    into = request.args.get("into", 0, int)
    try:
        effect = order_status_list.effect_of_merge(status_id, into, actor()) if into else None
    except Refusal as refusal:
        return _merge_page(status_id, into, problem=str(refusal), status=422)
    return _merge_page(status_id, into, effect)


@bp.post("/order-statuses/<int:status_id>/merge")
@needs(Least.MANAGER)
def do_merge_order_status(status_id: int) -> BaseResponse:
    """Merge."""
    into = request.form.get("into", 0, int)
    try:
        moved = order_status_list.merge(status_id, into, actor())
    except Refusal as refusal:
        return _merge_page(status_id, into, problem=str(refusal), status=422)
    flash(f"Merged; {moved:,} order{'' if moved == 1 else 's'} moved.", "ok")
    return redirect(url_for("settings.order_statuses"), 303)


def _merge_page(
    status_id: int, into: int, effect: order_status_list.Effect | None = None, problem: str = "", status: int = 200
) -> BaseResponse:
    by_id = {row.id: row for row in order_status_list.rows()}
    if status_id not in by_id:
        return _page(order_status_list.GONE, 0, 422)
    page = render_template(
        "settings/order_status_merge.html",
        source=by_id[status_id],
        target=by_id.get(into),
        others=[row for row in by_id.values() if row.id != status_id],
        effect=effect,
        problem=problem,
    )
    return make_response(page, status)
