"""Changes of many phones at once: the ticked rows, or every phone of the filter."""

from __future__ import annotations

from flask import flash, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import inventory, inventory_page, undo
from wholecell.services.inventory import Bulk, BulkDone
from wholecell.services.list_kinds import KINDS, choices, find_location
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.inventory.blueprint import as_values, bp, read_filter
from wholecell.web.params import href, integers


def chosen() -> list[int]:
    """The phones the bulk form is about. Raises Refusal when none is."""
    wanted = read_filter(request.form)
    ids = inventory_page.selected_ids(wanted) if request.form.get("whole") else integers(request.form, "ids")
    if not ids:
        raise Refusal("No phone was selected: tick some rows, or choose all of this list.")
    return ids


def back(**more: object) -> BaseResponse:
    """To the list the bulk form came from."""
    return redirect(href("inventory.index", as_values(read_filter(request.form)), **more), 303)


@bp.post("/change")
@needs(Least.MANAGER)
def change() -> BaseResponse:
    """Set status, place or grade of the phones chosen, as a batch that can be undone."""
    try:
        done = _change(request.form.get("verb", ""))
    except Refusal as refusal:
        flash(str(refusal), "error")
        return back()
    if done.batch_id is None:
        flash("Nothing changed: the phones are like that already.", "ok")
    return back(changed=done.batch_id)


def _change(verb: str) -> BulkDone:
    ids = chosen()
    many = f"{len(ids):,} phone{'' if len(ids) == 1 else 's'}"
    # Enter in a field of the bar sends no verb: then it is the field that was filled in.
    verb = verb or ("move" if request.form.get("to_location") else "")
    if verb == "move":
        return _move(ids, many)
    key = {"status": "statuses", "grade": "grades"}.get(verb)
    value = request.form.get(f"to_{verb}", 0, int)
    name = dict(choices(KINDS[key])).get(value) if key else None
    if name is None:
        raise Refusal("Choose what to change the phones to.")
    target = Bulk(status_id=value) if verb == "status" else Bulk(grade_id=value)
    return inventory.change_many(ids, target, actor(), f"{verb.capitalize()} of {many} to {name}")


def _move(ids: list[int], many: str) -> BulkDone:
    location, warehouse = request.form.get("to_location", ""), request.form.get("to_warehouse", type=int)
    place = find_location(location)
    if place is None and warehouse is None:
        raise Refusal("Scan a location or choose a warehouse to move the phones to.")
    name = location.strip() or dict(choices(KINDS["warehouses"])).get(warehouse or 0, "a warehouse")
    target = Bulk(location_id=place) if place else Bulk(warehouse_id=warehouse)
    return inventory.change_many(ids, target, actor(), f"Move of {many} to {name}")


@bp.post("/batches/<int:batch_id>/undo")
@needs(Least.MANAGER)
def undo_batch(batch_id: int) -> BaseResponse:
    """Take back a bulk change."""
    try:
        flash(undo.take_back(batch_id, actor()), "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back()
