"""What left: labels made in ShipStation, orders marked as shipped there, and labels that were voided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from wholecell.channels.contract import CameShipment, ShipmentPage
from wholecell.channels.shipstation import pacific, shipment_reading
from wholecell.channels.shipstation.calls import Calls
from wholecell.channels.shipstation.paging import pages
from wholecell.channels.shipstation.values import UnreadableError

BROKEN = "ShipStation answers with a fault of its own when it is asked for number {n} of its {what}. Look there."
BY_MAKING = {"sortBy": "CreateDate", "sortDir": "ASC"}


class ReadsShipments:
    """The part of the connector that reads what left."""

    _calls: Calls

    def shipments(self, since: datetime) -> Iterator[ShipmentPage]:
        """Yield labels, orders marked as shipped, and voided labels since then (aware UTC), page by page.

        An order marked as shipped without a label is in no list of labels, and a label that is voided long after it
        was made is in neither of the first two.
        """
        start = pacific.since(since)
        labels = {"createDateStart": start, "includeShipmentItems": "true", **BY_MAKING}
        voided = {"voidDateStart": start, "includeShipmentItems": "true", **BY_MAKING}
        lists = (
            ("shipments", labels, shipment_reading.shipment),
            ("fulfillments", {"createDateStart": start, **BY_MAKING}, shipment_reading.fulfillment),
            ("shipments", voided, shipment_reading.shipment),
        )
        count, reading = 0, None
        for name, params, read in lists:
            for page in pages(self._calls, f"/{name}", name, params):
                count += 1
                reading = min(reading or page.reading_began_at, page.reading_began_at)
                found, unreadable = _read(page.rows, read)
                unreadable += [BROKEN.format(n=each, what=name) for each in page.broken]
                yield ShipmentPage(found, count, None, page.began_at, unreadable, reading)


def _read(rows: object, read: Callable[[object], CameShipment | None]) -> tuple[list[CameShipment], list[str]]:
    found, unreadable = [], []
    for row in rows if isinstance(rows, list) else []:
        try:
            one = read(row)
        except UnreadableError as error:
            unreadable.append(str(error))
        else:
            if one is not None:
                found.append(one)
    return found, unreadable
