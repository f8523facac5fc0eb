"""The names of places orders come from; other programs match them letter for letter."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import SalesChannel
from wholecell.services.bulk import insert_new, table


def ensure(session: Session, name: str) -> int:
    """The channel of exactly this name, added when missing, in the caller's transaction."""
    query = sa.select(SalesChannel.id).where(SalesChannel.name == name)
    if (found := session.scalar(query)) is None:
        insert_new(session, table(SalesChannel), [{"name": name}], unique=["name"])
        found = session.scalars(query).one()
    return found
