"""The inventory sheet: phones taken in and phones changed, their variations made on the fly."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import Base, db
from wholecell.models import InventoryItem
from wholecell.services import upload_phone_writes
from wholecell.services.bulk import chunks
from wholecell.services.catalog import PRODUCT_COLUMNS
from wholecell.services.esn import parse_esn
from wholecell.services.events import Actor, Subject
from wholecell.services.refusal import Refusal
from wholecell.services.sheets import Cell
from wholecell.services.upload_kinds import Applied, Field, Plain, Planned, Row, Stored
from wholecell.services.upload_lists import Names, load_locations, load_statuses, load_warehouses
from wholecell.services.upload_phone_places import read_cost, read_place, read_status
from wholecell.services.upload_phone_specs import read_variation
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
)

ESN = Field("esn", "ESN", ("imei", "imei esn", "imei meid", "serial", "serial number", "meid", "imei 1"), is_text=True)
OTHER_FIELDS = (
    Field("status", "Status", ("state", "inventory status"), has_default=True),
    Field("warehouse", "Warehouse", ("site", "building"), has_default=True),
    Field("location", "Location", ("bin", "shelf", "box", "place"), is_text=True, has_default=True),
    Field(
        "cost",
        "Cost",
        ("paid", "paid price", "purchase price", "cost price", "price"),
        is_amount=True,
        has_default=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone we have, as a sheet compares it."""

    id: int
    version: int
    variation: Variation
    status_id: int
    warehouse_id: int | None
    location_id: int | None
    cost_cents: int | None


@dataclass(frozen=True, slots=True)
class Known:
    """All that planning needs: the numbers read, the phones that have them, catalog and lists."""

    esns: list[str | Refusal]
    phones: Mapping[str, Phone]
    catalog: Catalog
    statuses: Names
    warehouses: Names
    locations: Names


