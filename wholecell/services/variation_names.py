"""Variations in one line, as sentences, timelines and labels name them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import Grade, Product, ProductVariation
from wholecell.services.bulk import AnyRows, chunks

NAME_COLUMNS = (
    Product.model,
    Product.capacity,
    Product.color,
    Product.network,
    Grade.name,
    ProductVariation.condition_codes,
)


def variation_name(model: str, capacity: str, color: str, network: str, grade: str, condition_codes: str = "") -> str:
    """A variation in one line: iPhone 11 64GB Black Unlocked B CG."""
    return " ".join((model, capacity, color, network, shown_grade(grade, condition_codes)))


def shown_grade(grade: str, condition_codes: str) -> str:
    """The grade with the damages behind it: B CG."""
    return " ".join((grade, *filter(None, condition_codes.split("+"))))


def with_names(*columns: Any) -> AnyRows:
    """A query over variations that gives these columns, then those `variation_name` takes."""
    return (
        sa.select(*columns, *NAME_COLUMNS)
        .select_from(ProductVariation)
        .join(Product, Product.id == ProductVariation.product_id)
        .join(Grade, Grade.id == ProductVariation.grade_id)
    )


def names(session: Session, variations: Iterable[int]) -> dict[int | None, str]:
    """The one-line name of each variation."""
    found: dict[int | None, str] = {}
    for chunk in chunks(sorted(variations)):
        for key, *parts in session.execute(_names(), {"ids": chunk}):
            found[key] = variation_name(*parts)
    return found


@cache
def _names() -> AnyRows:
    return with_names(ProductVariation.id).where(ProductVariation.id.in_(sa.bindparam("ids", expanding=True)))


def grades(session: Session, variations: Iterable[int]) -> dict[int | None, str]:
    """The grade of each variation with its damages behind it."""
    found: dict[int | None, str] = {}
    query = sa.select(ProductVariation.id, Grade.name, ProductVariation.condition_codes)
    query = query.join(Grade, Grade.id == ProductVariation.grade_id)
    for chunk in chunks(sorted(variations)):
        for key, *parts in session.execute(query.where(ProductVariation.id.in_(chunk))):
            found[key] = shown_grade(*parts)
    return found
