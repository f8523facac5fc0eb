"""Variations to choose from, found by words, with what choosing them would bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Commitment, InventoryItem, Product, ProductVariation
from wholecell.services.availability_rows import open_wants
from wholecell.services.catalog_search import word_conditions
from wholecell.services.rule_settings import RuleSettings, load_settings
from wholecell.services.variation_names import variation_name, with_names

MOST = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """One variation; `available` phones would count, `wanted` units stand on open orders."""

    id: int
    name: str
    sku: str | None
    available: int
    wanted: int


def search_for(integration_id: int, text: str) -> list[Candidate]:
    """`search` under the saved settings of an integration."""
    return search(text, load_settings()[integration_id])


def search(text: str, rule: RuleSettings) -> list[Candidate]:
    """Variations that hold all these words, in the order of their names; none without words."""
    words = text.split()[:MOST]
    if not words:
        return []
    query = with_names(ProductVariation.id, ProductVariation.sku).where(*word_conditions(words))
    rows = db.session.execute(query.order_by(Product.model, Product.capacity, ProductVariation.id).limit(MOST)).all()
    available = _available([row[0] for row in rows], rule)
    wanted = _wanted([row[0] for row in rows])
    return [
        Candidate(key, variation_name(*parts), sku, available.get(key, 0), wanted.get(key, 0))
        for key, sku, *parts in rows
    ]


def _available(variations: Sequence[int], rule: RuleSettings) -> dict[int, int]:
    item = InventoryItem
    committed = sa.exists().where(Commitment.item_id == item.id, Commitment.released_at.is_(None))
    query = (
        sa.select(item.variation_id, sa.func.count())
        .where(
            item.variation_id.in_(variations),
            item.status_id.in_(rule.statuses),
            item.warehouse_id.in_(rule.warehouses),
            ~committed,
        )
        .group_by(item.variation_id)
    )
    return dict(db.session.execute(query).all())


def _wanted(variations: Sequence[int]) -> dict[int, int]:
    units: dict[int, int] = {}
    for want in open_wants(variations) if variations else ():
        for candidate in want.candidates:
            units[candidate] = units.get(candidate, 0) + want.units
    return units
