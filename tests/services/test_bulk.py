from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db, is_sqlite, transaction
from wholecell.models import Customer, OrderItem, SalesOrder
from wholecell.services.bulk import insert_new, insert_rows, table

ORDER = table(SalesOrder)
NASTY = 'Zoë "O\'Hara" \\ 😀 {a,b} NULL\n\t'


def insert(*rows):
    with transaction() as session:
        return insert_rows(session, ORDER, rows, ORDER.c.id, ORDER.c.number)


def test_rows_come_back_as_they_were_given(app):
    east = timezone(timedelta(hours=5))
    rows = [
        {
            "number": f"{NASTY}{n}",
            "placed_at": datetime(2026, 1, n, 3, tzinfo=east),
            "ship_by": None if n == 1 else datetime(2026, 2, n, tzinfo=UTC),
            "total_cents": None if n == 2 else n,
            "is_to_accept": n == 1,
            "channel_notes": [] if n == 1 else [NASTY, None, 1],
            "channel_said": {"name": NASTY, "list": [1, {"a": None}]},
        }
        for n in (1, 2)
    ]
    ids = {number: key for key, number in insert(*rows)}
    for row in rows:
        order = db.session.get(SalesOrder, ids[row["number"]])
        assert {name: getattr(order, name) for name in row} == row
        assert (order.channel, order.is_to_be_scanned) == ("", False)  # what the model gives
        assert order.created_at.tzinfo is UTC


def test_values_that_a_column_cannot_hold_are_refused(app):
    with pytest.raises((ValueError, sa.exc.StatementError)):
        insert({"number": "1", "placed_at": datetime(2026, 1, 1)})  # noqa: DTZ001
    if not is_sqlite():  # which holds texts of any length
        with pytest.raises(sa.exc.DataError):
            insert({"number": "1" * 81})
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        insert_rows(session, table(OrderItem), [{"order_id": make.make_order().id, "ordered": -1}])


def test_of_the_same_new_rows_one_is_inserted(app):
    target = table(Customer)
    rows = [{"name": name, "name_key": "ada"} for name in ("Ada", "ADA")]
    with transaction() as session:
        found = insert_new(session, target, rows, target.c.name, unique=["name_key"])
        assert [row.name for row in found] == ["Ada"]
        assert insert_new(session, target, rows, target.c.name, unique=["name_key"]) == []
