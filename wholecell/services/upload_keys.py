"""What a variation is, changed: its product, grade and damages, for many at once."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import ProductVariation, variation_conditions
from wholecell.services.bulk import chunks, table
from wholecell.services.catalog import VariationKey, VariationSpec, condition_codes, ensure_products, join_codes
from wholecell.services.upload_removal import remove_empty_products

_OWN = table(ProductVariation)


def keys_of(session: Session, specs: Mapping[int, VariationSpec]) -> dict[int, VariationKey]:
    """The unique key of each spec; products are made when missing."""
    products = ensure_products(session, {spec.product for spec in specs.values()})
    codes = condition_codes(session)
    return {
        key: VariationKey(products[spec.product], spec.grade_id, join_codes(codes[each] for each in spec.condition_ids))
        for key, spec in specs.items()
    }


def holders_of(session: Session, specs: Mapping[int, VariationSpec]) -> dict[int, int]:
    """For each id whose spec another variation has, one that keeps it: the id of that variation."""
    if not specs:
        return {}
    keys = keys_of(session, specs)
    columns = (_OWN.c.product_id, _OWN.c.grade_id, _OWN.c.condition_codes)
    holders: dict[VariationKey, int] = {}
    for chunk in chunks(sorted(set(keys.values()))):
        tuples = [(each.product_id, each.grade_id, each.condition_codes) for each in chunk]
        for key, *values in session.execute(sa.select(_OWN.c.id, *columns).where(sa.tuple_(*columns).in_(tuples))):
            holders[VariationKey(*values)] = key
    return {key: holders[wanted] for key, wanted in keys.items() if holders.get(wanted, key) not in specs}


def move_variations(session: Session, specs: Mapping[int, VariationSpec]) -> None:
    """Make each variation what its spec says; they may change places. Products left empty are removed.

    Raises IntegrityError when another variation is one of them.
    """
    if not specs:
        return
    keys = keys_of(session, specs)
    former: set[int] = set()
    for chunk in chunks(sorted(specs)):
        mine = _OWN.c.id.in_(chunk)
        former.update(session.scalars(sa.select(_OWN.c.product_id).where(mine)))
        # Out of each other's way first: ~ and the id is nobody's set of damages.
        aside = sa.literal("~").concat(sa.cast(_OWN.c.id, sa.String))
        session.execute(sa.update(_OWN).where(mine).values(condition_codes=aside))
        session.execute(sa.delete(variation_conditions).where(variation_conditions.c.variation_id.in_(chunk)))
    statement = (
        sa.update(_OWN)
        .where(_OWN.c.id == sa.bindparam("row_id"))
        .values(
            product_id=sa.bindparam("new_product"),
            grade_id=sa.bindparam("new_grade"),
            condition_codes=sa.bindparam("new_codes"),
            version=_OWN.c.version + 1,
        )
    )
    rows = [
        {"row_id": key, "new_product": k.product_id, "new_grade": k.grade_id, "new_codes": k.condition_codes}
        for key, k in keys.items()
    ]
    session.connection().execute(statement, rows)
    links = [
        {"variation_id": key, "condition_id": each}
        for key, spec in specs.items()
        for each in sorted(spec.condition_ids)
    ]
    if links:
        session.execute(sa.insert(variation_conditions), links)
    remove_empty_products(session, former - {k.product_id for k in keys.values()})
