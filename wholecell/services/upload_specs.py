"""Which variation a row speaks of: its product, grade and damages, read cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, astuple, dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from wholecell.db import db
from wholecell.models import Product, ProductVariation
from wholecell.services.bulk import chunks
from wholecell.services.catalog import PRODUCT_COLUMNS, ProductFields, VariationSpec, join_codes
from wholecell.services.refusal import Refusal
from wholecell.services.upload_kinds import Field, Planned, Row
from wholecell.services.upload_lists import Damages, Names, load_damages, load_grades

PRODUCT_FIELDS = (
    Field("manufacturer", "Manufacturer", ("brand", "make", "oem")),
    Field("model", "Model", ("device", "product", "item", "model name")),
    Field("variant", "Variant", ("model number", "variation", "version", "part number")),
    Field("network", "Network", ("carrier", "lock", "sim lock", "lock status")),
    Field("capacity", "Capacity", ("storage", "memory", "size", "gb"), is_text=True),
    Field("color", "Color", ("colour",)),
)
GRADE = Field("grade", "Grade", ("cosmetic", "cosmetic grade", "condition"), is_text=True)
DAMAGES = Field("damages", "Damages", ("damage", "damage codes", "defects", "conditions", "issues"))
SKU = Field("sku", "SKU", ("seller sku", "item sku", "sku code"), is_text=True)
SPEC_FIELDS = (*PRODUCT_COLUMNS, "grade", "damages")
_ANY_PRODUCT = dict.fromkeys(PRODUCT_COLUMNS, "x")


@dataclass(frozen=True, slots=True)
class Variation:
    """A variation we have, as a sheet compares it; `words` are what a sheet would say of it."""

    id: int
    version: int
    product: ProductFields
    grade_id: int
    codes: str
    sku: str | None
    price_cents: int | None

    @property
    def key(self) -> tuple[ProductFields, int, str]:
        """What no other variation may be too."""
        return self.product, self.grade_id, self.codes

    def words(self, grades: Names) -> dict[str, str]:
        """The cells of `SPEC_FIELDS` that name it."""
        return {**asdict(self.product), "grade": grades.name(self.grade_id), "damages": self.codes}


@dataclass
class Catalog:
    """The part of the catalog that the rows of a sheet may speak of."""

    grades: Names
    damages: Damages
    by_id: dict[int, Variation]
    by_case: dict[tuple[str, ...], ProductFields]  # any spelling -> the catalog's own

    def __post_init__(self) -> None:
        self.by_key = {each.key: each for each in self.by_id.values()}
        self.damage_ids = {each.name: each.id for each in self.damages.by_id.values()}
        self.by_sku: dict[str, list[Variation]] = {}
        for each in self.by_id.values():
            if each.sku:
                self.by_sku.setdefault(each.sku, []).append(each)

    def spelled(self, product: ProductFields) -> ProductFields:
        """The product as the catalog spells it already, whatever the case; itself when it is new."""
        return self.by_case.setdefault(_folded(product), product)


def load_catalog(rows: Iterable[Row], ids: Collection[int] = (), skus: Collection[str] = ()) -> Catalog:
    """The lists, and the variations with these ids or SKUs or of a model the rows name."""
    found: dict[int, Variation] = {}
    for some in chunks(sorted(ids)):
        _collect(found, ProductVariation.id.in_(some))
    for chunk in chunks(sorted(skus)):
        _collect(found, ProductVariation.sku.in_(chunk))
    models = {" ".join(row.get("model").split()) for row in rows} - {""}
    models |= {each.product.model for each in found.values()}  # a new grade may make it what another one is
    lower = sa.func.lower(Product.model)
    products: dict[tuple[str, ...], ProductFields] = {}
    for chunk in chunks(sorted(models)):
        where = sa.or_(Product.model.in_(chunk), lower.in_([name.lower() for name in chunk]))
        _collect(found, where)
        for values in db.session.execute(sa.select(*[getattr(Product, name) for name in PRODUCT_COLUMNS]).where(where)):
            product = ProductFields(*values)
            products[_folded(product)] = product
    return Catalog(load_grades(), load_damages(), found, products)


def _collect(found: dict[int, Variation], where: sa.ColumnElement[bool]) -> None:
    own = ProductVariation
    product = [getattr(Product, name) for name in PRODUCT_COLUMNS]
    query = (
        sa.select(own.id, own.version, own.grade_id, own.condition_codes, own.sku, own.price_cents, *product)
        .join(Product, Product.id == own.product_id)
        .where(where)
    )
    for key, version, grade, codes, sku, price, *fields in db.session.execute(query):
        found[key] = Variation(key, version, ProductFields(*fields), grade, codes, sku, price)


@lru_cache(maxsize=4096)
def _folded(product: ProductFields) -> tuple[str, ...]:
    return tuple(text.casefold() for text in astuple(product))


@dataclass(frozen=True, slots=True)
class Spec:
    """A variation that may not exist yet, by what it is."""

    product: ProductFields
    grade_id: int
    condition_ids: tuple[int, ...]
    codes: str

    @property
    def key(self) -> tuple[ProductFields, int, str]:
        """The same as a variation's."""
        return self.product, self.grade_id, self.codes

    @classmethod
    def of(cls, catalog: Catalog, variation: Variation) -> Spec:
        """A variation we have, as what it is."""
        conditions = sorted(catalog.damage_ids[code] for code in variation.codes.split("+") if code)
        return cls(variation.product, variation.grade_id, tuple(conditions), variation.codes)

    def spelled(self, catalog: Catalog) -> Spec:
        """The same with the product as the catalog spells it, whatever the case."""
        return replace(self, product=catalog.spelled(self.product))

    def words(self, grades: Names) -> dict[str, str]:
        """The cells of `SPEC_FIELDS` that name it."""
        return {**asdict(self.product), "grade": grades.name(self.grade_id), "damages": self.codes}

    def stored(self) -> list[Any]:
        """As JSON, for `restored`."""
        return [[getattr(self.product, name) for name in PRODUCT_COLUMNS], self.grade_id, list(self.condition_ids)]


