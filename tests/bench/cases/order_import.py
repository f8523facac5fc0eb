"""Orders read from a channel until they are stored, beside the very rows put in by the driver."""

import statistics

from tests.bench.checks import all_right
from tests.bench.measure import Line, shown, timed
from tests.bench.memory_shop import MemoryShop, answer, importing
from tests.bench.order_rows import Copier
from wholecell.channels.backmarket.paging import PAGE_SIZE
from wholecell.services import offers

GOAL = 1000  # milliseconds of a thousand orders
REPEATS = 3


def measure(target, size):
    """Pages as long as the channel gives them are read from its answer, stored and committed; there is no network."""
    shop, copier, ours, raw = MemoryShop(), Copier(target.raw), [], []
    with importing(1, target.vault_keys) as run:
        run(shop)  # the status map is there
    for turn in range(min(size.repeats, REPEATS)):
        shop.rows = _orders(size, turn)
        copier.begin()
        with importing(1, target.vault_keys) as run:
            ours.append(timed(lambda run=run: run(shop))[0])
        copier.prepare(PAGE_SIZE)
        raw.append(timed(copier.copy)[0])
        _same(target.raw, copier, size)
    offers.compute_all()
    all_right(target.raw)
    thousand, by_hand = (statistics.median(times) / size.imported * 1000 for times in (ours, raw))
    note = f"{1000 / thousand:,.0f} orders/s, {thousand / by_hand:.1f}x; raw: the same rows of every table"
    name = "order import, a page a transaction, 1,000 orders"
    yield Line(name, shown(thousand), shown(by_hand), thousand * 1000, GOAL, " ms", note)


def _orders(size, turn):
    return [
        answer(size, 1, [((turn * size.imported + number + line) % size.listings, 1) for line in range(1 + number % 2)])
        for number in range(size.imported)
    ]


def _same(raw, copier, size):
    """Every order is there, once by each side, with its lines and the listing each was sold from."""
    assert copier.copied() == copier.counts
    assert copier.counts["sales_order"] == size.imported
    lines = raw.rows(
        "SELECT count(*), count(listing_id) FROM order_item WHERE order_id > :last", last=copier.ends["sales_order"]
    )
    assert lines == [(2 * copier.counts["order_item"],) * 2]
    assert copier.counts["order_item"] == size.imported + size.imported // 2
