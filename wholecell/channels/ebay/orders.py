"""eBay's orders in our words, as the Fulfillment API tells them. Nothing here calls anything."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from wholecell.channels.contract import RemoteAddress, RemoteLine, RemoteOrder, UnreadableOrder
from wholecell.channels.ebay import statuses
from wholecell.channels.ebay.listings import external_id
from wholecell.channels.ebay.values import UnreadableError, block, exact, money, rows, text
from wholecell.channels.values import moment, whole

MOST_LINES = 1000
BLANKED_AFTER = timedelta(days=90)  # names and addresses then, e-mail addresses earlier
REAL_NUMBER = 8  # characters; without a tracking number a shipment's id is arbitrary, like 999
BY_EBAY = "FULFILLED_BY_EBAY"


def order(row: Mapping[str, Any], now: datetime, shipments: Sequence[Mapping[str, Any]] | None = None) -> RemoteOrder:
    """Read one order; `shipments` tell how many units left, where that was asked for.

    Raises UnreadableError without an id or lines; all else may be missing.
    """
    order_id = text(row.get("orderId"), 60)
    if not order_id:
        raise UnreadableError("A row of the answer is no order.")
    if not isinstance(row.get("lineItems"), list):
        raise UnreadableError(f"Order {order_id} comes without its lines.")
    items = rows(row["lineItems"])[:MOST_LINES]
    shipped = units_shipped(shipments or ()) or None
    status = statuses.word(row)
    lines = [_line(item, status, shipped) for item in items]
    if status == statuses.FULFILLED and any(each.shipped < each.ordered for each in lines):
        status = statuses.IN_PROGRESS  # eBay says FULFILLED once every line has any unit shipped
    total, currency = money(block(row, "pricingSummary", "total"))
    start = next(iter(rows(row.get("fulfillmentStartInstructions"))), {})
    contact = block(start, "shippingStep", "shipTo")
    placed_at = moment(row.get("creationDate"))
    return RemoteOrder(
        external_id=order_id,
        number=text(row.get("salesRecordReference"), 80) or order_id,
        status=status,
        is_final=status in statuses.FINAL,
        placed_at=placed_at,
        changed_at=moment(row.get("lastModifiedDate")),
        ship_by=_ship_by(items),
        currency=currency or next(filter(None, (money(item.get("lineItemCost"))[1] for item in items)), ""),
        total_cents=total,
        shipping_cents=money(block(row, "pricingSummary", "deliveryCost"))[0],
        ship_to=_address(start, contact, is_old=placed_at is not None and now - placed_at > BLANKED_AFTER),
        lines=lines,
        is_fulfilled_by_channel=_is_by_ebay(row, start),
        is_cancel_asked=_is_cancel_asked(row),
        tracking_number=_tracking(row, shipments),
        notes=_notes(row, start),
        buyer=text(block(row, "buyer").get("username"), 100),
        email=text(contact.get("email"), 200),
        service=text(block(start, "shippingStep").get("shippingServiceCode"), 100),
    )


def unreadable(row: object, problem: UnreadableError) -> UnreadableOrder:
    """The row as one that could not be read."""
    order_id = text(row.get("orderId"), 60) if isinstance(row, dict) else ""
    return UnreadableOrder(order_id, str(problem), json.dumps(row, default=str))


def needs_shipments(row: Mapping[str, Any]) -> bool:
    """Whether only the shipments tell how many units left: a line of several says no more than that some did."""
    return any(
        (whole(item.get("quantity")) or 1) > 1 and _has_left(item) for item in rows(row.get("lineItems"))[:MOST_LINES]
    )


def units_shipped(shipments: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Units that left, by line."""
    found: dict[str, int] = {}
    for shipment in shipments:
        for each in rows(shipment.get("lineItems")):
            line, units = text(each.get("lineItemId"), 60), whole(each.get("quantity"))
            found[line] = found.get(line, 0) + (1 if units is None else units)
    return found


def _has_left(item: Mapping[str, Any]) -> bool:
    return text(item.get("lineItemFulfillmentStatus"), 40) in {statuses.IN_PROGRESS, statuses.FULFILLED}


def _line(item: Mapping[str, Any], status: str, units: Mapping[str, int] | None) -> RemoteLine:
    line_id, ordered = text(item.get("lineItemId"), 60), whole(item.get("quantity"))
    ordered = 1 if ordered is None else ordered
    shipped = ordered if _has_left(item) or status == statuses.FULFILLED else 0
    if units is not None:
        shipped = min(max(units.get(line_id, 0), min(shipped, 1)), ordered)
    return RemoteLine(
        external_id=line_id,
        sku=exact(item.get("sku")),
        listing_ids=_listing_ids(item),
        title=_title(item),
        ordered=ordered,
        cancelled=ordered - shipped if status == statuses.CANCELED else 0,
        refunded_before_shipping=ordered - shipped if _is_paid_back(item, status) else 0,
        shipped=shipped,
        price_cents=money(item.get("lineItemCost"), units=max(ordered, 1))[0],  # the cost is the whole line's
        status=text(item.get("lineItemFulfillmentStatus"), 60),
    )


