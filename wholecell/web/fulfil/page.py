"""The page of Fulfil, whole or as the part that each scan replaces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from wholecell.channels import discover
from wholecell.services import carriers, fulfil_page, match_items
from wholecell.services.commit import Committed
from wholecell.services.fulfil_scan import Outcome, Result
from wholecell.services.refusal import Refusal
from wholecell.web import days
from wholecell.web.access import Least, needs
from wholecell.web.fulfil import memory
from wholecell.web.htmx import wants_partial

bp = Blueprint("fulfil", __name__, url_prefix="/fulfil")


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page somebody is: the current order, the channel whose orders come next, an item chosen."""

    order_id: int | None = None
    channel: str = ""
    direct: int | None = None

    def values(self, **changes: Any) -> dict[str, Any]:
        """As values of a URL."""
        values = {"order": self.order_id, "channel": self.channel or None, "direct": self.direct, **changes}
        return {key: value for key, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says besides what is: a result, the fate of a pasted list, a shipment to agree to."""

    result: Result | None = None
    pasted: list[tuple[str, Committed | Refusal]] = field(default_factory=list)
    shipment: dict[str, str] = field(default_factory=dict)


def place(values: MultiDict[str, str]) -> Place:
    """The place these values (of the URL or of a form) name."""
    return Place(values.get("order", type=int), values.get("channel", "")[:60].strip(), values.get("direct", type=int))


@bp.get("/")
@needs(Least.PICKER)
def index() -> Response:
    """The order of the URL, else what is due next."""
    result = memory.said()
    return show(place(request.args), Answer(result))


def show(here: Place, answer: Answer, status: int = 200) -> Response:
    """The page, or for htmx the part that shows the order, the answer and the last scans."""
    page = fulfil_page.load(
        here.order_id, current_user.id, *days.today(), channel=here.channel, skipped=memory.skipped()
    )
    order = page.current
    context = {
        "labels": {each.name: each.label for each in discover().values()},
        "page": page,
        "order": order,
        "here": here if order else Place(None, here.channel),
        "answer": answer,
        "changes": match_items.match_changes(order.head.id) if order and not order.is_matching else [],
        "refused": memory.refused(),
        "carriers": carriers.names(),
    }
    template = "fulfil/_answer.html" if wants_partial() else "fulfil/index.html"
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    if wants_partial():
        response.headers["HX-Replace-Url"] = url_for("fulfil.index", **Place(here.order_id, here.channel).values())
    return response


def tell(here: Place, answer: Answer) -> BaseResponse:
    """After a change: the part for htmx, else on to the page, which says the same. A refusal shows at once."""
    result = answer.result
    is_refused = result is not None and result.outcome is Outcome.REFUSED
    if wants_partial() or is_refused or answer.pasted or answer.shipment:
        return show(here, answer, 422 if is_refused else 200)
    if result is not None:
        memory.say(result)
    return redirect(url_for("fulfil.index", **here.values()), 303)
