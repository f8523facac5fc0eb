"""What both file formats are read into, and the limits both keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from wholecell.services.csvsafe import unquote

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 100

# Control characters have no place in a cell, and PostgreSQL cannot store the zero one.
_CONTROLS = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")


class SheetError(ValueError):
    """The whole file cannot be used; the text is a plain sentence that says why and what to do."""


class GridRow(NamedTuple):
    """One row as the file holds it, numbered as a spreadsheet shows it. `problem` refuses this row alone."""

    number: int
    cells: list[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file that was understood: its column names, and its rows that are not blank."""

    header: list[str]
    rows: list[GridRow]


def clean(text: str) -> str:
    """A cell's text without the blanks around it, control characters, or the one quote an export puts on."""
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    text = text.strip()
    return unquote(text) if text[:1] == "'" else text


def build(grid: Iterable[GridRow]) -> Sheet:
    """Split off the header and check what a sheet owes whatever its format. Raises SheetError."""
    rows = iter(grid)
    first = next((row for row in rows if any(row.cells)), None)
    if first is None:
        raise SheetError("The file is empty: the first row must name the columns.")
    header = first.cells
    filled = [row for row in rows if row.problem or any(row.cells)]
    if len(filled) > MAX_ROWS:
        raise too_many_rows(len(filled))
    if not filled:
        raise SheetError("The file has column names but no rows below them.")
    _check_header(header)
    return Sheet(header, [_fit(row, len(header)) for row in filled])


def too_many_rows(count: int) -> SheetError:
    """The refusal of a file with more rows than one upload takes."""
    return SheetError(f"The file has {count:,} rows; one upload takes {MAX_ROWS:,}. Split it into several files.")


def _check_header(header: list[str]) -> None:
    if len(header) > MAX_COLUMNS:
        raise SheetError(
            f"The file has {len(header):,} columns; one upload takes {MAX_COLUMNS}. Remove those not used."
        )
    seen: dict[str, str] = {}
    for name in filter(None, header):
        other = seen.setdefault(" ".join(name.casefold().split()), name)
        if other is not name:
            raise SheetError(
                f"Two columns are called “{name}”. Rename or remove one, so that it is clear which to read."
            )


def _fit(row: GridRow, width: int) -> GridRow:
    cells = row.cells
    if row.problem or len(cells) == width:
        return row
    while len(cells) > width and not cells[-1]:
        cells.pop()
    if len(cells) == width:
        return row
    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    return row._replace(problem=f"The row has {count}, the first row has {width}: a separator is missing or too many.")
