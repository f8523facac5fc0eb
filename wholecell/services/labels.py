"""Labels as PDF, 62 x 29 mm: number and label code as Code128, and one line that says what the phone is."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from wholecell.db import db
from wholecell.models import InventoryItem
from wholecell.services.bulk import chunks
from wholecell.services.inventory_page import ItemRow, rows_query
from wholecell.services.refusal import Refusal

MOST = 2_000
SIZE = (62 * mm, 29 * mm)
MARGIN = 2.5 * mm
WIDEST_BAR = 0.33 * mm


def pdf(item_ids: Sequence[int]) -> bytes:
    """One label a page, in the order given. Raises Refusal for none or more than 2,000."""
    if len(item_ids) > MOST:
        raise Refusal(f"That are {len(item_ids):,} labels: print at most {MOST:,} at once.")
    rows = _rows(item_ids)
    if not rows:
        raise Refusal("Choose the phones to print labels for.")
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=SIZE, pageCompression=1)
    canvas.setTitle("Labels")
    for row in rows:
        _draw(canvas, row)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _rows(item_ids: Sequence[int]) -> list[ItemRow]:
    found: dict[int, ItemRow] = {}
    for chunk in chunks(item_ids):
        for row in db.session.execute(rows_query().where(InventoryItem.id.in_(chunk))):
            found[row[0]] = ItemRow(*row)
    return [found[key] for key in item_ids if key in found]


def _draw(canvas: Canvas, row: ItemRow) -> None:
    _text(canvas, 24.2 * mm, f"{row.name} {row.network}", 8, bold=True)
    _text(canvas, 20.8 * mm, " ".join((row.grade, *row.damages, row.sku or "")), 7)
    _bars(canvas, row.esn, 12.2 * mm, 7.5 * mm)
    _text(canvas, 9.4 * mm, row.esn, 7)
    _bars(canvas, row.hex_id, 2.2 * mm, 5.5 * mm, share=0.55)
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawRightString(SIZE[0] - MARGIN, 3.6 * mm, row.hex_id)


def _text(canvas: Canvas, height: float, text: str, size: float, *, bold: bool = False) -> None:
    """One line as plain text, cut where the label ends."""
    font = "Helvetica-Bold" if bold else "Helvetica"
    shown = text.encode("cp1252", "replace").decode("cp1252")  # what the PDF's own fonts can draw
    while shown and canvas.stringWidth(shown, font, size) > SIZE[0] - 2 * MARGIN:
        shown = shown[:-1]
    canvas.setFont(font, size)
    canvas.drawString(MARGIN, height, shown)


def _bars(canvas: Canvas, code: str, bottom: float, height: float, share: float = 1.0) -> None:
    """The code as bars, as wide as fits."""
    room = (SIZE[0] - 2 * MARGIN) * share
    modules = Code128(code, barWidth=1, quiet=False).width
    bars = Code128(code, barWidth=min(room / modules, WIDEST_BAR), barHeight=height, quiet=False, humanReadable=False)
    bars.drawOn(canvas, MARGIN, bottom)
