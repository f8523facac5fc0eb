"""XLSX files: weighed before they are parsed, because a small file can unpack to more than memory holds."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from xml.parsers import expat

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from wholecell.services.sheets.grid import MAX_ROWS, GridRow, SheetError, clean, too_many_rows

MAX_UNPACKED = 100 * 1024 * 1024
MAX_AREA = 5_000_000  # cells from A1 to the last used row and column: what the parser makes room for
MAX_STRINGS = 2_000_000
OLD_OR_LOCKED = "This is an old .xls workbook or one with a password. Save it as .xlsx without a password, or as CSV."
DAMAGED = "The workbook is damaged or not an XLSX file. Open it in a spreadsheet, save it again as .xlsx, upload that."
TOO_LARGE = "The workbook unpacks to more than 100 MB. Remove pictures and sheets not needed, or save it as CSV."
FAR_APART = "The sheet has cells far to the right or far below its table. Delete those, or save the sheet as CSV."
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_EXACT = 2**53  # up to here a spreadsheet's number keeps every digit
_CHUNK = 1 << 20


def read_rows(data: bytes) -> Iterator[GridRow]:
    """The rows of the first visible sheet, formulas as their values. Raises SheetError."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _weigh(archive)
            book = CalamineWorkbook.from_filelike(BytesIO(data))
            name = _first_visible(book)
            measure = _measure(archive, _part_of(archive, name))
        if measure.rows > MAX_ROWS + 1:
            raise too_many_rows(measure.rows - 1)
        sheet = book.get_sheet_by_name(name)
    except (zipfile.BadZipFile, CalamineError, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
        raise SheetError(DAMAGED) from error
    except (ElementTree.ParseError, DefusedXmlException, expat.ExpatError) as error:
        raise SheetError(DAMAGED) from error
    for number, cells in enumerate(sheet.iter_rows(), 1):
        problem = ""
        if number in measure.failed_formulas:
            problem = f"Cell {measure.failed_formulas[number]} holds a formula that failed. Correct it, upload again."
        yield GridRow(number, [clean(cell) if type(cell) is str else as_text(cell) for cell in cells], problem)


def as_text(value: object) -> str:
    """A cell's value as a person would type it; a number whose digits are lost keeps its E, so it is seen."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return clean(str(value))


def _weigh(archive: zipfile.ZipFile) -> None:
    """Unpack every part piece by piece and count: the sizes written in the archive may lie."""
    if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED:
        raise SheetError(TOO_LARGE)
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise SheetError(OLD_OR_LOCKED)
    if "xl/workbook.xml" not in archive.namelist():
        raise SheetError(DAMAGED)
    left = MAX_UNPACKED
    for part in archive.infolist():
        part.file_size = 2 * MAX_UNPACKED  # else reading stops where the archive says the part ends
        strings = 0
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                strings += chunk.count(b"<si") if part.filename.endswith("sharedStrings.xml") else 0
                if left < 0 or strings > MAX_STRINGS:
                    raise SheetError(TOO_LARGE)


def _first_visible(book: CalamineWorkbook) -> str:
    for sheet in book.sheets_metadata:
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return str(sheet.name)
    raise SheetError("The workbook has no visible sheet.")


def _part_of(archive: zipfile.ZipFile, name: str) -> str:
    """The part of the archive that holds this sheet."""
    links = {
        link.get("Id"): link.get("Target", "")
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
        if sheet.get("name") == name:
            return posixpath.normpath(posixpath.join("/xl", links[sheet.get(_LINK)])).lstrip("/")
    raise KeyError(name)


@dataclass(slots=True)
class _Measure:
    """What the sheet's text says about its size, read without keeping its cells."""

    rows: int = 0  # that hold a value
    failed_formulas: dict[int, str] = field(default_factory=dict)  # row -> its first cell such as #N/A
    _row: int = 0
    _column: int = 0
    _right: int = 0
    _counted: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follow one tag; rows and cells without a place of their own follow the one before."""
        tag = name.rpartition(":")[2]
        if tag == "c":
            self._place(attributes.get("r", ""))
            if attributes.get("t") == "e":
                self.failed_formulas.setdefault(self._row, attributes.get("r", ""))
        elif tag in {"v", "is"}:
            self._fill()
        elif tag == "row":
            self._row, self._column = int(attributes.get("r") or self._row + 1), 0

    def _place(self, place: str) -> None:
        letters = place.rstrip("0123456789")
        if not letters:
            self._column += 1
            return
        self._row, self._column = int(place[len(letters) :]), 0
        for letter in letters:
            self._column = self._column * 26 + ord(letter) - 64

    def _fill(self) -> None:
        self._right = max(self._right, self._column)
        if self._row != self._counted:
            self.rows, self._counted = self.rows + 1, self._row
        if self._row * self._right > MAX_AREA:
            raise too_many_rows(self.rows) if self.rows > MAX_ROWS else SheetError(FAR_APART)


def _measure(archive: zipfile.ZipFile, part: str) -> _Measure:
    measure = _Measure()
    parser = expat.ParserCreate()
    parser.StartElementHandler = measure.start
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)
    parser.Parse(b"", True)
    return measure
