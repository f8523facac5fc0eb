"""What answering the quantity rule costs: a fixed number of queries, through indexes."""

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests import factories as make
from wholecell.db import db, utcnow
from wholecell.services import due, receipts
from wholecell.services.availability import quantities

# Tables of a few rows, whatever the size of the account.
SHORT = ("integration", "integration_status", "integration_warehouse", "sales_order_status")


@pytest.mark.parametrize("integrations", [1, 5])
def test_six_queries_answer_any_set_of_integrations(app, count_queries, integrations):
    statuses = ["Available", "Incoming", "Processing", "Repair", "Unavailable"]
    for number in range(integrations):
        integration = make.make_integration(statuses=statuses[: number + 1])
        for sku in range(3):
            make.make_listing(integration, sku=f"S{sku}")
    for sku in range(3):
        make.make_items(make.make_variation(f"S{sku}"), 2)
    listing = db.session.scalar(sa.select(make.Listing))
    make.make_order(items=[{"sku": "S0", "listing_id": listing.id}], integration=integration)
    db.session.remove()
    with count_queries() as statements:
        assert len(quantities()) == 3 * integrations
    assert len(statements) <= 6
    with count_queries() as statements:
        assert len(quantities([listing.integration_id])) == 3
    assert len(statements) <= 6


def test_open_orders_are_found_through_indexes(app):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan asked for here is SQLite's")
    from wholecell.services import availability_sql

    compiled = availability_sql.open_orders().compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}")))
    assert "ix_sales_order_status_id" in plan
    assert "ix_sales_order_to_be_scanned" in plan
    assert "SCAN sales_order\n" not in plan


def test_one_variation_is_answered_through_indexes(app):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan asked for here is SQLite's")
    make.make_listing(make.make_integration(), sku="S0")
    variation = make.make_variation("S0")
    asked = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, sql, values, *_: asked.append((sql, values)))
    quantities(variations=[variation.id])
    connection = db.session.connection()
    plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values) for sql, values in asked[:]]
    scanned = {row[3] for plan in plans for row in plan if row[3].startswith("SCAN")}
    assert len(plans) >= 5
    assert scanned <= {f"SCAN {name}" for name in SHORT}


def test_what_is_due_is_found_among_the_unsettled_alone(app):
    """By the index that holds no others; PostgreSQL keeps it too, but reads a table this short as it stands."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan asked for here is SQLite's")
    make.make_listing(make.make_integration(), sku="S0")
    now, asked = utcnow(), []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, sql, values, *_: asked.append((sql, values)))
    due.due_listings(1, now)
    due.integrations_with_due(now)
    due.integrations_waiting_for_orders(now)
    receipts.wait_for_answer(now)
    connection = db.session.connection()
    statements = [(sql, values) for sql, values in asked if sql.startswith("SELECT")]
    plans = [[row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", v)] for s, v in statements]
    assert len(plans) == 4
    for plan in plans:
        assert {"ix_listing_unsettled" in step for step in plan if " listing " in step} == {True}
