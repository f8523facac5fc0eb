"""The catalog sheet: variations created and changed, SKUs and prices set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from wholecell.db import Base, db
from wholecell.models import ProductVariation
from wholecell.services import settings, upload_variation_writes
from wholecell.services.catalog import PRODUCT_COLUMNS
from wholecell.services.events import Actor, Subject
from wholecell.services.money import parse_cents, shown_cents
from wholecell.services.refusal import Refusal
from wholecell.services.sheets import Cell
from wholecell.services.skus import clean_sku
from wholecell.services.upload_kinds import Applied, Field, Plain, Planned, Row, Stored
from wholecell.services.upload_losses import losses
from wholecell.services.upload_specs import (
    DAMAGES,
    GRADE,
    PRODUCT_FIELDS,
    SKU,
    SPEC_FIELDS,
    Catalog,
    Spec,
    Variation,
    load_catalog,
    read_spec,
)
from wholecell.services.upload_variation_clashes import Draft, refuse_clashes
from wholecell.services.variation_names import names

ID = Field("id", "ID", ("variation id", "variation", "wholecell id"))
PRICE = Field("price", "Price", ("sale price", "selling price", "list price"), is_amount=True)
CREATE = "create"
_NEEDED = (*PRODUCT_COLUMNS, "grade")


@dataclass(frozen=True, slots=True)
class Known:
    """All that planning needs: the part of the catalog the rows speak of, and whether a SKU is on one only."""

    catalog: Catalog
    is_sku_unique: bool


class Variations(Plain):
    """Rows are variations, found by our id, or where the sheet has no ids by what they are."""

    model: type[Base] = ProductVariation
    key = "variations"
    subject: Subject = "variation"
    label = "Catalog sheet"
    noun, nouns = "variation", "variations"
    fields: tuple[Field, ...] = (ID, *PRODUCT_FIELDS, GRADE, DAMAGES, SKU, PRICE)
    naming: tuple[str, ...] = ("model", "capacity", "color", "manufacturer")
    head: tuple[str, ...] = ("id", "manufacturer", "model", "capacity", "color")
    hint = "Write create as ID for a new variation; a blank SKU or price empties it."

    def lacks(self, mapped: Collection[str]) -> str:
        """Ids are enough to change variations; without them a row must say what it is."""
        missing = [each.label for each in self.fields if each.key in _NEEDED and each.key not in mapped]
        if "id" in mapped or not missing:
            return ""
        return f"Choose the column that holds the ID, or those of {', '.join(missing)}."

    def choices(self) -> Mapping[str, Sequence[str]]:
        """Nothing is set beside a catalog sheet."""
        return {}

    def load(self, rows: Sequence[Row]) -> Known:
        """The variations the rows name by id, by SKU or by model, and the lists."""
        ids = {int(text) for text in (row.get("id") for row in rows) if _is_id(text)}
        catalog = load_catalog(rows, ids, {row.get("sku") for row in rows} - {""})
        return Known(catalog, settings.get(settings.SKU_UNIQUENESS))

    def plan(self, known: Known, rows: Sequence[Row], defaults: Mapping[str, str]) -> list[Planned]:
        """Each row against its variation, then all rows together against the rest of the catalog."""
        drafts = [_draft(known.catalog, row) for row in rows]
        _refuse_twins(drafts)
        refuse_clashes(known.catalog, drafts, known.is_sku_unique)
        return [each.planned for each in drafts]

    def warnings(self, planned: Sequence[Planned], known: Known, options: Mapping[str, str]) -> list[str]:
        """The armed listings that would no longer be followed."""
        return losses(planned)

    def apply(self, session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
        """Create and change the variations."""
        return upload_variation_writes.apply(session, actor, rows)

    def undo(self, session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
        """Delete what was created and write back the others, where nothing happened since."""
        return upload_variation_writes.undo(session, actor, rows, batch_id)

    def describe(self, ids: Collection[int]) -> Mapping[int, str]:
        """The names of variations."""
        return {key: name for key, name in names(db.session(), ids).items() if key is not None}

    def export(self) -> Iterable[Sequence[Cell]]:
        """The whole catalog, in the columns of the sheet."""
        return upload_variation_writes.export()


KIND = Variations()


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _draft(catalog: Catalog, row: Row) -> Draft:
    planned = Planned()
    draft = Draft(row.number, planned)
    try:
        draft.current = _target(catalog, row)
    except Refusal as refusal:
        planned.refuse("id", str(refusal))
        return draft
    draft.spec = read_spec(catalog, row, draft.current, planned, is_blank_old=False)
    if draft.spec is not None and draft.current is None:
        draft.spec = draft.spec.spelled(catalog)
        if "id" not in row.values:
            draft.current = catalog.by_key.get(draft.spec.key)
    draft.sku = _sku(row, draft.current, planned)
    price = _price(row, draft.current, planned)
    if planned.outcome != "refused" and draft.spec is not None:
        _compare(catalog, draft, draft.spec, price)
    return draft


def _target(catalog: Catalog, row: Row) -> Variation | None:
    """The variation a row's ID names, None for one to create. Raises Refusal for anything else."""
    if "id" not in row.values:
        return None
    text = row.get("id")
    if text.casefold() == CREATE:
        return None
    if not text:
        raise Refusal(f"ID is blank: write {CREATE} for a new variation, or the ID the download shows.")
    found = catalog.by_id.get(int(text)) if _is_id(text) else None
    if found is None:
        raise Refusal(f"No variation has the ID “{text[:40]}”: take it from a download, or write {CREATE}.")
    return found


def _sku(row: Row, current: Variation | None, planned: Planned) -> str | None:
    if "sku" not in row.values:
        return current.sku if current else None
    try:
        return clean_sku(row.get("sku"))
    except Refusal as refusal:
        planned.refuse("sku", str(refusal))
        return None


def _price(row: Row, current: Variation | None, planned: Planned) -> int | None:
    if "price" not in row.values:
        return current.price_cents if current else None
    try:
        return parse_cents(row.get("price"))
    except Refusal as refusal:
        planned.refuse("price", str(refusal))
        return None


def _compare(catalog: Catalog, draft: Draft, spec: Spec, price: int | None) -> None:
    planned, current = draft.planned, draft.current
    if current is None:
        planned.outcome = "new"
        planned.plan = {"spec": spec.stored(), "sku": draft.sku, "price": price}
        return
    planned.target_id, planned.target_version = current.id, current.version
    before, after = current.words(catalog.grades), spec.words(catalog.grades)
    for key in SPEC_FIELDS:
        if before[key] != after[key]:
            planned.change(key, before[key], after[key])
    if planned.changes:
        planned.plan["spec"] = [Spec.of(catalog, current).stored(), spec.stored()]
    if draft.sku != current.sku:
        planned.change("sku", current.sku, draft.sku)
        planned.plan["sku"] = [current.sku, draft.sku]
    if price != current.price_cents:
        planned.change("price", shown_cents(current.price_cents), shown_cents(price))
        planned.plan["price"] = [current.price_cents, price]


def _refuse_twins(drafts: Sequence[Draft]) -> None:
    """Two rows for one variation contradict each other, so none of them is taken."""
    rows: dict[object, list[Draft]] = defaultdict(list)
    for each in drafts:
        if each.current is not None:
            rows[each.current.id].append(each)
        elif each.spec is not None:
            rows[each.spec.key].append(each)
    for twins in rows.values():
        for each in twins if len(twins) > 1 else ():
            others = ", ".join(str(other.number) for other in twins if other is not each)
            each.planned.refuse("id", f"The same variation is on row {others} too: keep one of them.")
