"""Text files: which encoding, which separator, and the rows they hold."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from io import StringIO
from itertools import islice

from wholecell.services.sheets.grid import GridRow, SheetError, clean

DELIMITERS = ",;\t|"
NOT_TEXT = "This is neither a CSV file nor an XLSX workbook. Save the sheet as one of the two and upload that."
_SAMPLE_ROWS = 30
_SPREADSHEET_HINT = re.compile(r"\Asep=(.)\r?\n", re.IGNORECASE)  # Excel's own way to name the separator
# What a heading hardly holds, but a separator we do not read might be.
_STRANGE_SEPARATORS = re.compile(r"[\^~§¦:\x1f]|\s{3,}")


def read_rows(data: bytes) -> Iterator[GridRow]:
    """The rows of a text file, blank ones too, numbered as a spreadsheet would. Raises SheetError."""
    text = decode(data)
    hint = _SPREADSHEET_HINT.match(text)
    first = 2 if hint else 1
    if hint:
        text = text[hint.end() :]
    delimiter = hint.group(1) if hint else find_delimiter(text)
    number = first - 1
    try:
        for number, cells in enumerate(_reader(text, delimiter), first):
            yield GridRow(number, [clean(cell) for cell in cells])
    except csv.Error:
        raise SheetError(
            f'The row after row {number} cannot be read: a quotation mark (") opens a cell and does not close it.'
        ) from None


def decode(data: bytes) -> str:
    """Text by its byte order mark, else UTF-8, else Windows-1252. Raises SheetError when it is no text."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _text(data, encoding)
    try:
        return _text(data, "utf-8")
    except SheetError:
        return _text(data, "cp1252")


def _text(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise SheetError(NOT_TEXT) from None
    if any(chr(code) in text for code in (*range(9), *range(14, 27))):
        raise SheetError(NOT_TEXT)
    return text


def find_delimiter(text: str) -> str:
    """The separator that splits the first rows into the most columns, alike. Raises SheetError when none does."""
    best = max(DELIMITERS, key=lambda each: _score(text, each))
    header = text.lstrip().partition("\n")[0].rstrip("\r")
    if _score(text, best) == (0, 0) and _STRANGE_SEPARATORS.search(header):
        raise SheetError(
            "The columns cannot be told apart. Save the file with commas, semicolons, tabs or | between the cells."
        )
    return best


def _score(text: str, delimiter: str) -> tuple[int, int]:
    """How many columns the first row has beyond one, weighed by how many of the next rows have as many."""
    try:
        widths = [len(row) for row in islice(filter(None, _reader(text, delimiter)), _SAMPLE_ROWS)]
    except csv.Error:
        widths = []
    if not widths or widths[0] < 2:
        return (0, 0)
    return (sum(width == widths[0] for width in widths) * (widths[0] - 1), widths[0])


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
