"""Items of one order: Unknown SKUs cured, lines set aside, cancelled on the channel, or changed where we made them."""

from __future__ import annotations

from flask import flash, request
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import order_edit, order_items, returns, shipments
from wholecell.services.money import parse_cents
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.orders.blueprint import bp
from wholecell.web.orders.detail import back


@bp.post("/<int:order_id>/items/<int:item_id>/connect")
@needs(Least.MANAGER)
def connect_item(order_id: int, item_id: int) -> BaseResponse:
    """Say which variation the item is."""
    try:
        variation_id = request.form.get("variation_id", type=int)
        if variation_id is None:
            raise Refusal("Choose the phone this item is.")
        order_items.connect_item(item_id, variation_id, actor())
        flash("The item is connected.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/items/<int:item_id>/refresh")
@needs(Least.PICKER)
def refresh_item(order_id: int, item_id: int) -> BaseResponse:
    """Look once more whether the catalog or a listing knows the SKU."""
    try:
        is_known = order_items.refresh_item(item_id, actor())
        flash("The SKU is known now." if is_known else "The SKU is still unknown.", "ok" if is_known else "error")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/items/<int:item_id>/set-aside")
@needs(Least.MANAGER)
def set_aside(order_id: int, item_id: int) -> BaseResponse:
    """Leave the line out of what counts, or take it back in."""
    is_set_aside = request.form.get("restore") != "1"
    try:
        order_items.set_aside(item_id, is_set_aside, actor())
        flash("The line is set aside: it does not count." if is_set_aside else "The line counts again.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/items/<int:item_id>/replacement")
@needs(Least.PICKER)
def replace_item(order_id: int, item_id: int) -> BaseResponse:
    """Want a unit that came back again."""
    try:
        is_counted = returns.send_replacement(item_id, actor())
        more = "" if is_counted else " Listings keep none back for it until the order has a status that counts as open."
        flash(f"A unit is wanted again: scan the phone you send.{more}", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/items/<int:item_id>/cancel")
@needs(Least.MANAGER)
def cancel_item(order_id: int, item_id: int) -> BaseResponse:
    """Have the line cancelled on the channel."""
    try:
        shipments.ask_cancel(item_id, actor())
        flash("The channel is told to cancel the line.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/items")
@needs(Least.MANAGER)
def add_item(order_id: int) -> BaseResponse:
    """Add a line to an order made by hand."""
    try:
        variation_id = request.form.get("variation_id", type=int)
        if variation_id is None:
            raise Refusal("Choose the phone to add.")
        order_edit.add_item(order_id, variation_id, *_values(), actor())
        flash("The item is added.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, "items")


@bp.post("/<int:order_id>/items/<int:item_id>/edit")
@needs(Least.MANAGER)
def edit_item(order_id: int, item_id: int) -> BaseResponse:
    """Change quantity and price of a line made by hand."""
    try:
        is_changed = order_edit.edit_item(item_id, *_values(), actor())
        flash("The item is changed." if is_changed else "Nothing was changed.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/items/<int:item_id>/remove")
@needs(Least.MANAGER)
def remove_item(order_id: int, item_id: int) -> BaseResponse:
    """Take a line off an order made by hand."""
    try:
        order_edit.remove_item(item_id, actor())
        flash("The item is removed.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, "items")


def _values() -> tuple[int, int | None]:
    """Quantity and price as typed. Raises Refusal."""
    return order_edit.read_quantity(request.form.get("ordered", "1")), parse_cents(request.form.get("price", ""))
