"""Shipments of one order: added, taken back, sent once more."""

from __future__ import annotations

from datetime import datetime, time

from flask import flash, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from wholecell.db import utcnow
from wholecell.services import carriers, shipments
from wholecell.services.refusal import AsksFirst, Refusal
from wholecell.services.shipments import NewShipment
from wholecell.web.access import Least, actor, needs
from wholecell.web.orders.blueprint import bp, day_of, today, zone
from wholecell.web.orders.bulk import ask
from wholecell.web.orders.detail import back, page_of
from wholecell.web.params import integers


@bp.post("/<int:order_id>/shipments")
@needs(Least.PICKER)
def add_shipment(order_id: int) -> BaseResponse:
    """Add a shipment; it is sent to the channel where that is told of shipments."""
    try:
        shipments.add(order_id, _read(), actor(), is_sure=bool(request.form.get("is_sure")))
    except AsksFirst as question:
        return ask(question, "Add the shipment anyway", url_for("orders.detail", order_id=order_id))
    except Refusal as refusal:
        return page_of(order_id, 422, problem=str(refusal), parcel=request.form)
    flash("The shipment is added.", "ok")
    return back(order_id, "shipments")


def _read() -> NewShipment:
    form = request.form
    tracking = form.get("tracking_number", "").strip()
    carrier = form.get("carrier", "") or carriers.guess(tracking)
    if not carrier:
        raise Refusal("Choose the carrier: the tracking number does not say whose it is.")
    return NewShipment(
        carrier=carrier,
        service=form.get("service", "").strip()[:60],
        tracking_number=tracking,
        tracking_url=form.get("tracking_url", "").strip(),
        shipped_at=_shipped_at(form.get("shipped_on", "")),
        commitment_ids=integers(form, "commitment_ids"),
        more_follow=bool(form.get("more_follow")),
    )


def _shipped_at(text: str) -> datetime:
    """Today is now; another day is its noon in the account's time zone. Raises Refusal for what is no day."""
    if not text or text == today().isoformat():
        return utcnow()
    day = day_of(text)
    if day is None:
        raise Refusal(f"{text[:20]} is not a day: choose the day the shipment leaves.")
    return datetime.combine(day, time(12), zone()).astimezone(utcnow().tzinfo)


@bp.post("/<int:order_id>/shipments/<int:shipment_id>/void")
@needs(Least.PICKER)
def void_shipment(order_id: int, shipment_id: int) -> BaseResponse:
    """Take a shipment back here."""
    try:
        shipments.void(shipment_id, actor(), is_sure=bool(request.form.get("is_sure")))
        flash("The shipment is voided here.", "ok")
    except AsksFirst as question:
        return ask(question, "Void it anyway", url_for("orders.detail", order_id=order_id))
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, "shipments")


@bp.post("/<int:order_id>/shipments/<int:shipment_id>/try-again")
@needs(Least.PICKER)
def try_shipment_again(order_id: int, shipment_id: int) -> BaseResponse:
    """Send a refused shipment once more."""
    try:
        shipments.try_again(shipment_id, actor())
        flash("The shipment is sent once more.", "ok")
    except Refusal as refusal:
        flash(str(refusal), "error")
    return back(order_id, "shipments")
