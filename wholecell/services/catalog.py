"""Products and their variations: found, or made the first time somebody names them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction
from wholecell.models import Condition, Product, ProductVariation, variation_conditions
from wholecell.services.bulk import AnyRows, chunks, insert_new, table
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.refusal import Refusal

PRODUCT_COLUMNS = ("manufacturer", "model", "variant", "network", "capacity", "color")


@dataclass(frozen=True, slots=True, order=True)
class ProductFields:
    """What makes a product one product."""

    manufacturer: str
    model: str
    variant: str
    network: str
    capacity: str
    color: str

    @classmethod
    def of(cls, values: Mapping[str, str]) -> ProductFields:
        """Clean fields as people type them. Raises Refusal when one is blank or too long."""
        cleaned = {}
        for each in fields(cls):
            text = " ".join(values.get(each.name, "").split())
            most = table(Product).c[each.name].type.length  # type: ignore[attr-defined]
            if not text:
                raise Refusal(f"{each.name.capitalize()} is blank: write unknown if you do not know it.")
            if len(text) > most:
                raise Refusal(f"{each.name.capitalize()} is longer than {most} characters: shorten it.")
            cleaned[each.name] = text
        return cls(**cleaned)


@dataclass(frozen=True, slots=True)
class VariationSpec:
    """A variation by what it is: product, grade, damages."""

    product: ProductFields
    grade_id: int
    condition_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class VariationKey:
    """A variation by its unique key; `condition_codes` are sorted and joined by +."""

    product_id: int
    grade_id: int
    condition_codes: str = ""


def join_codes(codes: Iterable[str]) -> str:
    """The key of a set of damages."""
    joined = "+".join(sorted(set(codes)))
    if len(joined) > 200:
        raise Refusal("So many damages do not fit on one phone: choose the ones that matter for its price.")
    return joined


def condition_codes(session: Session) -> dict[int, str]:
    """The code of each condition, archived ones too."""
    return dict(session.execute(sa.select(Condition.id, Condition.code)).all())


def ensure_products(session: Session, products: Collection[ProductFields]) -> dict[ProductFields, int]:
    """The id of each product, made when missing, in the caller's transaction."""
    wanted = sorted(set(products))
    found = _find_products(session, wanted)
    missing = [each for each in wanted if each not in found]
    if missing:
        rows = [dict(zip(PRODUCT_COLUMNS, astuple(each), strict=True)) for each in missing]
        insert_new(session, table(Product), rows, unique=PRODUCT_COLUMNS)
        found |= _find_products(session, missing)
    return found


def _find_products(session: Session, products: Iterable[ProductFields]) -> dict[ProductFields, int]:
    columns = [table(Product).c[name] for name in PRODUCT_COLUMNS]
    found = {}
    for chunk in chunks(products):
        query: AnyRows = sa.select(Product.id, *columns).where(
            sa.tuple_(*columns).in_([astuple(each) for each in chunk])
        )
        found.update({ProductFields(*values): key for key, *values in session.execute(query)})
    return found


def ensure_keys(session: Session, actor: Actor, keys: Collection[VariationKey]) -> dict[VariationKey, int]:
    """The id of each variation, made when missing (without a SKU, so no listing's number moves)."""
    wanted = sorted(set(keys))
    found = _find_variations(session, wanted)
    missing = [each for each in wanted if each not in found]
    if missing:
        columns = ("product_id", "grade_id", "condition_codes")
        rows = [dict(zip(columns, astuple(each), strict=True)) for each in missing]
        target = table(ProductVariation)
        made = insert_new(session, target, rows, target.c.id, target.c.condition_codes, unique=columns)
        _link_conditions(session, made)
        record_many(session, actor, [event_row("variation", key, "created", None, None) for key, _codes in made])
        found |= _find_variations(session, missing)
    return found


def _find_variations(session: Session, keys: Iterable[VariationKey]) -> dict[VariationKey, int]:
    columns = (ProductVariation.product_id, ProductVariation.grade_id, ProductVariation.condition_codes)
    found = {}
    for chunk in chunks(keys):
        query: AnyRows = sa.select(ProductVariation.id, *columns).where(
            sa.tuple_(*columns).in_([astuple(k) for k in chunk])
        )
        found.update(
            {VariationKey(product, grade, codes): key for key, product, grade, codes in session.execute(query)}
        )
    return found


def _link_conditions(session: Session, made: Iterable[Sequence[Any]]) -> None:
    by_code = {code: key for key, code in condition_codes(session).items()}
    links = [
        {"variation_id": variation, "condition_id": by_code[code]}
        for variation, codes in made
        for code in codes.split("+")
        if code
    ]
    if links:
        session.execute(sa.insert(variation_conditions), links)


def ensure_variations(session: Session, actor: Actor, specs: Collection[VariationSpec]) -> dict[VariationSpec, int]:
    """The id of each variation, product and all, made when missing, in a fixed number of bulk statements."""
    products = ensure_products(session, {each.product for each in specs})
    codes = condition_codes(session)
    keys = {
        each: VariationKey(
            products[each.product], each.grade_id, join_codes(codes[condition] for condition in each.condition_ids)
        )
        for each in set(specs)
    }
    ids = ensure_keys(session, actor, set(keys.values()))
    return {spec: ids[key] for spec, key in keys.items()}


def existing_id(session: Session, spec: VariationSpec) -> int | None:
    """The id of this variation, None when the catalog has none."""
    if (product := _find_products(session, [spec.product]).get(spec.product)) is None:
        return None
    codes = condition_codes(session)
    key = VariationKey(product, spec.grade_id, join_codes(codes[each] for each in spec.condition_ids))
    return _find_variations(session, [key]).get(key)


def find_or_create_product(session: Session, product: ProductFields) -> int:
    """The id of this product."""
    return ensure_products(session, [product])[product]


def add_product(product: ProductFields) -> int:
    """The id of this product, made when missing, in a transaction of its own."""
    with transaction() as session:
        return find_or_create_product(session, product)
