"""Who bought what, in sheets of orders: kept on the order alone once it is stored, and nowhere after some weeks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import Upload, UploadRow
from wholecell.services.bulk import MANY, chunks, table
from wholecell.services.upload_channel_order_rows import FIELDS, PERSONAL

KEPT_FOR = timedelta(days=30)  # rows that were refused, to be corrected, and sheets nobody applied
FORGOTTEN = "forgotten"  # in a sheet's options, once it tells of nobody any more
_KIND = "orders"
_ROWS = table(UploadRow)


def forget_stored(session: Session, upload_id: int | None) -> None:
    """Blank the buyers in the rows of an applied sheet; those refused keep them, to be downloaded and corrected."""
    mapping = session.scalar(sa.select(Upload.mapping).where(Upload.id == upload_id)) or {}
    _blank(session, mapping, _ROWS.c.upload_id == upload_id, _ROWS.c.outcome != "refused")


def forget_old(now: datetime | None = None) -> None:
    """Blank them everywhere once a sheet was kept long enough."""
    old = sa.select(Upload.id, Upload.mapping, Upload.options).where(
        Upload.kind == _KIND, Upload.at < (now or utcnow()) - KEPT_FOR
    )
    with transaction() as session:
        for upload_id, mapping, options in session.execute(old.order_by(Upload.id)).all():
            if FORGOTTEN in options:
                continue
            _blank(session, mapping, _ROWS.c.upload_id == upload_id)
            marked = sa.update(Upload).where(Upload.id == upload_id).values(options={**options, FORGOTTEN: "yes"})
            session.execute(marked, execution_options={"synchronize_session": False})


def _blank(session: Session, mapping: Mapping[str, int], *which: sa.ColumnElement[bool]) -> None:
    """Keep the cells of columns that tell of no person; a column nobody read may."""
    kept = {mapping[each.key] for each in FIELDS if each.key in mapping and each.key not in PERSONAL}
    columns = (_ROWS.c.upload_id, _ROWS.c.number, _ROWS.c.cells, _ROWS.c.plan)
    query = sa.select(*columns).where(*which)
    own = (_ROWS.c.upload_id == sa.bindparam("of_upload")) & (_ROWS.c.number == sa.bindparam("row_number"))
    update = sa.update(_ROWS).where(own).values(cells=sa.bindparam("kept"), plan=sa.bindparam("planned"))
    for chunk in chunks(session.execute(query).all(), MANY):
        rows = [
            {
                "of_upload": row.upload_id,
                "row_number": row.number,
                "kept": [cell if place in kept else "" for place, cell in enumerate(row.cells)],
                "planned": _without(row.plan),
            }
            for row in chunk
        ]
        session.connection().execute(update, rows)


def _without(plan: Mapping[str, Any]) -> dict[str, Any]:
    cells: Mapping[str, str] = plan.get("cells", {})
    return {**plan, "cells": {key: text for key, text in cells.items() if key not in PERSONAL}} if cells else dict(plan)
