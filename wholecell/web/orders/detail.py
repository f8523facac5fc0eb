"""One order: its items and phones, its shipments, its status, what it did."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import carriers, order_changes, order_page, orders_page, oversold, shipments
from wholecell.services.addresses import lines_of
from wholecell.services.order_page import OrderPage
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.order_timeline import order_lines
from wholecell.web.orders.blueprint import bp, end_of, today
from wholecell.web.orders.bulk import ask
from wholecell.web.orders.searching import candidates
from wholecell.web.params import is_from_today


@bp.get("/<int:order_id>")
@needs(Least.VIEWER)
def detail(order_id: int) -> Response:
    """The page."""
    return page_of(order_id)


def page_of(order_id: int, status: int = 200, **more: Any) -> Response:
    """The order's page; `more` holds what a form sent, when it could not be done."""
    page = order_page.load(order_id)
    if page is None:
        abort(404)
    find = request.args.get("find", "").strip()
    context = {
        "page": page,
        "statuses": orders_page.statuses(),
        "lines": order_lines(page),
        "address": lines_of(page.order),
        "order_href": _order_href(page),
        "carriers": carriers.CARRIERS,
        "is_link": carriers.is_link,
        "tracking_link": carriers.tracking_link,
        "today_ends": end_of(today()),
        "now_local": today().isoformat(),
        "find": find,
        "find_item": request.args.get("item", type=int),
        "found": candidates(find) if find else [],
        "parcel": {},
        "problem": "",
        **more,
    }
    return make_response(render_template("orders/detail.html", **context), status)


def _order_href(page: OrderPage) -> str:
    """The order's page at its channel; empty when there is none."""
    return page.channel.order_page(page.login, page.order.external_id or "") if page.channel else ""


def back(order_id: int, anchor: str = "", **more: Any) -> BaseResponse:
    """To the order's page, or to Today, where the button may stand too."""
    if is_from_today():
        return redirect(url_for("today.index"), 303)
    return redirect(url_for("orders.detail", order_id=order_id, _anchor=anchor or None, **more), 303)


@bp.get("/<int:order_id>/oversold")
@needs(Least.VIEWER)
def oversold_flag(order_id: int) -> str:
    """Whether its phones may run out, fetched after the page: that is asked of all open orders at once."""
    is_short = order_id in oversold.order_flags([order_id])
    return render_template("orders/_oversold.html", is_short=is_short)


@bp.post("/<int:order_id>/status")
@needs(Least.MANAGER)
def set_status(order_id: int) -> BaseResponse:
    """Move the order to another status; some changes ask first."""
    status_id = request.form.get("to_status", type=int)
    if status_id is None:
        flash("Choose the status to move the order to.", "error")
        return back(order_id, "status")
    try:
        done = order_changes.set_status([order_id], status_id, actor(), is_sure=bool(request.form.get("is_sure")))
    except AsksFirst as question:
        return ask(question, "Move it anyway", url_for("orders.detail", order_id=order_id))
    except Refusal as refusal:
        flash(str(refusal), "error")
    else:
        flash("The status is changed." if done.changed else "The order has that status already.", "ok")
    return back(order_id)


@bp.post("/<int:order_id>/accept")
@needs(Least.PICKER)
def accept(order_id: int) -> BaseResponse:
    """Say yes to the order on its channel."""
    try:
        asked = shipments.ask_accept([order_id], actor())
        flash("The order is being accepted on the channel." if asked else "It does not wait to be accepted.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id)


@bp.post("/<int:order_id>/not-from-this-stock")
@needs(Least.MANAGER)
def dismiss_scan(order_id: int) -> BaseResponse:
    """Nothing of it is to be scanned: it was not filled from this stock."""
    try:
        order_changes.dismiss_scan(order_id, actor())
        flash("It does not wait to be scanned any more.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id)


@bp.post("/<int:order_id>/notes")
@needs(Least.PICKER)
def add_note(order_id: int) -> BaseResponse:
    """Keep a remark."""
    try:
        order_changes.add_note(order_id, request.form.get("text", ""), actor())
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, "notes")
