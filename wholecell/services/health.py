"""Whether the parts the program stands on answer."""

from __future__ import annotations

import sqlalchemy as sa

from wholecell.db import db


def database_answers() -> None:
    """Ask the database for one row. Raises SQLAlchemyError when it does not answer."""
    db.session.execute(sa.select(1)).one()
