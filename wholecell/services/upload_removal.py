"""Variations an upload created, removed again where nothing rests on them by now."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Event, InventoryItem, ListingVariation, OrderItem, Product, ProductVariation
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.upload_conflicts import touched_since
from wholecell.services.variation_names import names


def created_variations(session: Session, batch_id: int) -> set[int]:
    """The variations that this batch created."""
    query = sa.select(Event.subject_id).where(
        Event.batch_id == batch_id, Event.subject == "variation", Event.kind == "created"
    )
    return set(session.scalars(query))


def remove_created_variations(session: Session, actor: Actor, batch_id: int) -> None:
    """Remove what the batch created on the fly and nobody uses or edited since."""
    created = created_variations(session, batch_id)
    free = created - touched_since(session, "variation", created, batch_id) - used_variations(session, created)
    remove_variations(session, actor, free)


def used_variations(session: Session, ids: Collection[int]) -> set[int]:
    """Those with phones, orders or listings of their own."""
    used: set[int] = set()
    for chunk in chunks(sorted(ids)):
        for column in (InventoryItem.variation_id, OrderItem.variation_id, ListingVariation.variation_id):
            used.update(session.scalars(sa.select(column).where(column.in_(chunk)).distinct()))
    return used


def remove_variations(session: Session, actor: Actor, ids: Collection[int]) -> None:
    """Remove variations that nothing rests on, with the products they leave empty."""
    shown = names(session, ids)
    products: set[int] = set()
    for chunk in chunks(sorted(ids)):
        gone = sa.delete(ProductVariation).where(ProductVariation.id.in_(chunk)).returning(ProductVariation.product_id)
        products.update(session.scalars(gone.execution_options(synchronize_session=False)))
    record_many(
        session, actor, [event_row("variation", key, "deleted", name, None) for key, name in shown.items() if key]
    )
    remove_empty_products(session, products)


def remove_empty_products(session: Session, ids: Collection[int]) -> None:
    """Remove those of the products that have no variation left."""
    has_variation = sa.exists().where(ProductVariation.product_id == Product.id)
    for chunk in chunks(sorted(ids)):
        gone = sa.delete(Product).where(Product.id.in_(chunk), ~has_variation)
        session.execute(gone.execution_options(synchronize_session=False))
