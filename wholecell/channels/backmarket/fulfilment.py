"""What Back Market is told of orders: lines accepted or cancelled, and the shipment that left.

There are no idempotency keys: every write reads the order first, and what is there already is not sent again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import NoReturn
from urllib.parse import quote

from wholecell.channels.backmarket import parcels
from wholecell.channels.backmarket.mapping import UnreadableError
from wholecell.channels.backmarket.orders import LineState
from wholecell.channels.backmarket.parcels import GONE, LEFT, Line, Seen
from wholecell.channels.contract import (
    ChannelError,
    RejectedError,
    RemoteOrder,
    RemoteShipment,
    RemoteUnit,
    ShipmentResult,
    TemporaryError,
)
from wholecell.channels.http import HttpClient, Response

IN_BACK_OFFICE = "Do it in Back Market's back office."


class TellsOfOrders:
    """The part of the connector that tells of orders."""

    _http: HttpClient

    def accept(self, order_id: str) -> RemoteOrder:
        """Accept every line that waits, one call each; gives the order as it is then. Raises RejectedError."""
        seen = self._see(order_id)
        while waiting := seen.in_state(LineState.PAID):
            seen = self._move(order_id, waiting[0], LineState.ACCEPTED)
        return seen.order

    def cancel_line(self, order_id: str, line_id: str) -> RemoteOrder:
        """Cancel a line that waits, or refund an accepted one. One that is cancelled already is left alone."""
        seen = self._see(order_id)
        line = next((each for each in seen.lines if each.id == line_id), None)
        if line is None:
            raise RejectedError("Back Market's order has no such line.", advice="Import the orders.", gone=True)
        if line.state in GONE:
            return seen.order
        target = {LineState.PAID: LineState.CANCELLED, LineState.ACCEPTED: LineState.REFUNDED_BEFORE_SHIPPING}
        if line.state not in target:
            why = "left already" if line.state in LEFT else "waits for its payment to be checked"
            raise RejectedError(f"The line {why}, so it cannot be cancelled from here.", advice=IN_BACK_OFFICE)
        if sum(each.sku.casefold() == line.sku.casefold() for each in seen.lines) > 1:
            raise RejectedError(f"Several lines of the order have the SKU {line.sku}.", advice=IN_BACK_OFFICE)
        return self._move(order_id, line, target[LineState(line.state)]).order

    def confirm_shipment(self, shipment: RemoteShipment) -> ShipmentResult:
        """Tell of the one shipment of an order, then the numbers of its phones.

        Raises NotAcceptedError while lines wait to be accepted, RejectedError for a shipment that is not the order.
        """
        seen = self._see(shipment.order_id)
        if parcels.is_there(seen, shipment):
            return self._identify(shipment, seen, {}, was_there=True)
        parcels.refuse_wrong(seen, shipment)
        seen, refused = self._ship(shipment, seen)
        return self._identify(shipment, seen, refused, was_there=False)

    def _see(self, order_id: str) -> Seen:
        return self._seen(self._http.request("GET", _order_path(order_id)))

    def _seen(self, response: Response, *, is_write: bool = False) -> Seen:
        """Read the order that an answer holds. Raises RejectedError for a refusal, in Back Market's words."""
        if response.status == 403:
            self._refuse(response)
        if not response.is_ok:
            is_gone = response.status == 404 and not is_write
            advice = "Look the order up in Back Market's back office, then press Try again."
            raise RejectedError(self._words(response), gone=is_gone, advice=advice, reference=response.reference)
        try:
            return parcels.read(response.json)
        except UnreadableError as error:
            raise self._unreadable(str(error), response, maybe_applied=is_write) from None

    def _move(self, order_id: str, line: Line, state: LineState) -> Seen:
        """Move one line. Raises RejectedError when Back Market says yes and the line is not moved."""
        if not line.sku:
            raise RejectedError("The line has no SKU, by which Back Market would know it.", advice=IN_BACK_OFFICE)
        body = {"order_id": parcels.number(order_id), "new_state": int(state), "sku": line.sku}
        seen = self._seen(self._http.request("POST", _order_path(order_id), body=body), is_write=True)
        if not any(each.id == line.id and each.state == state for each in seen.lines):
            raise RejectedError(f"Back Market answered, but did not change the line {line.sku}.", advice=IN_BACK_OFFICE)
        return seen

    def _ship(self, shipment: RemoteShipment, seen: Seen) -> tuple[Seen, dict[str, str]]:
        """Send the shipment; gives the order, and the number of a phone that was refused with it."""
        body = parcels.body_of(shipment)
        unit = parcels.only_unit(shipment, seen)
        named = parcels.identifier(unit.esn) if unit else {}
        path, refused = _order_path(shipment.order_id), {}
        response = self._http.request("POST", path, body=body | named)
        if unit and named and response.status in {400, 422}:
            # Nothing was applied. If it leaves without the number, the number was what they did not take.
            refused = {unit.esn: self._words(response)}
            response = self._http.request("POST", path, body=body)
        after = self._seen(response, is_write=True)
        if not parcels.is_there(after, shipment):
            raise self._unreadable("it does not show the shipment", response, maybe_applied=True)
        return after, refused

    def _identify(
        self, shipment: RemoteShipment, seen: Seen, refused: Mapping[str, str], *, was_there: bool
    ) -> ShipmentResult:
        """Register the numbers of phones that Back Market does not have yet. The shipment is there whatever happens."""
        lines, problems = {line.id: line for line in seen.lines}, dict(refused)
        taken = []
        for unit in shipment.units:
            if unit.esn in problems:
                continue
            if problem := self._register(unit, lines.get(unit.line_id), shipment.units):
                problems[unit.esn] = problem
            else:
                taken.append(unit.esn)
        answer = f"Back Market shows {seen.order.tracking_number}."
        return ShipmentResult(answer, was_there=was_there, taken_units=taken, refused_units=problems)

    def _register(self, unit: RemoteUnit, line: Line | None, units: Sequence[RemoteUnit]) -> str:
        """Register one number unless it is there; gives why it was not taken."""
        if line is None or line.quantity != 1 or sum(each.line_id == unit.line_id for each in units) != 1:
            return "Back Market takes the numbers of phones on lines of one unit only."
        if unit.esn in {line.imei, line.serial_number}:
            return ""
        if there := line.imei or line.serial_number:
            return f"Back Market has {there} for this line, and never changes one."
        named = parcels.identifier(unit.esn)
        if not named:
            return f"{unit.esn} is no number that Back Market takes."
        try:
            response = self._http.request("PATCH", f"/ws/orderlines/{quote(unit.line_id, safe='')}", body=named)
        except TemporaryError as error:
            # The shipment is there: the next try finds it, and goes on with the numbers.
            raise TemporaryError(
                error.message, retry_after=error.retry_after, maybe_applied=True, reference=error.reference
            ) from None
        if response.status == 403:
            self._refuse(response)
        return "" if response.is_ok else self._words(response)

    @abstractmethod
    def _refuse(self, response: Response) -> NoReturn: ...

    @abstractmethod
    def _words(self, response: Response) -> str: ...

    @abstractmethod
    def _unreadable(self, what: str, response: Response, *, maybe_applied: bool = False) -> ChannelError: ...


def _order_path(order_id: str) -> str:
    return f"/ws/orders/{quote(order_id, safe='')}"
