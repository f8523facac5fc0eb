"""The migrations build what the models say, and can be taken back."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from wholecell.db import Base, db


def _drop_everything():
    Base.metadata.drop_all(db.engine)


def test_migrations_build_the_models_and_go_back(bare_app):
    _drop_everything()
    upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    downgrade(revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    Base.metadata.create_all(db.engine)


def test_rows_outlive_the_migrations_both_ways(bare_app):
    _drop_everything()
    upgrade(revision="0001")
    now = "2026-01-02 03:04:05"
    rows = (
        "INSERT INTO sales_order_status (id, title, color, position, counts_as_open, allows_commitment,"
        " syncs_to_shipstation) VALUES (1, 'Open', 'gray', 0, true, true, false)",
        "INSERT INTO sales_order (id, number, channel, status_id, channel_status, is_channel_status_final,"
        " is_to_be_scanned, is_fulfilled_by_channel, placed_at)"
        f" VALUES (1, 'A', '', 1, '', false, false, false, '{now}')",
        "INSERT INTO order_item (id, order_id, sku, ordered, cancelled, refunded_before_shipping, returned,"
        " is_set_aside) VALUES (1, 1, 'S', 2, 0, 0, 0, false)",
    )
    for row in rows:
        db.session.execute(sa.text(row))
    db.session.commit()
    upgrade()
    query = sa.text("SELECT count(*) FROM order_item JOIN sales_order ON sales_order.id = order_item.order_id")
    assert db.session.scalar(query) == 1
    db.session.commit()
    downgrade(revision="0001")
    assert db.session.scalar(query) == 1
    db.session.commit()
    _drop_everything()
    db.session.execute(sa.text("DROP TABLE alembic_version"))
    db.session.commit()
    Base.metadata.create_all(db.engine)
