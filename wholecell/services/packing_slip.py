"""Packing slips as PDF: what is in the shipment, with the order's number and every phone's number as bars."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, OrderItem, SalesOrder
from wholecell.services import order_lines, settings
from wholecell.services.addresses import COLUMNS, lines_of
from wholecell.services.bulk import chunks
from wholecell.services.order_lines import ItemLine
from wholecell.services.refusal import Refusal

MOST = 500
WIDTH, HEIGHT = A4
MARGIN = 18 * mm
RIGHT = WIDTH - MARGIN
NARROWEST, WIDEST = 0.19 * mm, 0.33 * mm
GRAY = 0.35


@dataclass(frozen=True, slots=True)
class Slip:
    """What one slip says; `phones` are numbers by order item."""

    number: str
    channel: str
    placed_at: datetime
    address: Sequence[str]
    items: Sequence[ItemLine]
    phones: Mapping[int, Sequence[str]]


def pdf(order_ids: Sequence[int]) -> bytes:
    """The slips in the order given, each on pages of its own. Raises Refusal for none or more than 500."""
    if len(order_ids) > MOST:
        raise Refusal(f"That are {len(order_ids):,} packing slips: print at most {MOST} at once.")
    slips = _slips(order_ids)
    if not slips:
        raise Refusal("Choose the orders to print packing slips for.")
    seller = str(settings.get(settings.ORGANIZATION_NAME))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle("Packing slips")
    for slip in slips:
        _Sheet(canvas, slip, seller).draw()
    canvas.save()
    return file.getvalue()


def _slips(order_ids: Sequence[int]) -> list[Slip]:
    order = SalesOrder
    query = sa.select(order.id, order.number, order.channel, order.placed_at, *COLUMNS)
    facts = {row.id: row for chunk in chunks(order_ids) for row in db.session.execute(query.where(order.id.in_(chunk)))}
    items, phones = order_lines.of_orders(facts), _phones(facts)
    return [
        Slip(row.number, row.channel, row.placed_at, lines_of(row), _packed(items[row.id]), phones)
        for row in (facts[key] for key in dict.fromkeys(order_ids) if key in facts)
    ]


def _packed(items: Sequence[ItemLine]) -> list[ItemLine]:
    return [item for item in items if not item.is_set_aside and (item.wanted or item.live)]


def _phones(order_ids: Collection[int]) -> dict[int, list[str]]:
    query = (
        sa.select(Commitment.order_item_id, InventoryItem.esn)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .where(Commitment.released_at.is_(None))
        .order_by(Commitment.id)
    )
    found: dict[int, list[str]] = {}
    for chunk in chunks(order_ids):
        for key, esn in db.session.execute(query.where(OrderItem.order_id.in_(chunk))):
            found.setdefault(key, []).append(esn)
    return found


class _Sheet:
    """Draws one slip from the top down, on as many pages as it takes. All text is drawn as it is, never as markup."""

    def __init__(self, canvas: Canvas, slip: Slip, seller: str) -> None:
        self.canvas, self.slip, self.seller = canvas, slip, seller
        self.y = HEIGHT - MARGIN

    def draw(self) -> None:
        """The whole slip."""
        self._head()
        for item in self.slip.items:
            self._item(item)
        if not self.slip.items:
            self._lines("Nothing is to be packed for this order.", 10)
        self.canvas.showPage()

    def _head(self) -> None:
        slip = self.slip
        bars(self.canvas, slip.number, RIGHT - 75 * mm, self.y - 9 * mm, 75 * mm, 12 * mm, is_right=True)
        self._lines(self.seller or "Packing slip", 15, bold=True, width=90 * mm)
        self._lines(f"Packing slip · order {slip.number}", 10, width=90 * mm)
        placed = f"{slip.placed_at.day} {slip.placed_at:%b %Y}"
        self._lines(f"{slip.channel} · placed {placed}" if slip.channel else f"Placed {placed}", 9, width=90 * mm)
        self.y = min(self.y, HEIGHT - MARGIN - 16 * mm) - 5 * mm
        self._lines("Ship to", 8, gray=True)
        for line in slip.address or ["No address"]:
            self._lines(line, 11, width=110 * mm)
        self.y -= 5 * mm
        self._rule()

    def _item(self, item: ItemLine) -> None:
        phones = self.slip.phones.get(item.id, ())
        self._room(16 * mm)
        top = self.y
        self._lines(item.name, 11, bold=True, width=RIGHT - MARGIN - 32 * mm)
        if item.sku:
            self._lines(item.sku, 9, gray=True, width=RIGHT - MARGIN - 32 * mm)
        self.canvas.setFont("Helvetica-Bold", 11)
        self.canvas.drawRightString(RIGHT, top - 11, f"× {max(item.wanted, len(phones))}")
        lacking = max(item.wanted - len(phones), 0)
        for esn in phones:
            self._phone(esn)
        if lacking and phones:
            self._lines(f"{lacking} more to be packed", 9, gray=True)
        self.y -= 2 * mm
        self._rule()

    def _phone(self, esn: str) -> None:
        self._room(11 * mm)
        bars(self.canvas, esn, MARGIN, self.y - 8.5 * mm, 75 * mm, 7 * mm)
        self.canvas.setFont("Helvetica", 10)
        self.canvas.drawString(MARGIN + 82 * mm, self.y - 6 * mm, esn)
        self.y -= 11 * mm

    def _rule(self) -> None:
        self.canvas.setLineWidth(0.4)
        self.canvas.line(MARGIN, self.y, RIGHT, self.y)
        self.y -= 3 * mm

    def _lines(self, text: str, size: float, *, bold: bool = False, gray: bool = False, width: float = 0) -> None:
        font = "Helvetica-Bold" if bold else "Helvetica"
        for line in wrapped(self.canvas, text, font, size, width or RIGHT - MARGIN):
            self._room(size * 1.3)
            self.canvas.setFont(font, size)
            self.canvas.setFillGray(GRAY if gray else 0)
            self.canvas.drawString(MARGIN, self.y - size, line)
            self.canvas.setFillGray(0)
            self.y -= size * 1.3

    def _room(self, height: float) -> None:
        """Begin another page when this one has no room, with the order's number on it."""
        if self.y - height > MARGIN:
            return
        self.canvas.showPage()
        self.y = HEIGHT - MARGIN
        self.canvas.setFont("Helvetica", 8)
        self.canvas.drawString(MARGIN, self.y, drawable(f"Order {self.slip.number}, continued"))
        self.y -= 8 * mm


