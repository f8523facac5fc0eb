"""Orders of ours on their way into ShipStation: created, changed, cancelled, or marked as shipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wholecell.channels.contract import OutgoingOrder, RejectedError, SentOrder, Stage
from wholecell.channels.http import Response, ServerFaultError
from wholecell.channels.shipstation import order_body, order_reading
from wholecell.channels.shipstation.calls import TRY_AGAIN, Calls
from wholecell.channels.shipstation.paging import pages
from wholecell.channels.shipstation.values import number, row_of, rows_of, text
from wholecell.channels.shipstation.words import LOCKED

MOST = 100  # orders in one createorders
MOST_BROKEN = 2  # orders that break a call before any passed; more of them, and it is not the orders
CORRECT = "Correct the order here, or open it in ShipStation. It is sent again when it changes, or with Try again."
SHIPPED_THERE = "Void its label in ShipStation, or stop the shipment, then press Try again."
NO_WORD = "ShipStation gave no reason."
CARRIER = "other"  # of an order marked as shipped: the numbers are known to the order's own channel


class SendsOurOrders:
    """The part of the connector that hands orders over."""

    _calls: Calls
    _store: int | None  # where orders of ours are created; None: ShipStation's first store for orders made by hand

    def send_orders(self, orders: Sequence[OutgoingOrder]) -> Iterator[SentOrder]:
        """Send orders and yield an answer for each; the same key again is an update, so repeating is safe."""
        shipped = [order for order in orders if order.stage is Stage.SHIPPED]
        others = [order for order in orders if order.stage is not Stage.SHIPPED]
        for at in range(0, len(others), MOST):
            yield from self._send(others[at : at + MOST])
        for order in shipped:
            yield self._mark_shipped(order)

    def _send(self, group: Sequence[OutgoingOrder]) -> Iterator[SentOrder]:
        try:
            yield from self._create(group)
        except ServerFaultError as error:
            if error.retry_after is not None or len(group) == 1:
                raise
            yield from self._around(group, error)

    def _around(self, group: Sequence[OutgoingOrder], error: ServerFaultError) -> Iterator[SentOrder]:
        """One order may break a whole call: send halves of it. Where none passes at all, it is not the orders."""
        waiting, broken, passed = _halves(group), list[OutgoingOrder](), False
        while waiting:
            part = waiting.pop(0)
            try:
                answers = list(self._create(part))
            except ServerFaultError as fault:
                if fault.retry_after is not None or (len(part) == 1 and len(broken) == MOST_BROKEN and not passed):
                    raise
                if len(part) > 1:
                    waiting = _halves(part) + waiting
                else:
                    broken.append(part[0])
                    error = fault
            else:
                passed = True
                yield from answers
        if not passed:
            raise error
        for order in broken:
            yield SentOrder(
                order.order_id, order.external_id, f"{error.message} It is this order that breaks it.", CORRECT
            )

    def _create(self, group: Sequence[OutgoingOrder]) -> Iterator[SentOrder]:
        bodies = [order_body.body(order, self._store) for order in group]
        response = self._calls.send("POST", "/orders/createorders", bodies)  # an array, always
        if response.status == 400 and len(group) > 1:
            # Refused as a whole, in words that do not say for which: find out one by one.
            for order in group:
                yield from self._create([order])
            return
        if response.status == 400:
            yield SentOrder(group[0].order_id, refusal=self._calls.words(response), advice=CORRECT)
            return
        if not response.is_ok:
            self._calls.refuse(response, is_write=True)
        results = {text(each.get("orderKey"), 100): each for each in rows_of(row_of(response.json).get("results"))}
        if missing := [order for order in group if order.reference not in results]:
            what = f"it says nothing of {len(missing)} of {len(group)} orders"
            raise self._calls.unreadable(what, response, maybe_applied=True)
        for order in group:
            yield self._answered(order, results[order.reference])

    def _answered(self, order: OutgoingOrder, result: Mapping[str, Any]) -> SentOrder:
        if result.get("success") is True:
            return SentOrder(order.order_id, str(number(result.get("orderId")) or order.external_id))
        words = self._calls.hidden(text(result.get("errorMessage"), 300)) or NO_WORD
        if order.stage is Stage.CANCELLED:
            return self._take_out(order, words)
        return SentOrder(order.order_id, order.external_id, words, CORRECT)

    def _take_out(self, order: OutgoingOrder, words: str) -> SentOrder:
        """Where an order cannot be set to cancelled it is deleted, which hides it there; not one that has left."""
        found = self._find(order)
        if found is None:
            return SentOrder(order.order_id, order.external_id)
        if found.get("orderStatus") in LOCKED:
            is_cancelled = found["orderStatus"] != "shipped"
            refusal = "" if is_cancelled else f"ShipStation has shipped this order already: {words}"
            return SentOrder(order.order_id, str(found["orderId"]), refusal, "" if is_cancelled else SHIPPED_THERE)
        response = self._calls.send("DELETE", f"/orders/{found['orderId']}")
        if response.status == 404 or (response.is_ok and row_of(response.json).get("success") is not False):
            return SentOrder(order.order_id, str(found["orderId"]))
        return self._refused(order, response)

    def _mark_shipped(self, order: OutgoingOrder) -> SentOrder:
        """Say that it left some other way, so that nobody ships it once more; one that is not there is no matter."""
        found = self._find(order)
        if found is None or found.get("orderStatus") in LOCKED:
            return SentOrder(order.order_id, order.external_id if found is None else str(found["orderId"]))
        body = {
            "orderId": found["orderId"],
            "carrierCode": CARRIER,
            "notifyCustomer": False,
            "notifySalesChannel": False,
        }
        response = self._calls.send("POST", "/orders/markasshipped", body)
        if not response.is_ok:
            return self._refused(order, response)
        return SentOrder(order.order_id, str(found["orderId"]))

    def _refused(self, order: OutgoingOrder, response: Response) -> SentOrder:
        try:
            self._calls.refuse(response, is_write=True)
        except RejectedError as error:
            return SentOrder(order.order_id, order.external_id, error.message, error.advice or TRY_AGAIN)

    def _find(self, order: OutgoingOrder) -> dict[str, Any] | None:
        """The order there, by its key: a search by number also finds those whose numbers only begin so."""
        for page in pages(self._calls, "/orders", "orders", {"orderNumber": order.number[:50]}, resumes=False):
            for row in rows_of(page.rows):
                if order_reading.key_of(row) == order.reference and number(row.get("orderId")) is not None:
                    return row
        return None


def _halves(group: Sequence[OutgoingOrder]) -> list[Sequence[OutgoingOrder]]:
    middle = len(group) // 2
    return [group[:middle], group[middle:]]
