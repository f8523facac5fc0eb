"""The pages of the lists: add, rename, put in order, archive, delete."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import lists
from wholecell.services.list_kinds import KINDS, ListKind, choices
from wholecell.services.list_kinds import entries as read_entries
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.settings.blueprint import TITLES, bp, kind_of


@bp.get("/lists/<key>")
@needs(Least.MANAGER)
def entries(key: str) -> Response:
    """One list with everything that can be done to its entries."""
    return _page(kind_of(key))


def _page(kind: ListKind, problem: str = "", entry_id: int = 0, status: int = 200) -> Response:
    """The list; a problem stands beside the entry it is about, or beside the form for a new one."""
    page = render_template(
        "settings/list.html",
        kind=kind,
        title=TITLES[kind.key],
        titles=TITLES,
        entries=read_entries(kind),
        colors=lists.COLORS,
        warehouses=choices(KINDS["warehouses"]) if kind.key == "locations" else [],
        problem=problem,
        problem_id=entry_id,
        typed=request.form if problem else {},
    )
    return make_response(page, status)


def _do(key: str, change: Callable[[ListKind], object], said: str, entry_id: int = 0) -> BaseResponse:
    kind = kind_of(key)
    try:
        change(kind)
    except Refusal as refusal:
        return _page(kind, str(refusal), entry_id, 422)
    if said:
        flash(said.format(word=kind.word), "ok")
    return redirect(url_for("settings.entries", key=key), 303)


@bp.post("/lists/<key>")
@needs(Least.MANAGER)
def create(key: str) -> BaseResponse:
    """Add an entry."""
    form = request.form
    details = {"code": form.get("code", ""), "color": form.get("color", "")}
    warehouse = form.get("warehouse", 0, int)
    return _do(
        key,
        lambda kind: lists.create(kind, actor(), form.get("name", ""), warehouse_id=warehouse, **details),
        "The {word} is added. Integrations do not tick it by themselves."
        if key in ("statuses", "warehouses")
        else "The {word} is added.",
    )


@bp.post("/lists/<key>/<int:entry_id>")
@needs(Least.MANAGER)
def change(key: str, entry_id: int) -> BaseResponse:
    """Rename an entry, or set its code or color."""
    form = request.form
    details = {"code": form.get("code", ""), "color": form.get("color", "")}
    return _do(
        key, lambda kind: lists.change(kind, actor(), entry_id, form.get("name", ""), **details), "Saved.", entry_id
    )


@bp.post("/lists/<key>/<int:entry_id>/move")
@needs(Least.MANAGER)
def move(key: str, entry_id: int) -> BaseResponse:
    """Move an entry one up or down."""
    return _do(key, lambda kind: lists.move(kind, entry_id, -1 if request.form.get("step") == "up" else 1), "")


@bp.post("/lists/<key>/<int:entry_id>/archive")
@needs(Least.MANAGER)
def archive(key: str, entry_id: int) -> BaseResponse:
    """Archive an entry, or bring it back."""
    is_archived = request.form.get("archived") == "1"
    said = "The {word} is archived: forms no longer offer it." if is_archived else "The {word} is back."
    return _do(key, lambda kind: lists.set_archived(kind, actor(), entry_id, is_archived), said, entry_id)


@bp.post("/lists/<key>/<int:entry_id>/delete")
@needs(Least.MANAGER)
def delete(key: str, entry_id: int) -> BaseResponse:
    """Delete an entry nothing uses."""
    return _do(key, lambda kind: lists.delete(kind, actor(), entry_id), "The {word} is deleted.", entry_id)
