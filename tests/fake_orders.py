"""The part of FakeChannel that holds orders and is told of them."""

from dataclasses import replace

from wholecell.channels.contract import (
    NotAcceptedError,
    OrderPage,
    RejectedError,
    RemoteAddress,
    RemoteLine,
    RemoteOrder,
    ShipmentResult,
)
from wholecell.db import utcnow


class FakeOrders:
    """Orders by external id. `order_errors` are raised one by one by what is told; one that may have been applied is.

    It would take the same shipment twice, as real channels do: only reading back keeps that from happening.
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
        self.windows = []  # every window that was read
        self.read_ids = []  # every order that was asked for by its id
        self.unreadable = []
        self.page_size = 50
        self.page_errors = []  # raised one by one by pages

    def orders(self, window):
        self.windows.append(window)
        found = [order for order in self.orders_there.values() if self._is_in(order, window)]
        total, unreadable = len(found) + len(self.unreadable), self.unreadable
        for number, start in enumerate(range(0, max(len(found), 1), self.page_size), start=1):
            began = utcnow()
            if self.page_errors and (error := self.page_errors.pop(0)) is not None:
                raise error
            rows = found[start : start + self.page_size]
            yield OrderPage(rows, number, total, began, unreadable if number == 1 else ())

    @staticmethod
    def _is_in(order, window):
        if window.is_open_only:
            return order.status in ("1", "3", "10")
        placed, changed = window.placed_since, window.changed_since
        return (placed is None or order.placed_at >= placed) and (
            changed is None or order.changed_at is None or order.changed_at >= changed
        )

    def orders_by_id(self, ids):
        for external_id in ids:
            self.read_ids.append(external_id)
            if self.before_call:
                self.before_call(external_id)
            began = utcnow()
            found = [self.orders_there[external_id]] if external_id in self.orders_there else []
            yield OrderPage(found, 1, None, began)

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
