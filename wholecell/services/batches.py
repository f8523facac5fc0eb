"""Bulk actions on their way back."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import utcnow
from wholecell.models import ChangeBatch
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal


def claim(session: Session, batch_id: int, actor: Actor) -> ChangeBatch:
    """Mark the batch as taken back; of two who try, one gets it."""
    mine = (
        sa.update(ChangeBatch)
        .where(ChangeBatch.id == batch_id, ChangeBatch.undone_at.is_(None))
        .values(undone_at=utcnow(), undone_by_id=actor.user_id)
        .returning(ChangeBatch.id)
    )
    claimed = session.execute(mine).first()
    batch = session.get(ChangeBatch, batch_id)
    if batch is None:
        raise Refusal("There is no such change to take back.")
    if claimed is None:
        raise Refusal("This change was taken back already.")
    return batch
