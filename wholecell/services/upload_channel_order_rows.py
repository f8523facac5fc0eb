"""Rows of an orders sheet, read into orders as a channel's API would tell them. Nothing here asks the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wholecell.channels.contract import Channel, Meaning, RemoteAddress, RemoteLine, RemoteOrder, SheetWords
from wholecell.services.sheet_cells import read_cents, read_code, read_time, read_units
from wholecell.services.upload_channel_order_known import LINE
from wholecell.services.upload_kinds import Field, Planned, Row

_ADDRESS = {
    "name": "ship_name",
    "company": "ship_company",
    "street": "ship_line1",
    "street2": "ship_line2",
    "city": "ship_city",
    "state": "ship_state",
    "postal_code": "ship_zip",
    "country": "ship_country",
    "phone": "ship_phone",
}
FIELDS: tuple[Field, ...] = (
    Field("order_id", "order_id", ("order", "order number", "id"), is_text=True),
    Field("order_date", "order_date", ("date", "placed", "created")),
    Field("status", "status", ("state",)),
    Field("sku", "sku", ("seller sku", "custom sku"), is_text=True),
    Field("listing_id", "listing_id", ("listing", "listing code"), is_text=True),
    Field("title", "title", ("product", "item")),
    Field("quantity", "quantity", ("units",), is_amount=True),
    Field("unit_price", "unit_price", ("price", "item price"), is_amount=True),
    Field("shipping_price", "shipping_price", ("shipping",), is_amount=True),
    Field("buyer_name", "buyer_name", ("buyer",)),
    Field("buyer_email", "buyer_email", ("email",)),
    *(Field(key, key, is_text=key in ("ship_zip", "ship_phone")) for key in _ADDRESS.values()),
    Field("tracking_number", "tracking_number", ("tracking",), is_text=True),
    Field("carrier", "carrier"),
)
PERSONAL = frozenset({"buyer_name", "buyer_email", "tracking_number", *_ADDRESS.values()})  # of the buyer
_COUNTRIES = {"usa": "US", "united states": "US", "united states of america": "US"}
_ONE_FOR_ALL = ("status", "order_date", "shipping_price", "ship_name", "ship_line1", "ship_zip")  # of an order's rows


@dataclass(slots=True)
class Draft:
    """The rows of one order, and the order they form; None while one of them cannot be read."""

    rows: list[tuple[Row, Planned]] = field(default_factory=list)
    order: RemoteOrder | None = None

    def refuse(self, key: str, reason: str) -> None:
        """Refuse all its rows."""
        for _, planned in self.rows:
            planned.refuse(key, reason)


def read_orders(rows: Sequence[Row], channel: Channel, statuses: Mapping[str, str], now: datetime) -> list[Draft]:
    """The orders of a sheet, in its order.

    `statuses` are the words of the orders we have, kept where a cell is blank.
    """
    drafts: dict[object, Draft] = {}
    for row in rows:
        planned = Planned()
        key = read_code(row, "order_id", planned, 120)
        if not key:
            planned.refuse("order_id", "The order_id is blank.")
        drafts.setdefault(key or row.number, Draft()).rows.append((row, planned))
    for draft in drafts.values():
        _read(draft, channel, statuses, now)
    return list(drafts.values())


def _read(draft: Draft, channel: Channel, statuses: Mapping[str, str], now: datetime) -> None:
    assert channel.sheet_words is not None
    words = channel.sheet_words
    for key in _ONE_FOR_ALL:
        if len({row.get(key) for row, _ in draft.rows} - {""}) > 1:
            draft.refuse(key, f"The rows of this order say different things under {key}: make them alike.")
    first, planned = draft.rows[0]
    placed_at = read_time(_with(draft, "order_date"), "order_date", planned, now, is_american=words.country == "US")
    shipping = read_cents(_with(draft, "shipping_price"), "shipping_price", planned)
    ship_to = _address(draft, words, planned)
    status = _status(draft, words, statuses.get(first.get("order_id"), ""))
    meaning = next((each.means for each in channel.order_words if each.word == status), None)
    lines = _lines(draft, meaning)
    if any(each.outcome == "refused" for _, each in draft.rows):
        bad = ", ".join(str(row.number) for row, each in draft.rows if each.outcome == "refused")
        for _, each in draft.rows:
            if each.outcome != "refused":
                each.refuse("order_id", f"Row {bad} of the same order cannot be read.")
        return
    prices = [None if line.price_cents is None else line.price_cents * line.ordered for line in lines]
    total = None if None in prices else sum(price or 0 for price in prices) + (shipping or 0)
    draft.order = RemoteOrder(
        external_id=first.get("order_id"),
        number=first.get("order_id"),
        status=status,
        is_final=meaning is not None and meaning.is_over,
        placed_at=placed_at,
        changed_at=None,
        ship_by=None,
        currency=words.currency,
        total_cents=total,
        shipping_cents=shipping,
        ship_to=ship_to,
        lines=lines,
        tracking_number=_first(draft, "tracking_number"),
        buyer=_first(draft, "buyer_name"),
        email=_first(draft, "buyer_email"),
    )


def _first(draft: Draft, key: str) -> str:
    return next((text for row, _ in draft.rows if (text := row.get(key))), "")


def _with(draft: Draft, key: str) -> Row:
    return Row(0, {key: _first(draft, key)})


def _status(draft: Draft, words: SheetWords, known: str) -> str:
    said = _first(draft, "status")
    return (said.casefold() or known or words.blank_order)[:60]


def _address(draft: Draft, words: SheetWords, planned: Planned) -> RemoteAddress:
    said = {name: _first(draft, key) for name, key in _ADDRESS.items()}
    if not any(said.values()):
        return RemoteAddress()
    country = said["country"] or words.country
    country = _COUNTRIES.get(country.casefold(), country.upper())
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        planned.refuse("ship_country", f"“{country[:40]}” is no country code: write two letters, such as US.")
    return RemoteAddress(**{**said, "country": country})


def _lines(draft: Draft, meaning: Meaning | None) -> list[RemoteLine]:
    """A line keeps its key from file to file, wherever its row stands: the listing, else the SKU, else the title."""
    seen: Counter[str] = Counter()
    found = []
    for row, planned in draft.rows:
        sku = read_code(row, "sku", planned, 120)
        listing = read_code(row, "listing_id", planned, 120)
        name = (listing or sku or row.get("title"))[:90]
        if not name:
            planned.refuse("sku", "The row names neither a sku, nor a listing_id, nor a title.")
        seen[name] += not row.get(LINE)
        units = read_units(row, "quantity", planned, least=1) or 1
        line = RemoteLine(
            external_id=row.get(LINE) or (name if seen[name] == 1 else f"{name}#{seen[name]}"),
            sku=sku,
            listing_ids={"listing": listing} if listing else {},
            title=row.get("title"),
            ordered=units,
            cancelled=units if meaning is Meaning.CANCELLED else 0,
            refunded_before_shipping=0,
            shipped=units if meaning is Meaning.SHIPPED else 0,
            price_cents=read_cents(row, "unit_price", planned),
            status="",
        )
        found.append(line)
    return found
