"""Tables that are only ever added to: the database itself refuses to change or delete their rows."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import DDL, event

from wholecell.models.events import Event
from wholecell.models.sync import OfferChange, OfferChangeOrder, QuantityPush

TABLES: tuple[str, ...] = (
    Event.__tablename__,
    QuantityPush.__tablename__,
    OfferChange.__tablename__,
    OfferChangeOrder.__tablename__,
)

POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME; END $$"
)


def statements(table: str, dialect: str) -> list[str]:
    """The SQL that makes one table append-only."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        POSTGRESQL_FUNCTION,
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    ]


def _listen(table: sa.Table) -> None:
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(table.name, dialect):
            ddl = DDL(statement.replace("%", "%%"))
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))


for _name in TABLES:
    _listen(Event.metadata.tables[_name])