def _is_paid_back(item: Mapping[str, Any], status: str) -> bool:
    """Whether a line was paid back whole; what had not left by then is not to leave."""
    if status in {statuses.FULLY_REFUNDED, statuses.CANCELED}:
        return status == statuses.FULLY_REFUNDED
    cost, back = (
        money(item.get("lineItemCost"))[0],
        [money(each.get("amount"))[0] for each in rows(item.get("refunds"))],
    )
    return bool(cost) and not _has_left(item) and sum(each or 0 for each in back) >= (cost or 0)


def _listing_ids(item: Mapping[str, Any]) -> Mapping[str, str]:
    """The listing it was sold from by our id of it; of a variation never the listing alone, which has others."""
    item_id, sku = text(item.get("legacyItemId"), 40), exact(item.get("sku"))
    specifics = _specifics(item)
    is_variation = bool(item.get("legacyVariationId")) or bool(specifics)
    if not item_id or (is_variation and not sku and not specifics):
        return {}
    return {"listing": external_id(item_id, sku, specifics, is_variation=is_variation)}


def _specifics(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(text(each.get("name"), 80), text(each.get("value"), 80)) for each in rows(item.get("variationAspects"))]


def _title(item: Mapping[str, Any]) -> str:
    title, told = text(item.get("title"), 500), ", ".join(value for _, value in _specifics(item) if value)
    return f"{title} [{told}]" if told else title


def _ship_by(items: Sequence[Mapping[str, Any]]) -> datetime | None:
    found = (moment(block(item, "lineItemFulfillmentInstructions").get("shipByDate")) for item in items)
    return min(filter(None, found), default=None)


def _is_by_ebay(row: Mapping[str, Any], start: Mapping[str, Any]) -> bool:
    return (
        start.get("fulfillmentInstructionsType") == BY_EBAY
        or block(row, "program", "fulfillmentProgram").get("fulfilledBy") == "EBAY"
    )


def _is_cancel_asked(row: Mapping[str, Any]) -> bool:
    state = statuses.cancel_state(row)
    asked = any(each.get("cancelRequestState") == "REQUESTED" for each in _cancel_requests(row))
    return state != statuses.CANCELED and (state == "IN_PROGRESS" or asked)


def _cancel_requests(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return rows(block(row, "cancelStatus").get("cancelRequests"))


def _address(start: Mapping[str, Any], contact: Mapping[str, Any], *, is_old: bool) -> RemoteAddress:
    given = block(contact, "contactAddress")
    name, street = _told(contact.get("fullName")), _told(given.get("addressLine1"))
    if is_old and not (name and street):
        return RemoteAddress()  # blanked: what is stored stays, as all of it is left out
    return RemoteAddress(
        name=name,
        company=_told(contact.get("companyName")),
        street=street,
        street2=_second_street(_told(given.get("addressLine2")), _reference(start), street),
        city=text(given.get("city"), 200),
        state=text(given.get("stateOrProvince"), 200),
        postal_code=text(given.get("postalCode"), 60),
        country=text(given.get("countryCode"), 2),
        phone=text(block(contact, "primaryPhone").get("phoneNumber"), 60),
    )


def _told(value: object) -> str:
    """A text of an address; of one made unreadable with asterisks nothing."""
    found = text(value, 200)
    return "" if "***" in found else found


def _reference(start: Mapping[str, Any]) -> str:
    return text(block(start, "shippingStep").get("shipToReferenceId"), 60)


def _second_street(second: str, reference: str, street: str) -> str:
    """eBay's hub finds the buyer by the reference, so it stands on the label."""
    if not reference or reference in f"{street} {second}":
        return second
    return f"{second}, Reference {reference}" if second else f"Reference {reference}"


def _tracking(row: Mapping[str, Any], shipments: Sequence[Mapping[str, Any]] | None) -> str:
    numbers = [text(each.get("shipmentTrackingNumber"), 100) for each in shipments or ()]
    links = row.get("fulfillmentHrefs")
    for link in links if isinstance(links, list) else ():
        last = text(link).rstrip("/").rpartition("/")[2]
        numbers.append(last if len(last) >= REAL_NUMBER else "")
    return next(filter(None, numbers), "")


def _notes(row: Mapping[str, Any], start: Mapping[str, Any]) -> Sequence[str]:
    notes = []
    for request in _cancel_requests(row):
        if request.get("cancelRequestState") == "REQUESTED":
            who = "The buyer" if request.get("cancelInitiator") == "BUYER" else "Somebody"
            reason = text(request.get("cancelReason"), 80).replace("_", " ").lower()
            notes.append(f"{who} asked to cancel it{f' ({reason})' if reason else ''}: answer on eBay before shipping.")
    if row.get("orderPaymentStatus") == "PARTIALLY_REFUNDED":
        notes.append("Partly refunded on eBay.")
    if start.get("finalDestinationAddress") or _reference(start):
        reference = _reference(start)
        label = f", with the reference {reference} on the label" if reference else ""
        notes.append(f"Goes by eBay's hub: ship to the address shown{label}, not to the buyer.")
    if block(row, "program", "ebayShipping").get("shippingLabelProvidedBy") == "EBAY":
        notes.append("eBay provides the label: download it from the order on eBay.")
    if said := text(row.get("buyerCheckoutNotes"), 450):
        notes.append(f"The buyer's note: {said}")
    return tuple(notes)
