"""All quantities of one integration, and of five that ticked different things."""

from tests.bench import rule_sql
from tests.bench.measure import alternate, ratio
from tests.factories import QueryCounter
from wholecell.db import db
from wholecell.services.availability import quantities

MOST_QUERIES = 6
FIVE = (1, 2, 3, 4, 5)


def measure(target, size):
    yield _measured(target, size, (1,), "offered quantities of one integration, cold", 1.6)
    yield _measured(target, size, FIVE, "offered quantities of five integrations", 1.0)


def _measured(target, size, integrations, name, goal):
    statement = rule_sql.whole()
    queries = _queries(integrations)
    assert queries <= MOST_QUERIES, f"{queries} queries"

    def ours():
        db.session.remove()
        return quantities(integrations)

    def by_hand():
        return [target.raw.rows(statement, id=key) for key in integrations]

    def same(offers, rows):
        own = {
            key: (o.quantity.available, o.quantity.outstanding, o.offered)
            for key, o in offers.items()
            if o.quantity is not None
        }
        found = {row[0]: tuple(map(int, row[1:])) for some in rows for row in some if row[3] is not None}
        assert own == found
        assert len(offers) == sum(map(len, rows))

    return ratio(name, *alternate(ours, by_hand, size.repeats, same), goal, f"{queries} queries")


def _queries(integrations):
    db.session.remove()
    with QueryCounter() as statements:
        quantities(integrations)
    return sum(not statement.startswith("BEGIN") for statement in statements)
