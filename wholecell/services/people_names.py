"""What the people of the account are called, for timelines and runs."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import User


def people_names(ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people by id, in one query; who has no name is called by their address."""
    wanted = {each for each in ids if each is not None}
    if not wanted:
        return {}
    query = sa.select(User.id, User.name, User.email).where(User.id.in_(wanted))
    return {key: name or email for key, name, email in db.session.execute(query)}
