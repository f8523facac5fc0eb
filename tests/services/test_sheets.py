import io
import re
import struct
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wholecell.services import sheets
from wholecell.services.sheets import SheetError, workbook


def xlsx(*rows, **sheets_by_name):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets_by_name.items():
        other = book.create_sheet(name)
        for row in more:
            other.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repack(data, edit):
    """The archive with the parts that `edit(name, content)` gives back; None drops a part."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = edit(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return target.getvalue()


def cells(data):
    return [row.cells for row in sheets.read(data).rows]


def refusal(data):
    with pytest.raises(SheetError) as caught:
        sheets.read(data)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separator_is_found(delimiter):
    text = "\n".join(delimiter.join(row) for row in (["ESN", "Grade, seen", "Cost"], ["1", "A", "2"], ["3", "B", "4"]))
    if delimiter == ",":
        text = text.replace("Grade, seen", '"Grade, seen"')
    sheet = sheets.read(text.encode())
    assert sheet.header == ["ESN", "Grade, seen", "Cost"]
    assert [row.cells for row in sheet.rows] == [["1", "A", "2"], ["3", "B", "4"]]


def test_decimal_commas_do_not_win_over_semicolons():
    assert cells(b"SKU;Price;Was\na;1,50;2,50\nb;3,50;4,50\n") == [["a", "1,50", "2,50"], ["b", "3,50", "4,50"]]


def test_separator_named_by_excel_is_obeyed():
    sheet = sheets.read(b"sep=|\r\nESN|Grade\r\n1|A\r\n")
    assert (sheet.header, sheet.rows[0].number, sheet.rows[0].cells) == (["ESN", "Grade"], 3, ["1", "A"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_apart(encoding):
    assert cells("Colour,SKU\nGraphité,é1\n".encode(encoding)) == [["Graphité", "é1"]]


def test_big_endian_utf16_is_read():
    assert cells(b"\xfe\xff" + "A,B\n1,ü\n".encode("utf-16-be")) == [["1", "ü"]]


@pytest.mark.parametrize(
    "data",
    [
        b"ESN^Grade^Cost\n1^A^2\n",
        b"ESN:Grade:Cost\n1:A:2\n",
        b"ESN   Grade   Cost\n1   A   2\n",
    ],
)
def test_wrong_separator_is_refused_with_the_way_out(data):
    assert "commas, semicolons, tabs or |" in refusal(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x01\x02\x03" * 9,
        "ESN,Grade\n1,A\n".encode("utf-16-le"),
        b"%PDF-1.4\n\x81\x8d\x00\xff\n",
        b"\x89PNG\r\n\x1a\n\0",
    ],
)
def test_what_is_no_text_is_refused(data):
    assert "neither a CSV file nor an XLSX workbook" in refusal(data)


def test_quoted_line_breaks_and_quotes_stay_inside_their_cell():
    sheet = sheets.read(b'A,B\n"one\ntwo","say ""hi"""\n3,4\n')
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ["one\ntwo", 'say "hi"']), (3, ["3", "4"])]


def test_inch_marks_inside_a_cell_are_no_quotes():
    assert cells(b'Model,Grade\nPad 11" Pro,A\n') == [['Pad 11" Pro', "A"]]


def test_quote_never_closed_is_refused_with_its_row():
    assert "after row 2" in refusal(b'A,B\n1,2\n3,"4\n5,6\n')


def test_blank_rows_are_skipped_and_numbers_stay_those_of_the_spreadsheet():
    assert [row.number for row in sheets.read(b"\nA,B\n\n1,2\n,\n3,4\n").rows] == [4, 6]


def test_ragged_rows_are_refused_one_by_one():
    rows = sheets.read(b"A,B,C\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n").rows
    assert [bool(row.problem) for row in rows] == [False, True, True, False]
    assert rows[1].problem.startswith("The row has 2 cells, the first row has 3")
    assert rows[3].cells == ["1", "2", "3"]


def test_same_column_twice_is_refused():
    assert "“ esn”".replace(" ", "") in refusal(b"ESN,Grade, esn\n1,A,2\n")


@pytest.mark.parametrize("data", [b"", b"\n\n", b"ESN,Grade\n", b"ESN,Grade\n,\n"])
def test_file_without_rows_is_refused(data):
    assert "The file" in refusal(data)


def test_120000_rows_are_refused_with_the_number():
    assert "120,000 rows" in refusal(b"ESN,Grade\n" + b"1,A\n" * 120_000)


def test_100000_rows_are_taken():
    assert len(sheets.read(b"ESN,Grade\n" + b"1,A\n" * 100_000).rows) == 100_000


def test_more_than_10_mb_are_refused():
    assert "10 MB" in refusal(b"x" * (10 * 1024 * 1024 + 1))


def test_one_quote_is_taken_off_and_only_before_a_formula():
    assert cells(b"A,B,C,D\n'=1+1,''-x,'tis,'\n") == [["=1+1", "'-x", "'tis", "'"]]


def test_numbers_in_a_workbook_keep_every_digit_below_2_to_the_53():
    data = xlsx(["ESN", "Cost", "MEID"], [356938035643809, 148.5, 990000862471854351])
    assert cells(data) == [["356938035643809", "148.5", "9.900008624718543e+17"]]


def test_text_dates_and_yes_no_of_a_workbook():
    from datetime import date, datetime

    data = xlsx(["A", "B", "C", "D"], ["012", date(2026, 3, 4), datetime(2026, 3, 4, 5, 6), True])
    assert cells(data) == [["012", "2026-03-04", "2026-03-04 05:06", "yes"]]


