"""Labels as PDF, for one phone or many."""

from __future__ import annotations

from flask import Response, flash
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import labels
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, needs
from wholecell.web.inventory.blueprint import bp
from wholecell.web.inventory.bulk import back, chosen


@bp.post("/labels.pdf")
@needs(Least.PICKER)
def print_labels() -> BaseResponse:
    """The labels of the phones chosen."""
    try:
        return _pdf(labels.pdf(chosen()))
    except Refusal as refusal:
        flash(str(refusal), "error")
        return back()


@bp.get("/<int:item_id>/label.pdf")
@needs(Least.PICKER)
def print_label(item_id: int) -> BaseResponse:
    """One phone's label."""
    try:
        return _pdf(labels.pdf([item_id]))
    except Refusal:
        return Response("That phone is not here any more.", 404, mimetype="text/plain")


def _pdf(content: bytes) -> Response:
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": 'inline; filename="labels.pdf"'}
    )
