"""Sheets on their way out: CSV as a stream, XLSX as a file, text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.cell import get_column_letter

from wholecell.services.csvsafe import quote

Cell = str | int | Decimal | None
_LINES = 500
# XML has no place for them.
_CONTROLS = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The lines of a CSV file, some hundred at a time; a byte order mark tells Excel that it is UTF-8."""
    buffer = StringIO("\ufeff")
    buffer.seek(0, 2)
    writer = csv.writer(buffer)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([quote(cell) if isinstance(cell, str) else cell for cell in row])
        if number % _LINES == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]], text: Collection[str] = ()) -> bytes:
    """An XLSX file; the columns named in `text` are formatted as text, so that typing in them keeps every digit."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet")
    sheet.freeze_panes = "A2"
    for place, name in enumerate(header, 1):
        column = sheet.column_dimensions[get_column_letter(place)]
        column.width = max(len(name) + 4, 12)
        if name in text:
            column.width, column.number_format = 22, "@"
    is_text = [name in text for name in header]
    sheet.append(list(header))
    for row in rows:
        sheet.append([_cell(sheet, cell, kept) for cell, kept in zip(row, is_text, strict=True)])
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(sheet: Any, cell: Cell, is_text: bool) -> Any:
    if not isinstance(cell, str):
        return cell
    value = quote(cell.translate(_CONTROLS))
    if not is_text:
        return value or None
    written = WriteOnlyCell(sheet, value)
    written.number_format = "@"
    return written
