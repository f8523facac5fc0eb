"""Words looked for in the catalog."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from wholecell.models import Product, ProductVariation


def word_conditions(words: Sequence[str]) -> list[sa.ColumnElement[bool]]:
    """Each word stands somewhere in the product's fields or the SKU, whatever its case."""
    text = sa.func.lower(
        Product.manufacturer
        + " "
        + Product.model
        + " "
        + Product.variant
        + " "
        + Product.network
        + " "
        + Product.capacity
        + " "
        + Product.color
        + " "
        + sa.func.coalesce(ProductVariation.sku, "")
    )
    return [text.contains(word.lower(), autoescape=True) for word in words]