def restored(stored: list[Any]) -> VariationSpec:
    """What `Spec.stored` gave, for the catalog to find or make."""
    product, grade, conditions = stored
    return _restored(tuple(product), grade, tuple(conditions))


@lru_cache(maxsize=4096)
def _restored(product: tuple[str, ...], grade: int, conditions: tuple[int, ...]) -> VariationSpec:
    return VariationSpec(ProductFields(*product), grade, frozenset(conditions))


def read_spec(
    catalog: Catalog, row: Row, current: Variation | None, planned: Planned, *, is_blank_old: bool
) -> Spec | None:
    """The variation the row's cells name, on top of the current one. Refuses the row and gives None otherwise.

    A blank cell is refused, or with `is_blank_old` means the current one; blank damages always mean none.
    """
    words = {}
    for name in PRODUCT_COLUMNS:
        text = row.get(name)
        if current is not None and (name not in row.values or (is_blank_old and not text)):
            words[name] = getattr(current.product, name)
            continue
        try:
            words[name] = _product_cell(name, text)
        except Refusal as refusal:
            planned.refuse(name, str(refusal))
    grade = _read_grade(catalog, row, current, planned, is_blank_old=is_blank_old)
    damages = _read_damages(catalog, row, current, planned)
    if planned.outcome == "refused" or grade is None or damages is None:
        return None
    try:
        codes = join_codes(code for _key, code in damages)
    except Refusal as refusal:
        planned.refuse("damages", str(refusal))
        return None
    return Spec(ProductFields(**words), grade, tuple(sorted(key for key, _code in damages)), codes)


@lru_cache(maxsize=4096)  # the same few words stand in thousands of rows
def _product_cell(name: str, text: str) -> str:
    return str(getattr(ProductFields.of({**_ANY_PRODUCT, name: text}), name))


def _read_grade(
    catalog: Catalog, row: Row, current: Variation | None, planned: Planned, *, is_blank_old: bool
) -> int | None:
    text = row.get("grade")
    if current is not None and ("grade" not in row.values or (is_blank_old and not text)):
        return current.grade_id
    if not text:
        planned.refuse("grade", "Grade is blank: write one of your grades.")
        return None
    try:
        found = catalog.grades.find(text)
        return found.id if current and found.id == current.grade_id else catalog.grades.find_new(text).id
    except Refusal as refusal:
        planned.refuse("grade", str(refusal))
        return None


def _read_damages(
    catalog: Catalog, row: Row, current: Variation | None, planned: Planned
) -> list[tuple[int, str]] | None:
    text = row.get("damages")
    if current is not None and ("damages" not in row.values or text == current.codes):
        text = current.codes
        by_code = {each.name: each.id for each in catalog.damages.by_id.values()}
        return [(by_code[code], code) for code in text.split("+") if code]
    try:
        return [(each.id, each.name) for each in catalog.damages.find_all(text)]
    except Refusal as refusal:
        planned.refuse("damages", str(refusal))
        return None


__all__ = [
    "DAMAGES",
    "GRADE",
    "PRODUCT_FIELDS",
    "SKU",
    "SPEC_FIELDS",
    "Catalog",
    "Spec",
    "Variation",
    "load_catalog",
    "read_spec",
    "restored",
]
