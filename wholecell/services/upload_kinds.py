"""What a kind of sheet tells the upload machinery, and what the two say to each other about a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.orm import Session

from wholecell.db import Base
from wholecell.services.events import Actor, Subject
from wholecell.services.sheets import Cell


@dataclass(frozen=True, slots=True)
class Field:
    """A column we understand. `has_default`: a value for new rows may be set beside the sheet."""

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    is_text: bool = False  # kept as text in spreadsheets, which would take away digits and zeros
    is_amount: bool = False
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """A yes or no beside the sheet."""

    key: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file as a kind sees it: only mapped fields are there."""

    number: int
    values: Mapping[str, str]

    def get(self, key: str) -> str:
        """The text of this field, empty when blank or not mapped."""
        return self.values.get(key, "")


@dataclass(slots=True)
class Planned:
    """What the dry run found for one row."""

    outcome: str = "same"  # new, changed, same, refused
    target_id: int | None = None
    target_version: int | None = None
    changes: dict[str, list[str]] = field(default_factory=dict)  # field -> [old, new], the words shown
    plan: dict[str, Any] = field(default_factory=dict)  # JSON: what apply writes, and what undo writes back
    faults: list[str] = field(default_factory=list)
    reason: str = ""  # why refused, or what else a person should know

    def refuse(self, key: str, reason: str) -> None:
        """Refuse the row because of this field's cell; several reasons add up."""
        self.outcome = "refused"
        self.faults.append(key)
        self.reason = f"{self.reason} {reason}".strip()

    def change(self, key: str, old: str | None, new: str | None) -> None:
        """Note that a cell says something else than we have."""
        self.outcome = "changed"
        self.changes[key] = [old or "", new or ""]


@dataclass(frozen=True, slots=True)
class Stored:
    """A planned row as it was stored: what apply and undo work on."""

    number: int
    outcome: str  # new or changed
    target_id: int | None
    target_version: int | None
    changes: dict[str, list[str]]
    plan: dict[str, Any]


@dataclass(slots=True)
class Applied:
    """What applying did: the rows created and the rows left alone with the reason."""

    created: dict[int, int] = field(default_factory=dict)  # row number -> id of what it made
    conflicts: dict[int, str] = field(default_factory=dict)


class Kind(Protocol):
    """One kind of sheet. `model` is what its rows make and change; it counts its versions."""

    model: type[Base]
    key: str
    subject: Subject
    label: str
    noun: str
    nouns: str
    fields: tuple[Field, ...]
    head: tuple[str, ...]  # the fields that name a row on pages: the first big, the others below it
    naming: tuple[str, ...]  # the fields that say the same as `head`, at more length
    integration_id: int | None  # whose listings or orders these are
    name: str  # of that integration
    switches: tuple[Switch, ...]
    hint: str  # what to know before making such a sheet
    undoes: str  # what taking it back does, in sentences
    is_exported: bool  # whether `export` gives what there is

    def lacks(self, mapped: Collection[str]) -> str:
        """Why these columns are not enough, as a sentence; empty when they are."""

    def choices(self) -> Mapping[str, Sequence[str]]:
        """What may be set beside the sheet, for those fields where it is one of a short list."""

    def load(self, rows: Sequence[Row]) -> Any:
        """Read all that planning these rows needs, in a fixed number of queries for each some hundred rows."""

    def plan(self, known: Any, rows: Sequence[Row], defaults: Mapping[str, str]) -> list[Planned]:
        """What each row would do, in order, without asking the database again."""

    def warnings(self, planned: Sequence[Planned], known: Any, options: Mapping[str, str]) -> list[str]:
        """What applying these rows would lead to that a person should know before."""

    def changes_more(self, session: Session) -> bool:
        """Whether applying does something even when no row is new or changed."""

    def apply(self, session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
        """Write the rows in bulk with their events, in the caller's transaction."""

    def settle(self, actor: Actor) -> None:
        """What follows once that transaction has ended, such as what must lock rows in another order."""

    def undo(self, session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
        """Write back what the rows were before; gives the rows left alone with the reason."""

    def describe(self, ids: Collection[int]) -> Mapping[int, str]:
        """What each row of ours is, in one line, for rows of a sheet that do not say."""

    def export(self) -> Iterable[Sequence[Cell]]:
        """All there is, in the columns of `fields`."""


class Plain:
    """What kinds without anything special have: no switches, and nothing that follows."""

    integration_id: int | None = None
    name = ""
    switches: tuple[Switch, ...] = ()
    is_exported = True
    undoes = "What was new is deleted, what was changed gets its former values."

    def changes_more(self, session: Session) -> bool:
        """Only its rows change anything."""
        return False

    def settle(self, actor: Actor) -> None:
        """Nothing follows."""
