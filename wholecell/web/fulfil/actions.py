"""What else is done with the current order: skip it, make it match its phones, send its shipment."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.db import utcnow
from wholecell.services import match_items, order_queue, shipments
from wholecell.services.fulfil_scan import Outcome, Result
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.services.shipments import NewShipment
from wholecell.web.access import Least, actor, needs
from wholecell.web.fulfil import memory
from wholecell.web.fulfil.page import Answer, Place, bp, place, tell
from wholecell.web.params import integers


def _next(here: Place) -> Place:
    """The order after this one."""
    due = order_queue.due(here.channel, memory.skipped(), 1, but=here.order_id)
    return Place(due[0].id if due else None, here.channel)


@bp.post("/skip")
@needs(Least.PICKER)
def skip() -> BaseResponse:
    """Leave this order for later; it comes after all others."""
    here = place(request.form)
    if here.order_id is not None:
        memory.skip(here.order_id)
    return redirect(url_for("fulfil.index", **_next(here).values()), 303)


@bp.post("/match")
@needs(Least.PICKER)
def match() -> BaseResponse:
    """Update order items to match committed inventory."""
    here = place(request.form)
    try:
        count = match_items.match_items(here.order_id or 0, actor())
    except Refusal as refusal:
        return tell(here, Answer(Result(Outcome.REFUSED, str(refusal), here.order_id)))
    said = f"{count} item{'' if count == 1 else 's'} of the order updated to match its phones."
    return tell(
        here, Answer(Result(Outcome.COMMITTED, said if count else "Everything matches already.", here.order_id))
    )


@bp.post("/ship")
@needs(Least.PICKER)
def ship() -> BaseResponse:
    """Add the shipment of the order, and go on to the next one."""
    here, form = place(request.form), request.form
    parcel = NewShipment(
        carrier=form.get("carrier", ""),
        service="",
        tracking_number=form.get("tracking", ""),
        tracking_url="",
        shipped_at=utcnow(),
        commitment_ids=integers(form, "units"),
    )
    asked = {"carrier": parcel.carrier, "tracking": parcel.tracking_number}
    try:
        shipments.add(here.order_id or 0, parcel, actor(), is_sure="sure" in form)
    except AsksFirst as question:
        result = Result(Outcome.BELOW, str(question), here.order_id)
        return tell(here, Answer(result, shipment={**asked, "question": "yes"}))
    except Refusal as refusal:
        return tell(here, Answer(Result(Outcome.REFUSED, str(refusal), here.order_id), shipment=asked))
    memory.say(Result(Outcome.COMMITTED, "The shipment is added, and the order is done.", here.order_id))
    return redirect(url_for("fulfil.index", **_next(here).values()), 303)
