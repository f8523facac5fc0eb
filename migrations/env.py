"""Alembic's entry: runs migrations on the app's engine, or on the connection a test hands over."""

from alembic import context
from flask import current_app

from wholecell.db import Base

config = context.config


def run(connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        run(connection)
        connection.commit()
