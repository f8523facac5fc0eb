"""What the guard holds back, and the two ways on: send it, or take back what caused it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import ChangeBatch, Upload
from wholecell.services import guard, offers, settings_undo, undo, uploads
from wholecell.services.events import Actor
from wholecell.services.guard import Held
from wholecell.services.integrations import IntegrationError
from wholecell.services.people_names import people_names
from wholecell.services.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Batch:
    """A bulk change, an upload or a change of settings that can be taken back."""

    id: int
    title: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, and the changes that caused it and can be taken back, newest first."""

    held: Held
    batches: Sequence[Batch]


def waiting_on(integration_id: int) -> Waiting | None:
    """What the guard holds on one integration, or None."""
    held = guard.held_on(integration_id)
    if held is None:
        return None
    batches = db.session.scalars(
        sa.select(ChangeBatch)
        .where(ChangeBatch.id.in_(held.batches), ChangeBatch.undone_at.is_(None))
        .order_by(ChangeBatch.id.desc())
    ).all()
    people = people_names(each.user_id for each in batches)
    return Waiting(held, [Batch(each.id, each.title, each.at, people.get(each.user_id or 0, "")) for each in batches])


def undo_batch(batch_id: int, actor: Actor) -> str:
    """Take back a batch, whichever kind it is; the sentence says what came of it. Raises Refusal.

    The numbers that come back do not wait for a person again: this person just decided.
    """
    said = _undo(batch_id, replace(actor, is_undoing=True))
    offers.compute_all()  # so that the page that follows shows what still waits
    return said


def _undo(batch_id: int, actor: Actor) -> str:
    query = sa.select(ChangeBatch.before, Upload.id).outerjoin(Upload, Upload.batch_id == ChangeBatch.id)
    found = db.session.execute(query.where(ChangeBatch.id == batch_id)).first()
    if found is None:
        raise Refusal("There is no such change to take back.")
    before, upload_id = found
    if upload_id is not None:
        uploads.undo(actor, upload_id)
        return "The upload is taken back."
    if before:
        return _undo_settings(batch_id, actor)
    return undo.undo(batch_id, actor).sentence


def _undo_settings(batch_id: int, actor: Actor) -> str:
    try:
        settings_undo.undo(batch_id, actor)
    except IntegrationError as error:
        raise Refusal(str(error)) from None
    return "The settings are as they were before."
