"""A variation added by hand, with its SKU and price."""

from __future__ import annotations

import sqlalchemy as sa

from wholecell.db import transaction
from wholecell.models import ProductVariation
from wholecell.services.catalog import VariationSpec, ensure_variations, existing_id
from wholecell.services.events import Actor
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.skus import set_skus


def add(spec: VariationSpec, sku: str, price_cents: int | None, actor: Actor) -> int:
    """Add a variation; gives its id. Raises Refusal when the catalog has it already, or its SKU is taken."""
    with transaction() as session:
        if existing_id(session, spec) is not None:
            raise Refusal("The catalog has this variation already: search for it to change its SKU.")
        key = ensure_variations(session, actor, [spec])[spec]
        set_skus(session, actor, {key: sku}, Cause.SKU)
        if price_cents is not None:
            session.execute(
                sa.update(ProductVariation).where(ProductVariation.id == key).values(price_cents=price_cents)
            )
        return key