class Phones(Plain):
    """Rows are phones, found by their number."""

    model: type[Base] = InventoryItem
    key = "phones"
    subject: Subject = "item"
    label = "Inventory sheet"
    noun, nouns = "phone", "phones"
    fields: tuple[Field, ...] = (ESN, *PRODUCT_FIELDS, GRADE, DAMAGES, SKU, *OTHER_FIELDS)
    naming: tuple[str, ...] = PRODUCT_COLUMNS
    head: tuple[str, ...] = ("esn", "model", "capacity", "color")
    hint = "Format the ESN column as text: a spreadsheet that shows 3.5E+14 has lost digits, and such a row is refused."

    def lacks(self, mapped: Collection[str]) -> str:
        """Only the number is needed to find phones; new ones say what else they lack row by row."""
        return "" if "esn" in mapped else "Choose the column that holds the IMEI, MEID or serial."

    def choices(self) -> Mapping[str, Sequence[str]]:
        """The statuses and warehouses in use."""
        return {"status": load_statuses().names(), "warehouse": load_warehouses().names()}

    def load(self, rows: Sequence[Row]) -> Known:
        """The phones, variations and lists the rows may speak of."""
        esns = [_esn(row) for row in rows]
        items = _load_items([esn for esn in esns if isinstance(esn, str)])
        skus = {row.get("sku") for row in rows} - {""}
        catalog = load_catalog(rows, {item["variation_id"] for item in items}, skus)
        phones = {
            item["esn"]: Phone(
                item["id"],
                item["version"],
                catalog.by_id[item["variation_id"]],
                item["status_id"],
                item["warehouse_id"],
                item["location_id"],
                item["cost_cents"],
            )
            for item in items
        }
        return Known(esns, phones, catalog, load_statuses(), load_warehouses(), load_locations())

    def plan(self, known: Known, rows: Sequence[Row], defaults: Mapping[str, str]) -> list[Planned]:
        """Each row against the phone with its number, and against the other rows."""
        twins = _rows_by_esn(known.esns, rows)
        results = []
        for row, esn in zip(rows, known.esns, strict=True):
            planned = Planned()
            results.append(planned)
            if isinstance(esn, Refusal):
                planned.refuse("esn", str(esn))
            elif len(twins[esn]) > 1:
                others = ", ".join(str(number) for number in twins[esn] if number != row.number)
                planned.refuse("esn", f"The same phone is on row {others} too: keep one of them.")
            else:
                _plan_phone(known, row, esn, defaults, planned)
        return results

    def warnings(self, planned: Sequence[Planned], known: Known, options: Mapping[str, str]) -> list[str]:
        """None: the quantities that follow are under the guard."""
        return []

    def apply(self, session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
        """Take in the new phones and change the others."""
        return upload_phone_writes.apply(session, actor, rows)

    def undo(self, session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
        """Delete the phones taken in and write back the others, where nothing happened since."""
        return upload_phone_writes.undo(session, actor, rows, batch_id)

    def describe(self, ids: Collection[int]) -> Mapping[int, str]:
        """What the phones are by now."""
        return upload_phone_writes.describe(ids)

    def export(self) -> Iterable[Sequence[Cell]]:
        """All phones, in the columns of the sheet."""
        return upload_phone_writes.export()


KIND = Phones()


def _esn(row: Row) -> str | Refusal:
    try:
        return parse_esn(row.get("esn"))
    except Refusal as refusal:
        return refusal


def _load_items(esns: Collection[str]) -> list[sa.RowMapping]:
    own = InventoryItem
    columns = (
        own.id,
        own.esn,
        own.version,
        own.variation_id,
        own.status_id,
        own.warehouse_id,
        own.location_id,
        own.cost_cents,
    )
    found: list[sa.RowMapping] = []
    for chunk in chunks(sorted(set(esns))):
        found.extend(db.session.execute(sa.select(*columns).where(own.esn.in_(chunk))).mappings())
    return found


def _rows_by_esn(esns: Iterable[str | Refusal], rows: Iterable[Row]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for esn, row in zip(esns, rows, strict=True):
        if isinstance(esn, str):
            found.setdefault(esn, []).append(row.number)
    return found


def _plan_phone(known: Known, row: Row, esn: str, defaults: Mapping[str, str], planned: Planned) -> None:
    phone = known.phones.get(esn)
    if phone is None:  # what the sheet leaves out of a new phone comes from beside it
        filled = {key: row.get(key) or text for key, text in defaults.items()}
        row = Row(row.number, {**row.values, **filled})
    else:
        planned.target_id, planned.target_version = phone.id, phone.version
    spec = read_variation(known.catalog, row, phone.variation if phone else None, planned)
    status = read_status(known.statuses, row, phone.status_id if phone else None, planned)
    there = read_place(
        known.warehouses, known.locations, row, (phone.warehouse_id, phone.location_id) if phone else None, planned
    )
    cost = read_cost(row, phone.cost_cents if phone else None, planned)
    if planned.outcome == "refused" or spec is None or there is None:
        return
    new = {"status_id": status, "warehouse_id": there[0], "location_id": there[1], "cost_cents": cost}
    variation = known.catalog.by_key.get(spec.key)
    if phone is None:
        _plan_new(planned, esn, spec, variation, new)
    else:
        _plan_change(known, planned, phone, spec, variation, new)


def _plan_new(planned: Planned, esn: str, spec: Spec, variation: Variation | None, new: dict[str, int | None]) -> None:
    planned.outcome = "new"
    planned.plan = {"esn": esn, "set": new, "variation": variation.id if variation else spec.stored()}
    if variation is None:
        planned.reason = "This variation is new: it will be added to the catalog, without a SKU."


def _plan_change(
    known: Known, planned: Planned, phone: Phone, spec: Spec, variation: Variation | None, new: dict[str, int | None]
) -> None:
    old = {name: getattr(phone, name) for name in new}
    changed = {name: [old[name], new[name]] for name in new if old[name] != new[name]}
    names = {"status_id": known.statuses, "warehouse_id": known.warehouses, "location_id": known.locations}
    for name, (before, after) in changed.items():
        if name in names:
            planned.change(name.removesuffix("_id"), names[name].name(before), names[name].name(after))
        else:
            planned.change("cost", _amount(before), _amount(after))
    planned.plan = {"set": changed}
    if spec.key == phone.variation.key:
        return
    before, after = phone.variation.words(known.catalog.grades), spec.words(known.catalog.grades)
    for key in SPEC_FIELDS:
        if before[key] != after[key]:
            planned.change(key, before[key], after[key])
    planned.plan |= {"variation": [phone.variation.id, variation.id if variation else spec.stored()]}
    if variation is None:
        planned.reason = "This variation is new: it will be added to the catalog, without a SKU."


def _amount(cents: int | None) -> str:
    return upload_phone_writes.shown_cents(cents)
