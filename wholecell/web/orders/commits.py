"""Phones of one order: committed, released, and the items made to match them."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, abort, flash, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import commit as commits
from wholecell.services import match_items, order_page
from wholecell.services import release as releasing
from wholecell.services.codes import split
from wholecell.services.commit import Committed
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, actor, needs
from wholecell.web.orders.blueprint import bp
from wholecell.web.orders.detail import back

SHOWN = 8  # refused codes that are told one by one


@bp.post("/<int:order_id>/commit")
@needs(Least.PICKER)
def commit(order_id: int) -> BaseResponse:
    """Commit the phones scanned or pasted; each goes to the item that wants it."""
    try:
        codes = split(request.form.get("codes", ""))
        if not codes:
            raise Refusal("Scan or paste the phones to commit.")
        _tell(commits.commit_many(order_id, codes, actor("scan")))
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, "commit", scan=1)


def _tell(results: Sequence[tuple[str, Committed | Refusal]]) -> None:
    done = [each for _code, each in results if isinstance(each, Committed)]
    refused = [each for _code, each in results if isinstance(each, Refusal)]
    if len(done) == 1:
        flash(done[0].sentence, "ok")
    elif done:
        below = sum(each.is_extra for each in done)
        flash(f"{len(done)} phones committed{f', {below} of them on a line below' if below else ''}.", "ok")
    for each in refused[:SHOWN]:
        flash(str(each), "error")
    if len(refused) > SHOWN:
        flash(f"{len(refused) - SHOWN} more were not committed either.", "error")


@bp.post("/<int:order_id>/items/<int:item_id>/direct-commit")
@needs(Least.PICKER)
def commit_direct(order_id: int, item_id: int) -> BaseResponse:
    """Commit one phone to this very item, although its SKU differs or the item is full."""
    try:
        code = request.form.get("code", "").strip()
        if not code:
            raise Refusal("Scan the phone to commit to this item.")
        flash(commits.commit_direct(item_id, code, actor("scan")).sentence, "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, f"item-{item_id}")


@bp.post("/<int:order_id>/commitments/<int:commitment_id>/release")
@needs(Least.PICKER)
def release(order_id: int, commitment_id: int) -> BaseResponse:
    """Take one phone off the order."""
    try:
        releasing.release(commitment_id, actor())
        flash("The phone is released.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id)


@bp.post("/<int:order_id>/release")
@needs(Least.PICKER)
def release_unwanted(order_id: int) -> BaseResponse:
    """Free the phones that a cancellation or refund left over."""
    try:
        count = releasing.release_unwanted(order_id, actor())
        flash(f"{count} phone{' is' if count == 1 else 's are'} released." if count else "Nothing to release.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id)


@bp.get("/<int:order_id>/match")
@needs(Least.PICKER)
def match(order_id: int) -> Response:
    """What matching the items to the committed phones would change."""
    page = order_page.load(order_id)
    if page is None:
        abort(404)
    return make_response(render_template("orders/match.html", page=page, changes=page.changes))


@bp.post("/<int:order_id>/match")
@needs(Least.PICKER)
def match_now(order_id: int) -> BaseResponse:
    """Make the items say what is committed."""
    try:
        changed = match_items.match_items(order_id, actor())
        flash(f"{changed} item{'' if changed == 1 else 's'} changed." if changed else "They match already.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id)
