"""One order of one channel until the quantities of its listings on five channels are computed and stored."""

from tests.bench.checks import COMMIT, all_right
from tests.bench.measure import over_one_commit, timed
from tests.bench.memory_shop import MemoryShop, answer, importing, page
from wholecell.db import db, transaction, utcnow
from wholecell.services import offers
from wholecell.services.order_saving import save_orders

GOALS = {"SQLite": 10, "PostgreSQL": 15}


def measure(target, size):
    """From the page that holds the order, as the channel told it, to numbers that are committed."""
    with importing(1, target.vault_keys) as run:
        run(MemoryShop())  # the status map is there
    ours, commits, changed = [], [], 0
    for turn in range(size.changes):
        told = page([answer(size, 1, [(turn % size.alone, 1)])]).orders
        seconds, listings = timed(lambda told=told: _take(told))
        ours.append(seconds)
        changed += listings
        commits.append(timed(lambda turn=turn: target.raw.write(COMMIT, id=1 + turn))[0])
    assert changed
    all_right(target.raw)
    note = f"{size.changes} orders, {changed / size.changes:.1f} numbers each, two commits"
    yield over_one_commit("an order in -> its listings on 5 channels", ours, commits, GOALS[target.name], note)


def _take(told):
    db.session.remove()
    with transaction() as session:
        saved = save_orders(session, 1, told, utcnow())
        assert saved.counts == {"new": 1}
    return offers.compute_requested()
