"""Intake by scan: what is set once, and what the last scans were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db, transaction
from wholecell.models import Event, Grade, InventoryItem, Product, ProductVariation, variation_conditions
from wholecell.services.catalog import VariationKey, condition_codes, ensure_keys, join_codes
from wholecell.services.catalog_search import word_conditions
from wholecell.services.codes import split
from wholecell.services.esn import parse_esn
from wholecell.services.events import Actor
from wholecell.services.receiving import NewItem, Scanned, place, scan_in
from wholecell.services.refusal import Refusal
from wholecell.services.variation_names import shown_grade

RECENT = 10
LOOK_BACK = 20_000  # events; a person's last scans are among the newest, or they are no help


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product to choose."""

    id: int
    manufacturer: str
    model: str
    variant: str
    network: str
    capacity: str
    color: str

    @property
    def name(self) -> str:
        """The product in one line."""
        return f"{self.model} {self.capacity} {self.color} {self.network}"


@dataclass(frozen=True, slots=True)
class SetOnce:
    """What all scans that follow have in common; the cost in cents."""

    product_id: int
    grade_id: int
    condition_ids: frozenset[int]
    status_id: int
    warehouse_id: int | None
    location_id: int | None
    cost_cents: int | None


@dataclass(frozen=True, slots=True)
class RecentScan:
    """One of a person's last scans, while the phone is still here."""

    item_id: int
    esn: str
    hex_id: str
    name: str
    at: datetime


def scan(code: str, settings: SetOnce, actor: Actor) -> Scanned:
    """Take in one scanned phone. Raises Refusal: no number, here already, something set was removed."""
    esn = parse_esn(code)
    with transaction() as session:
        if session.get(Product, settings.product_id) is None or session.get(Grade, settings.grade_id) is None:
            raise Refusal("The product or grade was removed meanwhile: choose again.")
        codes = condition_codes(session)
        joined = join_codes(codes[each] for each in settings.condition_ids if each in codes)
        key = VariationKey(settings.product_id, settings.grade_id, joined)
        there = place(session, settings.warehouse_id, settings.location_id)
        item = NewItem(
            esn,
            ensure_keys(session, actor, [key])[key],
            settings.status_id,
            there.warehouse_id,
            there.location_id,
            settings.cost_cents,
        )
        return scan_in(item, actor)


def _products() -> sa.Select[int, str, str, str, str, str, str]:
    return sa.select(
        Product.id,
        Product.manufacturer,
        Product.model,
        Product.variant,
        Product.network,
        Product.capacity,
        Product.color,
    )


def product(product_id: int) -> ProductRow | None:
    """One product."""
    row = db.session.execute(_products().where(Product.id == product_id)).first()
    return ProductRow(*row) if row else None


def find_products(text: str, limit: int = 20) -> list[ProductRow]:
    """Products that have all words, by name; the newest ones when there is no word."""
    query = _products()
    if text.strip():
        of_sku = ProductVariation.product_id == Product.id
        query = query.outerjoin(ProductVariation, of_sku).where(*word_conditions(split(text))).distinct()
        query = query.order_by(Product.manufacturer, Product.model, Product.capacity, Product.color, Product.id)
    else:
        query = query.order_by(Product.id.desc())
    return [ProductRow(*row) for row in db.session.execute(query.limit(limit))]


def of_variation(variation_id: int) -> tuple[int, int, list[int]] | None:
    """Product, grade and damages of a variation, to begin with."""
    query = sa.select(ProductVariation.product_id, ProductVariation.grade_id).where(ProductVariation.id == variation_id)
    if (row := db.session.execute(query).first()) is None:
        return None
    link = variation_conditions.c
    conditions = db.session.scalars(sa.select(link.condition_id).where(link.variation_id == variation_id))
    return row[0], row[1], list(conditions)


def recent(user_id: int) -> list[RecentScan]:
    """The last phones this person scanned in, newest first."""
    newest = db.session.scalar(sa.select(sa.func.max(Event.id))) or 0
    query = (
        sa.select(
            InventoryItem.id,
            InventoryItem.esn,
            InventoryItem.hex_id,
            Product.model,
            Product.capacity,
            Product.color,
            Grade.name,
            ProductVariation.condition_codes,
            Event.at,
        )
        .join(InventoryItem, InventoryItem.id == Event.subject_id)
        .join(ProductVariation, ProductVariation.id == InventoryItem.variation_id)
        .join(Product, Product.id == ProductVariation.product_id)
        .join(Grade, Grade.id == ProductVariation.grade_id)
        .where(Event.id > newest - LOOK_BACK, Event.subject == "item", Event.kind == "received")
        .where(Event.source == "scan", Event.user_id == user_id)
        .order_by(Event.id.desc())
        .limit(RECENT)
    )
    return [
        RecentScan(key, esn, hex_id, f"{model} {capacity} {color} {shown_grade(grade, codes)}", at)
        for key, esn, hex_id, model, capacity, color, grade, codes, at in db.session.execute(query)
    ]
