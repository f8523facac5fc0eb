"""An inventory sheet through dry run and apply, beside its rows put in by the driver."""

import csv
import io
from datetime import UTC, datetime
from itertools import islice

from tests.bench.measure import alternate, ratio
from tests.factories import imei
from wholecell.db import db
from wholecell.services import uploads
from wholecell.services.events import Actor

GOALS = {"SQLite": 5, "PostgreSQL": 6}
HEADER = ("ESN", "SKU", "Status", "Warehouse", "Location", "Cost")
REPEATS = 3
AT_ONCE = 1000  # rows of one statement with many VALUES
PHONE = (
    *("esn", "esn_reversed", "hex_id", "variation_id", "status_id", "warehouse_id", "location_id", "cost_cents"),
    *("received_at", "version"),
)
EVENT = ("at", "subject", "subject_id", "kind", "new", "source")


def measure(target, size):
    skus = dict(target.raw.rows("SELECT sku, min(id) FROM product_variation GROUP BY sku HAVING count(*) = 1"))
    places = target.raw.rows("SELECT l.name, w.name FROM location l JOIN warehouse w ON w.id = l.warehouse_id")
    repeats = min(size.repeats, REPEATS)
    sheets = iter(list(islice(_sheets(size, [sku for sku in skus if sku], places), 2 * repeats)))
    writer = _ByHand(target.raw, skus)

    def ours():
        db.session.remove()
        tried = uploads.create(Actor(), "phones", "lot.csv", next(sheets))
        done = uploads.apply(Actor(), tried.id)
        return done.counts["new"]

    def same(own, other):
        assert own == other == size.uploaded
        (total,) = target.raw.rows(
            "SELECT count(*), count(DISTINCT esn) FROM inventory_item i WHERE EXISTS "
            "(SELECT 1 FROM event e WHERE e.subject = 'item' AND e.subject_id = i.id AND e.kind = 'received')"
        )
        nonlocal expected
        expected += 2 * size.uploaded
        assert total == (expected, expected)

    expected = target.raw.rows("SELECT count(*) FROM inventory_item")[0][0]
    times = alternate(ours, lambda: writer.write(next(sheets)), repeats, same)
    what = "executemany" if target.raw.is_sqlite else "multi-row VALUES"
    note = f"{size.uploaded:,} rows; raw: phones and events by {what}"
    yield ratio("upload of phones, dry run and apply", *times, GOALS[target.name], note)


def _sheets(size, skus, places):
    """Sheets of phones nobody has yet."""
    number = 500_000_000
    while True:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(HEADER)
        for _ in range(size.uploaded):
            number += 1
            location, warehouse = places[number % len(places)]
            writer.writerow((imei(number), skus[number % len(skus)], "Available", warehouse, location, "99.00"))
        yield text.getvalue().encode()


class _ByHand:
    """Read the sheet, look its words up in dicts, and put phones and timeline in, in one durable transaction."""

    def __init__(self, raw, skus):
        self.raw, self.skus, self.code = raw, skus, 0
        self.statuses, self.warehouses = raw.ids("inventory_status"), raw.ids("warehouse")
        self.locations = raw.ids("location")

    def write(self, sheet):
        now = datetime.now(UTC)
        at = now.strftime("%Y-%m-%d %H:%M:%S.%f") if self.raw.is_sqlite else now
        phones = [self._phone(row, at) for row in csv.DictReader(io.StringIO(sheet.decode()))]
        with self.raw.writing():
            (first,) = self.raw.driver.execute("SELECT coalesce(max(id), 0) FROM inventory_item").fetchone()
            self._insert("inventory_item", ("id", *PHONE), [(first + n, *p) for n, p in enumerate(phones, 1)])
            events = [(at, "item", first + n, "received", "iPhone", "upload") for n in range(1, len(phones) + 1)]
            self._insert("event", EVENT, events)
            if not self.raw.is_sqlite:
                self.raw.driver.execute("SELECT setval('inventory_item_id_seq', max(id)) FROM inventory_item")
        return len(phones)

    def _phone(self, row, at):
        self.code += 1
        esn, cents = row["ESN"], round(float(row["Cost"]) * 100)
        places = self.warehouses[row["Warehouse"]], self.locations[row["Location"]]
        label = f"Z{self.code:06X}"
        return esn, esn[::-1], label, self.skus[row["SKU"]], self.statuses[row["Status"]], *places, cents, at, 1

    def _insert(self, table, columns, rows):
        names = ", ".join(columns)
        if self.raw.is_sqlite:
            marks = ", ".join("?" * len(columns))
            self.raw.driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)
            return
        marks = "(" + ", ".join(["%s"] * len(columns)) + ")"
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            values = [value for row in some for value in row]
            self.raw.driver.execute(f"INSERT INTO {table} ({names}) VALUES {', '.join([marks] * len(some))}", values)