def drawable(text: str) -> str:
    """The text in what the PDF's own fonts can draw: other letters, such as emoji, become question marks."""
    plain = "".join(" " if ord(sign) < 32 else sign for sign in text)
    return plain.encode("cp1252", "replace").decode("cp1252")


def wrapped(canvas: Canvas, text: str, font: str, size: float, width: float) -> list[str]:
    """The text in lines of at most this width; a word that is wider is cut."""
    lines, line = [], ""
    for word in drawable(text).split():
        longer = f"{line} {word}".strip()
        if canvas.stringWidth(longer, font, size) <= width:
            line = longer
            continue
        lines += [line] if line else []
        while canvas.stringWidth(word, font, size) > width:
            fits = next(n for n in range(len(word) - 1, 0, -1) if canvas.stringWidth(word[:n], font, size) <= width)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines


def bars(
    canvas: Canvas, code: str, left: float, bottom: float, room: float, height: float, *, is_right: bool = False
) -> None:
    """The code as bars that a scanner reads; nothing where they would be too dense, or cannot hold one of its signs."""
    if not code or any(not 32 <= ord(sign) < 127 for sign in code):
        return
    modules = Code128(code, barWidth=1, quiet=False).width
    width = min(room / modules, WIDEST)
    if width < NARROWEST:
        return
    drawn = Code128(code, barWidth=width, barHeight=height, quiet=False, humanReadable=False)
    drawn.drawOn(canvas, left + room - width * modules if is_right else left, bottom)
