"""The part of FakeChannel that holds orders and is told of them."""

from dataclasses import replace

from wholecell.channels.contract import (
    NotAcceptedError,
    RejectedError,
    RemoteAddress,
    RemoteLine,
    RemoteOrder,
    ShipmentResult,
)
from wholecell.db import utcnow


class FakeOrders:
    """Orders by external id. `order_errors` are raised one by one by what is told; one that may have been applied is.

    It would take the same parcel twice, as real channels do: only reading back keeps that from happening.
    """

    def __init__(self):
        self.orders_there = {}
        self.parcels = []
        self.accepted = []
        self.cancelled = []
        self.order_errors = []
        self.order_refusals = {}  # order id -> the channel's words
        self.refused_esns = {}  # ESN -> the channel's words
        self.before_call = None

    def put_order(self, external_id, lines=(("1", "S0", 1),), *, is_to_accept=False, **fields):
        """`lines` are (line id, SKU, units)."""
        made = [RemoteLine(key, sku, {}, f"Phone {sku}", units, 0, 0, 0, 10000, "2") for key, sku, units in lines]
        values = {
            "number": external_id,
            "status": "1" if is_to_accept else "3",
            "is_final": False,
            "placed_at": utcnow(),
            "changed_at": utcnow(),
            "ship_by": None,
            "currency": "USD",
            "total_cents": 10000,
            "shipping_cents": 0,
            "ship_to": RemoteAddress(name="Ada Example", country="US"),
        }
        self.orders_there[external_id] = RemoteOrder(
            external_id=external_id, lines=made, is_to_accept=is_to_accept, **{**values, **fields}
        )

    def change_order(self, external_id, **fields):
        """What happens to an order at the channel: the time of its last change moves with it."""
        self.orders_there[external_id] = replace(self.orders_there[external_id], changed_at=utcnow(), **fields)

    def accept(self, order_id):
        order = self._found(order_id)
        if order.is_to_accept:
            self._told(order_id, lambda: self._accept(order_id))
        return self.orders_there[order_id]

    def _accept(self, order_id):
        self.accepted.append(order_id)
        self.change_order(order_id, is_to_accept=False, status="3")

    def cancel_line(self, order_id, line_id):
        order = self._found(order_id)
        line = next(each for each in order.lines if each.external_id == line_id)
        if not line.cancelled:
            self._told(order_id, lambda: self._cancel(order_id, line))
        return self.orders_there[order_id]

    def _cancel(self, order_id, line):
        self.cancelled.append((order_id, line.external_id))
        gone = replace(line, cancelled=line.ordered, status="4")
        self.change_order(order_id, lines=[gone if x is line else x for x in self.orders_there[order_id].lines])

    def confirm_shipment(self, shipment):
        order = self._found(shipment.order_id)
        if shipment.may_be_there and any(self._is_same(shipment, each) for each in self.parcels):
            return self._taken(shipment, was_there=True)
        if order.is_to_accept:
            raise NotAcceptedError("The order has to be accepted first.", advice="Accept it.")
        self._told(shipment.order_id, lambda: self.parcels.append(shipment))
        return self._taken(shipment)

    @staticmethod
    def _is_same(one, other):
        return (one.order_id, one.tracking_number) == (other.order_id, other.tracking_number)

    def _taken(self, shipment, *, was_there=False):
        refused = {u.esn: self.refused_esns[u.esn] for u in shipment.units if u.esn in self.refused_esns}
        taken = [unit.esn for unit in shipment.units if unit.esn not in refused]
        return ShipmentResult("Taken.", was_there=was_there, taken_units=taken, refused_units=refused)

    def _found(self, order_id):
        if self.before_call:
            self.before_call(order_id)
        if order_id not in self.orders_there:
            raise RejectedError("Order not found", gone=True, advice="Look for it there.")
        return self.orders_there[order_id]

    def _told(self, order_id, apply):
        if words := self.order_refusals.get(order_id):
            raise RejectedError(words, advice="Put it right there, then press Try again.")
        error = self.order_errors.pop(0) if self.order_errors else None
        if error is None or getattr(error, "maybe_applied", False):
            apply()
        if error is not None:
            raise error
