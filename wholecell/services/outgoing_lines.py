"""The lines of orders as a program that ships them gets them: items, or the phones committed to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import OutgoingLine
from wholecell.models import Commitment, Grade, InventoryItem, Location, OrderItem, Product, ProductVariation
from wholecell.services import wanting
from wholecell.services.bulk import MANY, chunks
from wholecell.services.shipping_settings import Handing, LineFormat

UNKNOWN = "Unknown item"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, and how many units of it are still wanted."""

    line: OutgoingLine
    wanted: int


@dataclass(frozen=True, slots=True)
class _Phone:
    commitment_id: int
    order_item_id: int
    esn: str
    variation_id: int
    location: str


def shown(lines: Sequence[Line], *, is_cancelled: bool) -> list[OutgoingLine]:
    """The lines to send: what is wanted, or of a cancelled order what was."""
    if is_cancelled:
        return [each.line for each in lines if each.line.quantity]
    return [replace(each.line, quantity=each.wanted) for each in lines if each.wanted]


def item_of(line_id: str) -> int | None:
    """The order item that a line is of; None for what is no line of ours."""
    number = line_id.strip().partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


def of_orders(session: Session, order_ids: Sequence[int], handing: Handing) -> dict[int, list[Line]]:
    """The lines of each order, in the order of its items."""
    items = [each for each in wanting.items_of(session, order_ids) if each.is_shown and not each.is_set_aside]
    prices = _prices(session, order_ids)
    phones: dict[int, list[_Phone]] = defaultdict(list)
    for phone in _phones(session, order_ids):
        phones[phone.order_item_id].append(phone)
    variations = wanting.all_candidates(items) | {each.variation_id for some in phones.values() for each in some}
    names = _Names(_attributes(session, variations), handing.attributes)
    found: dict[int, list[Line]] = defaultdict(list)
    for item in items:
        found[item.order_id] += _lines(item, prices.get(item.id) or 0, phones[item.id], names, handing.line_format)
    return found


def _lines(
    item: wanting.Item, price: int, phones: Sequence[_Phone], names: _Names, written: LineFormat
) -> Iterable[Line]:
    """An item as one line, or its phones apart and, as one more line, the units that lack one."""
    own = {each.variation_id for each in phones} or item.candidates
    whole = OutgoingLine(
        line_id=str(item.id),
        sku=item.sku or "",
        name=names.of(own) or item.title or item.sku or UNKNOWN,
        quantity=item.ordered,
        price_cents=price,
        location=", ".join(dict.fromkeys(each.location for each in phones if each.location)),
        esns=[each.esn for each in phones],
    )
    unshipped = max(item.ordered - item.unshipped, 0)
    if written is LineFormat.ITEMS or not phones:
        return [Line(whole, unshipped)]
    lines = []
    for key, some in _groups(phones, written).items():
        named = names.of({each.variation_id for each in some}) or whole.name
        lines.append(
            replace(
                whole,
                line_id=f"{item.id}-{key}",
                name=f"{named} IMEI {some[0].esn}" if written is LineFormat.PHONES else named,
                quantity=len(some),
                location=", ".join(dict.fromkeys(each.location for each in some if each.location)),
                esns=[each.esn for each in some],
            )
        )
    counted = [Line(line, line.quantity) for line in lines]
    if (rest := unshipped - len(phones)) > 0:
        counted.append(Line(replace(whole, name=names.of(item.candidates) or whole.name, quantity=rest, esns=()), rest))
    return counted


def _groups(phones: Sequence[_Phone], written: LineFormat) -> dict[str, list[_Phone]]:
    """The phones of each line by what tells the lines of an item apart."""
    found: dict[str, list[_Phone]] = defaultdict(list)
    for each in phones:
        found[f"p{each.commitment_id}" if written is LineFormat.PHONES else f"v{each.variation_id}"].append(each)
    return found


def _prices(session: Session, order_ids: Sequence[int]) -> dict[int, int | None]:
    query = sa.select(OrderItem.id, OrderItem.price_cents).where(OrderItem.order_id.in_(order_ids))
    return dict(session.execute(query).all())


def _phones(session: Session, order_ids: Sequence[int]) -> list[_Phone]:
    query = (
        sa.select(
            Commitment.id,
            Commitment.order_item_id,
            InventoryItem.esn,
            InventoryItem.variation_id,
            sa.func.coalesce(Location.name, ""),
        )
        .join(OrderItem, OrderItem.id == Commitment.order_item_id)
        .join(InventoryItem, InventoryItem.id == Commitment.item_id)
        .outerjoin(Location, Location.id == InventoryItem.location_id)
        .where(OrderItem.order_id.in_(order_ids), Commitment.released_at.is_(None))
        .order_by(Commitment.id)
    )
    return [_Phone(*row) for row in session.execute(query)]


def _attributes(session: Session, variations: Iterable[int]) -> dict[int, dict[str, str]]:
    """What names each variation, by the keys of `shipping_settings.ATTRIBUTES`."""
    columns: tuple[Any, ...] = (
        Product.manufacturer,
        Product.model,
        Product.variant,
        Product.capacity,
        Product.color,
        Product.network,
        Grade.name.label("grade"),
        ProductVariation.condition_codes.label("damages"),
    )
    found: dict[int, dict[str, str]] = {}
    for chunk in chunks(sorted(variations), MANY):
        query = (
            sa.select(ProductVariation.id, *columns)
            .join(Product, Product.id == ProductVariation.product_id)
            .join(Grade, Grade.id == ProductVariation.grade_id)
            .where(ProductVariation.id.in_(chunk))
        )
        for row in session.execute(query).mappings():
            found[row["id"]] = {**row, "damages": row["damages"].replace("+", " ")}
    return found


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of phones, made of the attributes that are ticked."""

    attributes: Mapping[int, Mapping[str, str]]
    ticked: Sequence[str]

    def of(self, variations: Iterable[int]) -> str:
        """What all these variations have in common: several may be sold under one SKU."""
        known = [self.attributes[each] for each in variations if each in self.attributes]
        parts = [known[0][name] for name in self.ticked if len({each[name] for each in known}) == 1] if known else []
        return " ".join(part for part in parts if part)
