"""What the upload pages show: the list, one upload's rows the ones to look at first, refused rows as a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import ChangeBatch, Integration, Upload, UploadRow, User
from wholecell.services.upload_kinds import Field, Kind
from wholecell.services.uploads import kind_of

OUTCOMES = ("refused", "conflict", "kept", "changed", "new", "same")
LEFT_ALONE = ("refused", "conflict", "kept")
PAGE = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a shown row: what the sheet says, and what it replaces when it changes something."""

    text: str
    old: str | None = None
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row as a page shows it; `head` names what the row is about, `cells` follow the page's columns."""

    number: int
    outcome: str
    reason: str
    target_id: int | None
    head: Cell
    sub: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of an upload, and where the next ones begin (`outcome-number`)."""

    columns: list[Field]
    rows: list[ShownRow]
    next: str | None


def list_uploads(before: int | None = None, limit: int = 50) -> Sequence[sa.Row[Any]]:
    """The newest uploads with who read them and when they were undone."""
    person = sa.func.coalesce(sa.func.nullif(User.name, ""), User.email).label("person")
    columns = (Upload.id, Upload.kind, Upload.filename, Upload.state, Upload.at, Upload.counts, person)
    names = (ChangeBatch.at.label("applied_at"), ChangeBatch.undone_at, Integration.name.label("integration"))
    query = (
        sa.select(*columns, *names)
        .outerjoin(Integration, Integration.id == Upload.integration_id)
        .outerjoin(User, User.id == Upload.user_id)
        .outerjoin(ChangeBatch, ChangeBatch.id == Upload.batch_id)
        .order_by(Upload.id.desc())
        .limit(limit)
    )
    return db.session.execute(query.where(Upload.id < before) if before else query).all()


def person_of(upload: Upload) -> str:
    """Who uploaded it, by name."""
    person = db.session.execute(sa.select(User.name, User.email).where(User.id == upload.user_id)).first()
    return (person.name or person.email) if person else "somebody"


def read_rows(upload: Upload, outcome: str = "", after: str = "") -> Page:
    """One page of rows: of this outcome, or of all with those to look at first."""
    told = kind_of(upload)
    found = _find_rows(upload.id, (outcome,) if outcome in OUTCOMES else OUTCOMES, after)
    page, more = found[:PAGE], found[PAGE:]
    columns = _columns(told, upload.mapping, page)
    described = told.describe({row.target_id for row in page if row.target_id is not None})
    rows = [_shown(told, upload.mapping, columns, row, described) for row in page]
    return Page(columns, rows, f"{page[-1].outcome}-{page[-1].number}" if more else None)


def _find_rows(upload_id: int, outcomes: Sequence[str], after: str) -> list[Any]:
    last, _, number = after.partition("-")
    if last in outcomes and number.isdigit():
        outcomes = outcomes[outcomes.index(last) :]
    found: list[Any] = []
    for each in outcomes:  # one index range after the other, instead of sorting all rows
        query = sa.select(UploadRow).where(UploadRow.upload_id == upload_id, UploadRow.outcome == each)
        if each == last and number.isdigit():
            query = query.where(UploadRow.number > int(number))
        found += db.session.scalars(query.order_by(UploadRow.number).limit(PAGE + 1 - len(found)))
        if len(found) > PAGE:
            break
    return found


def _text(mapping: Mapping[str, int], row: UploadRow, key: str) -> str:
    index = mapping.get(key)
    return str(row.cells[index]) if index is not None and index < len(row.cells) else ""


def _columns(told: Kind, mapping: Mapping[str, int], rows: Sequence[UploadRow]) -> list[Field]:
    """The columns with something to see: of what names the row already, only those changed or at fault."""
    marked = {key for row in rows for key in (*row.changes, *row.faults)}
    filled = {key for key in mapping if key not in told.naming and any(_text(mapping, row, key) for row in rows)}
    return [each for each in told.fields if each.key in marked | filled and each.key != told.head[0]]


def _shown(
    told: Kind, mapping: Mapping[str, int], columns: Sequence[Field], row: UploadRow, described: Mapping[int, str]
) -> ShownRow:
    def cell(key: str) -> Cell:
        old, new = row.changes.get(key, (None, _text(mapping, row, key)))
        return Cell(new, old, key in row.faults)

    head, *below = told.head
    rest = " ".join(filter(None, (_text(mapping, row, key) for key in below)))
    rest = rest or described.get(row.target_id or 0, "")
    return ShownRow(
        row.number, row.outcome, row.reason, row.target_id, cell(head), rest, [cell(f.key) for f in columns]
    )


def left_alone(upload: Upload) -> Iterator[list[str]]:
    """The rows not taken, as they stood in the file, each with its reason at the end."""
    columns = (UploadRow.number, UploadRow.cells, UploadRow.reason)
    query = sa.select(*columns).where(UploadRow.upload_id == upload.id, UploadRow.outcome.in_(LEFT_ALONE))
    width = len(upload.header)
    for _number, cells, reason in db.session.execute(query.order_by(UploadRow.number)):
        yield [*(cells + [""] * width)[: max(width, len(cells))], reason]


def sample(upload: Upload) -> list[str]:
    """The first filled cell of each column, so that a person knows which is which."""
    query = sa.select(UploadRow.cells).where(UploadRow.upload_id == upload.id).order_by(UploadRow.number).limit(20)
    rows = list(db.session.scalars(query))
    return [next((row[i] for row in rows if i < len(row) and row[i]), "") for i in range(len(upload.header))]


def batch_of(upload: Upload) -> ChangeBatch | None:
    """What applying it did as one change: when, and when it was taken back."""
    return db.session.get(ChangeBatch, upload.batch_id) if upload.batch_id else None
