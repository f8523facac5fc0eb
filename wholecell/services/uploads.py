"""Sheets on their way in: a file -> matched columns -> dry run -> applied in one transaction -> undone.

What the rows mean is told by one module per kind of sheet: `upload_variations` and `upload_phones`, and for the
listings and orders of one integration `upload_channel_listings` and `upload_channel_orders`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base, db, transaction, utcnow
from wholecell.models import ChangeBatch, Integration, Upload, UploadRow
from wholecell.services import sheets, upload_phones, upload_variations
from wholecell.services.bulk import table
from wholecell.services.connect import works_by_files
from wholecell.services.events import Actor, open_batch
from wholecell.services.refusal import Refusal
from wholecell.services.sheets import GridRow
from wholecell.services.upload_channel_listings import ChannelListings
from wholecell.services.upload_channel_orders import ChannelOrders
from wholecell.services.upload_columns import check_mapping, match_columns
from wholecell.services.upload_kinds import Kind, Planned, Row, Stored

KINDS: dict[str, Kind] = {each.key: each for each in (upload_variations.KIND, upload_phones.KIND)}
# Sheets of one integration: each made for it.
OF_INTEGRATIONS: dict[str, Callable[[Integration, int | None], Kind]] = {
    ChannelListings.key: ChannelListings,
    ChannelOrders.key: ChannelOrders,
}
NEW = -1  # stands for the id of a sheet that is not stored yet
_ROWS = table(UploadRow)


def kind_for(key: str, integration_id: int | None, upload_id: int | None = None) -> Kind | None:
    """The kind of sheet with this key, of this integration where it is of one; None when there is none."""
    made = OF_INTEGRATIONS.get(key)
    if made is None or integration_id is None:
        return KINDS.get(key)
    integration = db.session.get(Integration, integration_id)
    if integration is None or not (works_by_files(integration) or upload_id):
        return None
    return made(integration, upload_id)


def kind_of(upload: Upload) -> Kind:
    """The kind of this sheet, made for it."""
    found = kind_for(upload.kind, upload.integration_id, upload.id or NEW)
    assert found is not None, upload.kind
    return found


def find(upload_id: int) -> Upload | None:
    """The upload with this id."""
    return db.session.get(Upload, upload_id)


def create(
    actor: Actor,
    kind: str,
    filename: str,
    data: bytes,
    defaults: Mapping[str, str] | None = None,
    integration_id: int | None = None,
) -> Upload:
    """Read a file, match its columns and, when they suffice, try it dry. Raises sheets.SheetError, or Refusal."""
    told = kind_for(kind, integration_id)
    if told is None:
        raise Refusal("Such sheets are uploaded only where an integration works by files.")
    db.session.commit()  # reading a large file takes seconds, in which others want to write
    sheet = sheets.read(data)
    upload = Upload(
        kind=kind,
        integration_id=integration_id,
        filename=filename.replace("\\", "/").rpartition("/")[2][-200:] or "sheet",
        state="matching",
        user_id=actor.user_id,
        header=sheet.header,
        options=_options(told, defaults or {}),
    )
    mapping = match_columns(told.fields, sheet.header)
    return _try(upload, sheet.rows, mapping, upload.options)


def dry_run(
    upload_id: int, mapping: Mapping[str, int] | None = None, defaults: Mapping[str, str] | None = None
) -> Upload:
    """Try a sheet again: with other columns or defaults, or against what we have now.

    Raises Refusal when the columns do not fit the file, or when it was applied or thrown away.
    """
    upload = find(upload_id)
    if upload is None:
        raise _gone()
    told = kind_of(upload)
    if mapping is not None:
        check_mapping(told.fields, upload.header, mapping)
    query = sa.select(_ROWS.c.number, _ROWS.c.cells, _ROWS.c.plan).where(_ROWS.c.upload_id == upload_id)
    rows = [
        GridRow(number, cells, plan.get("problem", ""))
        for number, cells, plan in db.session.execute(query.order_by(_ROWS.c.number))
    ]
    return _try(
        upload,
        rows,
        upload.mapping if mapping is None else mapping,
        upload.options if defaults is None else _options(told, defaults),
    )


def _options(told: Kind, defaults: Mapping[str, str]) -> dict[str, str]:
    keys = [each.key for each in told.fields if each.has_default] + [each.key for each in told.switches]
    texts = {key: defaults.get(key, "").strip() for key in keys}
    return {key: text for key, text in texts.items() if text}


def _try(upload: Upload, rows: Sequence[GridRow], mapping: Mapping[str, int], options: dict[str, Any]) -> Upload:
    told = kind_of(upload)
    is_tried = not told.lacks(mapping)
    results, warnings = _plan(told, rows, mapping, options) if is_tried else ([Planned("") for _ in rows], [])
    with transaction() as session:
        if upload.id is None:
            session.add(upload)
            session.flush()
        else:
            _claim(session, upload.id, ("matching", "tried"), "matching")
            upload = session.get_one(Upload, upload.id, populate_existing=True)
        upload.mapping, upload.options, upload.warnings = dict(mapping), options, warnings
        upload.state = "tried" if is_tried else "matching"
        upload.counts = _count(results)
        session.flush()
        session.execute(sa.delete(_ROWS).where(_ROWS.c.upload_id == upload.id))
        stored = [_stored(upload.id, row, result) for row, result in zip(rows, results, strict=True)]
        session.connection().execute(sa.insert(_ROWS), stored)
    return upload


def _plan(
    told: Kind, rows: Sequence[GridRow], mapping: Mapping[str, int], options: Mapping[str, str]
) -> tuple[list[Planned], list[str]]:
    whole = [Row(row.number, {key: row.cells[i] for key, i in mapping.items()}) for row in rows if not row.problem]
    known = told.load(whole)
    db.session.commit()  # what comes takes no database, and others may write meanwhile
    planned = iter(told.plan(known, whole, options))
    results = [Planned("refused", reason=row.problem) if row.problem else next(planned) for row in rows]
    return results, told.warnings(results, known, options)


def _count(results: Sequence[Planned]) -> dict[str, int]:
    return dict(Counter(each.outcome for each in results if each.outcome))


def _stored(upload_id: int, row: GridRow, result: Planned) -> dict[str, Any]:
    return {
        "upload_id": upload_id,
        "number": row.number,
        "cells": row.cells,
        "outcome": result.outcome,
        "reason": result.reason,
        "target_id": result.target_id,
        "target_version": result.target_version,
        "changes": result.changes,
        "plan": {"problem": row.problem} if row.problem else result.plan,
        "faults": result.faults,
    }


def apply(actor: Actor, upload_id: int) -> Upload:
    """Write the new and changed rows, all in one transaction; those changed by others since are left alone.

    Applying twice, even at the same moment, applies once: whoever comes second gets the applied upload.
    Raises Refusal when there is nothing to apply.
    """
    with transaction() as session:
        if not _claim(session, upload_id, ("tried",), "applied", is_second_fine=True):
            return session.get_one(Upload, upload_id, populate_existing=True)
        upload = session.get_one(Upload, upload_id, populate_existing=True)
        rows = _effective(session, upload_id)
        told = kind_of(upload)
        if not rows and not told.changes_more(session):
            raise Refusal("This sheet changes nothing: there is nothing to apply.")
        batch = open_batch(session, actor, f"Upload of {upload.filename}"[:200])
        done = told.apply(session, actor.within(batch), rows)
        upload.batch_id = batch.id
        _note_targets(session, upload_id, told.model, done.created)
        _note_left(session, upload, "conflict", done.conflicts)
    told.settle(actor)
    return upload


def undo(actor: Actor, upload_id: int) -> Upload:
    """Take an applied upload back; rows somebody changed since stay and say why. Undoing twice undoes once."""
    with transaction() as session:
        if not _claim(session, upload_id, ("applied",), "undone", is_second_fine=True):
            return session.get_one(Upload, upload_id, populate_existing=True)
        upload = session.get_one(Upload, upload_id, populate_existing=True)
        batch = session.get_one(ChangeBatch, upload.batch_id, populate_existing=True)
        if batch.undone_at is not None:
            raise Refusal("The changes of this upload were taken back already.")
        batch.undone_at, batch.undone_by_id = utcnow(), actor.user_id
        own = open_batch(session, actor, f"Undo: {batch.title}"[:200])
        kept = kind_of(upload).undo(session, actor.within(own), _effective(session, upload_id), batch.id)
        _note_left(session, upload, "kept", kept)
    return upload


def throw_away(upload_id: int) -> None:
    """Forget a sheet that was not applied. Raises Refusal when it was."""
    with transaction() as session:
        _claim(session, upload_id, ("matching", "tried"), "matching")
        session.execute(sa.delete(_ROWS).where(_ROWS.c.upload_id == upload_id))
        session.execute(sa.delete(Upload).where(Upload.id == upload_id))


def _claim(
    session: Session, upload_id: int, states: tuple[str, ...], state: str, *, is_second_fine: bool = False
) -> bool:
    """Move the upload on from one of these states, as one guarded UPDATE, so that one of several does.

    False when somebody did already (`is_second_fine`); Refusal where that cannot be.
    """
    query = sa.update(Upload).where(Upload.id == upload_id, Upload.state.in_(states)).values(state=state)
    if session.execute(query.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        return True
    found = session.scalar(sa.select(Upload.state).where(Upload.id == upload_id))
    if found is None:
        raise _gone()
    if is_second_fine and (found == state or found == "undone"):
        return False
    if found == "matching":
        raise Refusal("Choose the columns of this sheet first.")
    raise Refusal(f"This sheet was already {found}: upload it again to read it anew.")


def _gone() -> Refusal:
    return Refusal("This upload was thrown away. Upload the file again.")


def _effective(session: Session, upload_id: int) -> list[Stored]:
    columns = (
        _ROWS.c.number,
        _ROWS.c.outcome,
        _ROWS.c.target_id,
        _ROWS.c.target_version,
        _ROWS.c.changes,
        _ROWS.c.plan,
    )
    query = sa.select(*columns).where(_ROWS.c.upload_id == upload_id, _ROWS.c.outcome.in_(("new", "changed")))
    return [Stored(*row) for row in session.execute(query.order_by(_ROWS.c.number))]


def _note_targets(session: Session, upload_id: int, model: type[Base], created: Mapping[int, int]) -> None:
    """Remember what each row made, and the version the upload leaves behind: an undo compares it."""
    mine = sa.update(_ROWS).where(_ROWS.c.upload_id == upload_id)
    if created:
        rows = [{"row_number": number, "made": key} for number, key in created.items()]
        made = mine.where(_ROWS.c.number == sa.bindparam("row_number")).values(target_id=sa.bindparam("made"))
        session.connection().execute(made, rows)
    target = table(model)
    if "version" not in target.c:
        return
    version = sa.select(target.c.version).where(target.c.id == _ROWS.c.target_id).scalar_subquery()
    session.execute(mine.where(_ROWS.c.outcome.in_(("new", "changed"))).values(target_version=version))


def _note_left(session: Session, upload: Upload, outcome: str, left: Mapping[int, str]) -> None:
    if left:
        statement = sa.update(_ROWS).where(_ROWS.c.upload_id == upload.id, _ROWS.c.number == sa.bindparam("row_number"))
        rows = [{"row_number": number, "why": why} for number, why in left.items()]
        session.connection().execute(statement.values(outcome=outcome, reason=sa.bindparam("why")), rows)
    count = sa.select(_ROWS.c.outcome, sa.func.count()).where(_ROWS.c.upload_id == upload.id).group_by(_ROWS.c.outcome)
    upload.counts = dict(session.execute(count).all())


__all__ = [
    "KINDS",
    "OF_INTEGRATIONS",
    "apply",
    "create",
    "dry_run",
    "find",
    "kind_for",
    "kind_of",
    "throw_away",
    "undo",
]
