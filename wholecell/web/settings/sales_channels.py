"""The names of places orders come from: add, rename, delete."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import sales_channel_list
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.settings.blueprint import TITLES, bp


@bp.get("/sales-channels")
@needs(Least.MANAGER)
def sales_channels() -> Response:
    """The list with everything that can be done to its channels."""
    return _page()


def _page(problem: str = "", channel_id: int = 0, status: int = 200, *, is_question: bool = False) -> Response:
    page = render_template(
        "settings/sales_channels.html",
        rows=sales_channel_list.rows(),
        titles=TITLES,
        problem=problem,
        problem_id=channel_id,
        is_question=is_question,
        typed=request.form.get("name", "") if problem else "",
    )
    return make_response(page, status)


def _do(do: Callable[[], object], said: str, channel_id: int = 0) -> BaseResponse:
    try:
        do()
    except Refusal as refusal:
        return _page(str(refusal), channel_id, 422, is_question=isinstance(refusal, AsksFirst))
    flash(said, "ok")
    return redirect(url_for("settings.sales_channels"), 303)


@bp.post("/sales-channels")
@needs(Least.MANAGER)
def add_sales_channel() -> BaseResponse:
    """Add a channel."""
    return _do(lambda: sales_channel_list.add(request.form.get("name", ""), actor()), "The sales channel is added.")


@bp.post("/sales-channels/<int:channel_id>")
@needs(Least.MANAGER)
def rename_sales_channel(channel_id: int) -> BaseResponse:
    """Rename a channel; asks first where other programs may know it by its name."""
    name, is_sure = request.form.get("name", ""), bool(request.form.get("is_sure"))
    return _do(lambda: sales_channel_list.rename(channel_id, name, actor(), is_sure=is_sure), "Saved.", channel_id)


@bp.post("/sales-channels/<int:channel_id>/delete")
@needs(Least.MANAGER)
def delete_sales_channel(channel_id: int) -> BaseResponse:
    """Delete a channel nothing uses."""
    said = "The sales channel is deleted."
    return _do(lambda: sales_channel_list.delete(channel_id, actor()), said, channel_id)
