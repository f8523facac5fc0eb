"""A phone scanned and committed to the order that wants it."""

from collections import defaultdict

from tests.bench.checks import COMMIT, all_right
from tests.bench.measure import over_one_commit, timed
from wholecell.db import db
from wholecell.services import commit, offers
from wholecell.services.events import Actor

GOAL = 20
LACKING = """
SELECT t.order_id, t.id, v.id
  FROM sales_order o JOIN sales_order_status s ON s.id = o.status_id AND s.allows_commitment
  JOIN order_item t ON t.order_id = o.id JOIN product_variation v ON v.id = t.variation_id
       OR (t.variation_id IS NULL AND v.sku = t.sku)
 WHERE s.title = 'Awaiting shipment' AND t.ordered - t.cancelled > (
       SELECT count(*) FROM commitment c WHERE c.order_item_id = t.id AND c.released_at IS NULL)
 ORDER BY t.id
"""
FREE = """
SELECT i.variation_id, i.esn, i.id FROM inventory_item i
 WHERE NOT EXISTS (SELECT 1 FROM commitment c WHERE c.item_id = i.id AND c.released_at IS NULL)
"""


def measure(target, size):
    """From the scanned code to the committed commitment, with its timelines and requests."""
    ours, commits = [], []
    scans = _scans(target.raw)[: size.changes]
    for order, item, esn, phone in scans:
        db.session.remove()
        seconds, done = timed(lambda order=order, esn=esn: commit.commit(order, esn, Actor()))
        assert (done.order_item_id, done.item_id, done.is_extra) == (item, phone, False)
        ours.append(seconds)
        commits.append(timed(lambda phone=phone: target.raw.write(COMMIT, id=phone))[0])
    offers.compute_all()
    all_right(target.raw)
    note = f"{len(scans)} scans, one commit each"
    yield over_one_commit("scan and commit a phone", ours, commits, GOAL, note)


def _scans(raw):
    """An open order with an item that lacks a phone, and a phone for it; each order and each phone once."""
    free = defaultdict(list)
    for variation, esn, phone in raw.rows(FREE):
        free[variation].append((esn, phone))
    scans, seen = [], set()
    for order, item, variation in raw.rows(LACKING):
        if order not in seen and free[variation]:
            seen.add(order)
            scans.append((order, item, *free[variation].pop()))
    return scans
