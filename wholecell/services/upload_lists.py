"""The lists a seller keeps (grades, damages, statuses, places), looked up by the words in a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from rapidfuzz import fuzz, process

from wholecell.db import db
from wholecell.models import Condition, Grade, InventoryStatus, Location, Warehouse
from wholecell.services.bulk import AnyRows
from wholecell.services.refusal import Refusal

_FEW = 12  # names that fit into a sentence
_SEPARATORS = re.compile(r"[+,;/|\n]+")


@dataclass(frozen=True, slots=True)
class Known:
    """One row of a list; `home` is the warehouse of a location."""

    id: int
    name: str
    is_archived: bool = False
    home: int | None = None


class Names:
    """A list by name, whatever the case."""

    def __init__(self, label: str, rows: Iterable[Known]) -> None:
        self.label = label
        self.by_id = {each.id: each for each in rows}
        self._by_name = {each.name.casefold(): each for each in self.by_id.values()}

    def find(self, text: str) -> Known:
        """The row a cell names. Raises Refusal that names the near ones, or all when they are few."""
        if found := self._by_name.get(" ".join(text.casefold().split())):
            return found
        raise Refusal(f"{self.label} “{text[:60]}” is not {self._others(text)}")

    def find_new(self, text: str) -> Known:
        """The same for a row about to be given it, which an archived one cannot be."""
        found = self.find(text)
        if found.is_archived:
            raise Refusal(f"{self.label} “{found.name}” is archived: bring it back in Settings or choose another.")
        return found

    def names(self) -> list[str]:
        """All names but the archived ones, in the list's own order."""
        return [each.name for each in self.by_id.values() if not each.is_archived]

    def name(self, key: int | None) -> str:
        """The name of this row, empty for none."""
        return self.by_id[key].name if key in self.by_id else ""

    def _others(self, text: str) -> str:
        names = self.names()
        if not names:
            return "known: add it in Settings."
        if len(names) <= _FEW:
            return f"one of {', '.join(names)}: correct the cell or add it in Settings."
        near = [found[0] for found in process.extract(text, names, scorer=fuzz.WRatio, limit=3, score_cutoff=60)]
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        return f"known.{hint} Correct the cell or add it in Settings."


class Damages(Names):
    """The damages by code and by name; a cell names several."""

    def __init__(self, rows: Iterable[tuple[int, str, str, bool]]) -> None:
        rows = list(rows)
        super().__init__("Damage", [Known(key, code, archived) for key, _name, code, archived in rows])
        self._by_name |= {name.casefold(): self.by_id[key] for key, name, _code, _archived in rows}

    def find_all(self, text: str) -> list[Known]:
        """The damages a cell names: CG+BB, `CG, BB`, or their names. Raises Refusal for an unknown one."""
        found: dict[int, Known] = {}
        for part in filter(None, map(str.strip, _SEPARATORS.split(text))):
            whole = self._by_name.get(part.casefold())
            for each in [whole] if whole else [self.find_new(code) for code in part.split()]:
                found[each.id] = each
        return sorted(found.values(), key=lambda each: each.name)


def load_grades() -> Names:
    """The grades, in one query."""
    return _load("Grade", sa.select(Grade.id, Grade.name, Grade.is_archived).order_by(Grade.position, Grade.id))


def load_damages() -> Damages:
    """The damages, in one query."""
    columns = (Condition.id, Condition.name, Condition.code, Condition.is_archived)
    rows = db.session.execute(sa.select(*columns).order_by(Condition.position, Condition.id))
    return Damages([(key, name, code, is_archived) for key, name, code, is_archived in rows])


def load_statuses() -> Names:
    """The inventory statuses, in one query."""
    columns = (InventoryStatus.id, InventoryStatus.name, InventoryStatus.is_archived)
    return _load("Status", sa.select(*columns).order_by(InventoryStatus.position, InventoryStatus.id))


def load_warehouses() -> Names:
    """The warehouses, in one query."""
    return _load("Warehouse", sa.select(Warehouse.id, Warehouse.name, Warehouse.is_archived).order_by(Warehouse.name))


def load_locations() -> Names:
    """The locations, each with its warehouse, in one query."""
    columns = (Location.id, Location.name, Location.is_archived, Location.warehouse_id)
    return _load("Location", sa.select(*columns).order_by(Location.name))


def _load(label: str, query: AnyRows) -> Names:
    return Names(label, [Known(*row) for row in db.session.execute(query)])
