"""The last phones are sold on one channel until five channels were sent the new number, by the running scheduler."""

import statistics
import time
from unittest.mock import patch

from tests.bench import data
from tests.bench.measure import Line, p95, shown, timed
from tests.bench.memory_shop import MemoryShop, answer
from tests.factories import imei
from wholecell import jobs
from wholecell.db import db, transaction
from wholecell.services import offers, recompute, sync, work
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind

OWN_GOAL, GOAL = 50, 2000  # milliseconds
CHANNELS = (1, 2, 3, 4, 5)
PER_WAREHOUSE = 25  # far more than the orders of the cases before left open
LONGEST = 30  # seconds until a sale counts as lost


def measure(target, size):
    """Our own time: from the page with the order to the last of five calls. All: from when orders are asked for.

    A call takes no time here. Between are the order's storing, the computing, and five runs each with its claim.
    """
    shops = {key: MemoryShop() for key in range(1, len(data.INTEGRATIONS) + 1)}
    sold = [number % size.alone for number in range(size.sales)]
    _stock(target.raw, sold)
    _all_offered(target.raw, sold)
    own, whole = [], []
    with patch.object(sync, "connector_for", lambda integration, _vault: shops[integration.id]):
        scheduler = jobs.start(target.app)
        try:
            _wait(lambda: _is_quiet(target.raw))
            for number in [sold[0], *sold]:
                seconds = _sell(target, size, shops, number)
                own.append(seconds[0])
                whole.append(seconds[1])
                _take_back(target.raw)
            own, whole = own[1:], whole[1:]  # the first builds every statement
        finally:
            jobs.stop(target.app, scheduler)
    commit = [timed(lambda: target.raw.write("UPDATE sales_order SET number = number WHERE id = 1"))[0] for _ in own]
    note = f"{len(own)} sales; from the page read to the fifth call, calls take no time"
    for name, times, goal, said in (
        ("a sale seen -> calls sent to 5 channels, our own time", own, OWN_GOAL, note),
        ("a sale -> calls sent to 5 channels, with collecting", whole, GOAL, "from when the import is asked for"),
    ):
        said = f"median {shown(statistics.median(times))}; {said}"
        yield Line(
            name, f"p95 {shown(p95(times))}", shown(statistics.median(commit)), p95(times) * 1000, goal, " ms", said
        )


def _sell(target, size, shops, number):
    for shop in shops.values():
        shop.pushed.clear()
    units = len(CHANNELS) * PER_WAREHOUSE * 10  # more than there are: every listing falls to 0
    shops[1].rows = [answer(size, 1, [(number, units)])]
    began = time.perf_counter()
    work.ask(1, Kind.IMPORT_ORDERS, SYSTEM)
    db.session.remove()
    _wait(lambda: all(shops[key].pushed for key in CHANNELS))
    _wait(lambda: _is_quiet(target.raw))
    calls = [call for shop in shops.values() for call in shop.pushed]
    sent = {listing: quantity for _at, listing, quantity in calls}
    offered = dict(target.raw.rows("SELECT external_id, last_offered FROM listing WHERE last_offered IS NOT NULL"))
    assert {f"L{key}-{number}": 0 for key in CHANNELS}.items() <= sent.items()  # and others that count its SKU
    assert len(sent) == len(calls)
    assert sent == {listing: offered[listing] for listing in sent}
    last = max(at for at, *_ in calls)
    return last - shops[1].handed_over_at, last - began


def _take_back(raw):
    """The order is cancelled, and its phones offered again before the next sale."""
    ((order,),) = raw.rows("SELECT max(id) FROM sales_order")
    raw.write("UPDATE order_item SET cancelled = ordered WHERE order_id = :id", id=order)
    ((listing,),) = raw.rows("SELECT listing_id FROM order_item WHERE order_id = :id", id=order)
    with transaction() as session:
        recompute.request(session, Cause.ORDER, SYSTEM, variations=offers.variations_of_listings([listing])[listing])
    _wait(lambda: _is_quiet(raw))


def _is_quiet(raw):
    """Nothing waits to be computed or sent, and nobody works."""
    db.session.remove()
    waiting = raw.rows(
        "SELECT 1 FROM recompute_request UNION ALL SELECT 1 FROM work WHERE lease IS NOT NULL OR wanted_at IS NOT NULL"
        " UNION ALL SELECT 1 FROM listing WHERE last_offered <> last_synced AND rejected_at IS NULL AND held IS NULL"
        " AND state IN ('active', 'out of stock') LIMIT 1"
    )
    return not waiting


def _wait(is_done):
    end = time.monotonic() + LONGEST
    while not is_done():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.005)


def _all_offered(raw, numbers):
    listings = ", ".join(f"'L{key}-{number}'" for key in CHANNELS for number in set(numbers))
    empty = raw.rows(
        f"SELECT external_id FROM listing WHERE external_id IN ({listings}) AND coalesce(last_offered, 0) = 0"
    )
    assert not empty, f"nothing to sell: {empty}"


def _stock(raw, numbers):
    """So many phones of each of these listings' variations that every channel offers some."""
    status, homes = raw.ids("inventory_status")["Available"], raw.ids("warehouse")
    ((last,),) = raw.rows("SELECT max(id) FROM inventory_item")
    columns = ("id", "esn", "esn_reversed", "hex_id", "variation_id", "status_id", "warehouse_id", "received_at")
    rows = []
    for number in sorted(set(numbers)):
        for home in [homes[name] for name in data.WAREHOUSES] * PER_WAREHOUSE:
            key = last + len(rows) + 1
            esn = imei(600_000_000 + key)
            rows.append((key, esn, esn[::-1], f"X{key:07d}", 1 + number, status, home, "2026-01-01 00:00:00.000000", 1))
    raw.load("inventory_item", (*columns, "version"), rows)
    event = ("at", "subject", "subject_id", "kind", "new", "source")
    raw.load("event", event, [(row[-2], "item", row[0], "received", "iPhone", "scan") for row in rows])
    with transaction() as session:
        recompute.request(session, Cause.SCAN, SYSTEM, variations={1 + number for number in numbers})
    offers.compute_all()
    db.session.remove()
    data.agree(raw)