def test_formulas_of_a_workbook_are_read_as_the_values_it_shows():
    def with_value(name, content):
        # Where lxml is there, openpyxl writes the empty value otherwise.
        return re.sub(rb"<f>1\+1</f><v( ?/>|></v>)", b"<f>1+1</f><v>2</v>", content)

    assert cells(repack(xlsx(["A", "B"], ["=1+1", "x"]), with_value)) == [["2", "x"]]


def test_failed_formula_refuses_its_row_alone():
    rows = sheets.read(xlsx(["A", "B"], ["1", "#N/A"], ["2", "x"])).rows
    assert "B2" in rows[0].problem
    assert rows[1].problem == ""


def test_rows_of_a_workbook_are_numbered_as_it_shows_them():
    book = openpyxl.Workbook()
    book.active["B3"], book.active["C3"], book.active["B5"], book.active["C5"] = "A", "B", "1", "2"
    target = io.BytesIO()
    book.save(target)
    sheet = sheets.read(target.getvalue())
    assert (sheet.header, sheet.rows[0].number, sheet.rows[0].cells) == (["A", "B"], 5, ["1", "2"])


def test_first_visible_sheet_is_read():
    book = openpyxl.Workbook()
    book.active.append(["hidden"])
    book.active.sheet_state = "hidden"
    for row in (["A", "B"], ["1", "2"]):
        book.create_sheet("Phones") if "Phones" not in book else None
        book["Phones"].append(row)
    target = io.BytesIO()
    book.save(target)
    assert cells(target.getvalue()) == [["1", "2"]]


def test_bomb_is_refused_before_it_is_parsed():
    bomb = repack(xlsx(["A", "B"], ["1", "2"]), lambda name, content: content)
    target = io.BytesIO(bomb)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * (workbook.MAX_UNPACKED + 1))
    assert len(target.getvalue()) < 200_000
    assert "more than 100 MB" in refusal(target.getvalue())


def test_bomb_that_lies_about_its_size_is_refused_too():
    target = io.BytesIO(xlsx(["A", "B"], ["1", "2"]))
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", b"\0" * (workbook.MAX_UNPACKED + 1))
    data = bytearray(target.getvalue())
    size = struct.pack("<I", workbook.MAX_UNPACKED + 1)
    while (place := data.find(size)) >= 0:
        data[place : place + 4] = struct.pack("<I", 10)
    assert "more than 100 MB" in refusal(bytes(data))


def test_two_cells_at_the_corners_do_not_make_room_for_all_between():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "ESN", "x"
    target = io.BytesIO()
    book.save(target)
    assert "far to the right or far below" in refusal(target.getvalue())


def test_formatted_but_empty_cells_far_away_do_no_harm():
    book = openpyxl.Workbook()
    book.active.append(["A", "B"])
    book.active.append(["1", "2"])
    book.active["ZZ90000"].number_format = "@"
    target = io.BytesIO()
    book.save(target)
    assert cells(target.getvalue()) == [["1", "2"]]


def test_workbook_of_120000_rows_is_refused_with_the_number():
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for _ in range(120_001):
        sheet.append(["1"])
    target = io.BytesIO()
    book.save(target)
    assert "120,000 rows" in refusal(target.getvalue())


@pytest.mark.parametrize("data", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])
def test_old_or_locked_workbook_is_refused_with_the_way_out(data):
    assert ".xlsx without a password" in refusal(data)


def test_archive_that_is_no_workbook_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("phones.csv", "ESN,Grade\n1,A\n")
    assert "damaged or not an XLSX" in refusal(target.getvalue())


def test_damaged_workbooks_are_refused():
    data = xlsx(["A", "B"], ["1", "2"])

    def cut_sheet(name, content):
        return content[: len(content) // 2] if name.endswith("sheet1.xml") else content

    for broken in (data[: len(data) // 2], repack(data, cut_sheet), b"PK\x03\x04nothing"):
        assert "damaged or not an XLSX" in refusal(broken)


def test_entities_in_a_workbook_are_not_followed():
    def with_entity(name, content):
        if name != "xl/workbook.xml":
            return content
        return b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + content.split(b"?>", 1)[-1]

    assert "damaged or not an XLSX" in refusal(repack(xlsx(["A", "B"], ["1", "2"]), with_entity))


TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12).map(str.strip)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_what_is_written_is_read_back_the_same(rows):
    rows = [(f"k{first}", second) for first, second in rows] + [("=1", "'=1"), ("+4", "''@x"), ("-3", "'plain")]
    header = ["First", "Second"]
    # Blanks of other scripts around a cell are blanks too.
    expected = [[cell.strip() for cell in row] for row in rows]
    for data in (b"".join(sheets.write_csv(header, rows)), sheets.write_xlsx(header, rows, {"Second"})):
        assert cells(data) == expected


def test_exports_run_no_formula():
    data = sheets.write_xlsx(["SKU", "Price"], [("=HYPERLINK(1)", Decimal("2.50"))], {"SKU"})
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].number_format) == ("'=HYPERLINK(1)", "s", "@")
    assert sheet["B2"].value == 2.5
    assert b"'=HYPERLINK(1),2.50" in b"".join(sheets.write_csv(["SKU", "Price"], [("=HYPERLINK(1)", Decimal("2.50"))]))
