"""A marketplace in memory: orders told in Back Market's own answers, quantities taken without a network."""

import json
import time
from contextlib import contextmanager
from itertools import count

from tests.bench.common import sku
from wholecell.channels.backmarket import orders
from wholecell.channels.backmarket.paging import PAGE_SIZE
from wholecell.channels.contract import OrderPage, Outcome, PushResult
from wholecell.db import db, utcnow
from wholecell.services import order_import, work
from wholecell.services.events import SYSTEM
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

_numbers = count(70_000_001)


def answer(size, integration, listed):
    """One order as the channel tells it; `listed` are (number of the listing, units), a line each."""
    number, now = next(_numbers), utcnow().isoformat()
    lines = [
        {
            "id": number * 10 + line,
            "listing": sku(size, of) or "",
            "listing_id": f"L{integration}-{of}",
            "product": f"iPhone {of} 64GB",
            "quantity": units,
            "price": "199.00",
            "state": 2,
        }
        for line, (of, units) in enumerate(listed)
    ]
    return {
        "order_id": number,
        "state": 3,
        "date_creation": now,
        "date_modification": now,
        "expected_dispatch_date": now,
        "currency": "USD",
        "price": f"{199 * sum(units for _, units in listed)}.00",
        "shipping_price": "0.00",
        "shipping_address": {
            "firstName": "Ada",
            "lastName": f"Example {number % 5000}",
            "street": f"{number} Main Street",
            "city": "Springfield",
            "state": "IL",
            "postalCode": "62701",
            "country": "US",
            "phoneNumber": "+1 555 0100",
        },
        "orderlines": lines,
    }


def page(rows, number=1, following=()):
    """The page that these rows of an answer are, read as the channel's own client reads it."""
    told = json.dumps({"count": len(rows), "next": "more" if following else None, "results": rows})
    return orders.page(json.loads(told), number, utcnow())[0]


class MemoryShop:
    """One login. It notes when it handed over a page of orders and when which quantity came."""

    def __init__(self):
        self.rows, self.pushed = [], []
        self.handed_over_at = None

    def check(self):
        return ()

    def orders(self, _window):
        rows, self.rows = self.rows, []
        if not rows:
            yield OrderPage([], 1, 0, utcnow())
        for number, start in enumerate(range(0, len(rows), PAGE_SIZE), 1):
            read = page(rows[start : start + PAGE_SIZE], number, rows[start + PAGE_SIZE :])
            self.handed_over_at = time.perf_counter()
            yield read

    def orders_by_id(self, _ids):
        yield OrderPage([], 1, None, utcnow())

    def plan(self, changes):
        yield from ([change] for change in changes)

    def push_quantities(self, changes):
        for change in changes:
            self.pushed.append((time.perf_counter(), change.external_id, change.quantity))
            yield PushResult(change.external_id, Outcome.ACCEPTED, stored=change.quantity)

    def push_outcomes(self, _receipt, _changes):
        return None


@contextmanager
def importing(integration, keys):
    """An order import claimed for the integration, and finished after."""
    db.session.remove()
    run = work.claim(integration, Kind.IMPORT_ORDERS, SYSTEM)
    yield lambda shop: order_import.import_orders(run, shop, Vault(keys))
    work.finish(run)
    db.session.remove()
