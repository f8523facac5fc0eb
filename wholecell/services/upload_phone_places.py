"""The cells of the inventory sheet that say a phone's status, where it is and what it cost."""

from __future__ import annotations

from wholecell.services.money import parse_cents
from wholecell.services.refusal import Refusal
from wholecell.services.upload_kinds import Planned, Row
from wholecell.services.upload_lists import Known, Names

Place = tuple[int | None, int | None]  # warehouse, location


def read_status(statuses: Names, row: Row, current: int | None, planned: Planned) -> int | None:
    """The phone's status; a blank cell leaves a phone we have as it is."""
    text = row.get("status")
    if not text:
        if current is None:
            planned.refuse("status", "Status is blank: write one, or set one beside the sheet.")
        return current
    found = _find(statuses, text, current, "status", planned)
    return found.id if found else None


def read_place(warehouses: Names, locations: Names, row: Row, current: Place | None, planned: Planned) -> Place | None:
    """Warehouse and location. A location brings its warehouse; a new warehouse ends the old location.

    A blank location empties it, a blank warehouse leaves it. None when the row was refused.
    """
    warehouse_id, location_id = current or (None, None)
    warehouse = location = None
    if text := row.get("warehouse"):
        warehouse = _find(warehouses, text, warehouse_id, "warehouse", planned)
        if warehouse is None:
            return None
    if text := row.get("location"):
        location = _find(locations, text, location_id, "location", planned)
        if location is None:
            return None
    if location is not None:
        return _at(location, warehouse, warehouse_id, current, warehouses, planned)
    new = warehouse.id if warehouse else warehouse_id
    if current is None and new is None:
        planned.refuse("warehouse", "Warehouse is blank: write one, or set one beside the sheet.")
        return None
    keeps = "location" not in row.values and new == warehouse_id
    return new, location_id if keeps else None


def _at(
    location: Known,
    warehouse: Known | None,
    old: int | None,
    current: Place | None,
    warehouses: Names,
    planned: Planned,
) -> Place | None:
    """The location's warehouse, unless the row names another one. On an export both say the old place."""
    if warehouse is None or warehouse.id == location.home:
        return location.home, location.id
    if current is not None and location.id == current[1]:  # only the warehouse was edited
        return warehouse.id, None
    if current is not None and warehouse.id == old:  # only the location was edited
        return location.home, location.id
    planned.refuse("location", f"“{location.name}” is in {warehouses.name(location.home)}, not in {warehouse.name}.")
    return None


def read_cost(row: Row, current: int | None, planned: Planned) -> int | None:
    """The cost in cents; a blank cell empties it."""
    if "cost" not in row.values:
        return current
    try:
        return parse_cents(row.get("cost"))
    except Refusal as refusal:
        planned.refuse("cost", str(refusal))
        return None


def _find(names: Names, text: str, current: int | None, key: str, planned: Planned) -> Known | None:
    try:
        found = names.find(text)
        return found if found.id == current else names.find_new(text)
    except Refusal as refusal:
        planned.refuse(key, str(refusal))
        return None
