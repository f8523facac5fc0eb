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
