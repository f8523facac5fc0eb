"""The search box at the top of every page."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.services import search
from wholecell.services.refusal import Refusal
from wholecell.web.access import Least, needs
from wholecell.web.subjects import subject_href

bp = Blueprint("search", __name__, url_prefix="/search")


@bp.get("/")
@needs(Least.VIEWER)
def go() -> BaseResponse | str:
    """To the one page the text means, to the orders or the inventory for a pasted list, else all that was found."""
    text = request.args.get("q", "").strip()
    try:
        if search.is_list(text):
            return redirect(url_for("orders.index" if search.is_order_list(text) else "inventory.index", q=text), 303)
        hits = search.find(text)
    except Refusal as refusal:
        return render_template("search/results.html", text=text[:200], hits=[], problem=str(refusal))
    if len(hits) == 1 and (there := subject_href(hits[0].kind, hits[0].id)):
        return redirect(there, 303)
    return render_template("search/results.html", text=text, hits=hits, problem="")
