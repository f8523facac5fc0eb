"""Sheets: CSV and XLSX files read safely into text, and written."""

from __future__ import annotations

from wholecell.services.sheets import delimited, workbook
from wholecell.services.sheets.grid import MAX_BYTES, MAX_ROWS, GridRow, Sheet, SheetError, build
from wholecell.services.sheets.write import Cell, write_csv, write_xlsx

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def read(data: bytes) -> Sheet:
    """The sheet in this file, whatever its name says. Raises SheetError with a sentence for the person."""
    if len(data) > MAX_BYTES:
        raise SheetError(
            f"The file has {len(data) / 1024 / 1024:.1f} MB; one upload takes 10 MB. Split it into several."
        )
    if data.startswith(_OLE):
        raise SheetError(workbook.OLD_OR_LOCKED)
    return build(workbook.read_rows(data) if data.startswith(_ZIP) else delimited.read_rows(data))


__all__ = ["MAX_BYTES", "MAX_ROWS", "Cell", "GridRow", "Sheet", "SheetError", "read", "write_csv", "write_xlsx"]
