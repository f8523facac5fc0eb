"""What forms about phones offer to choose from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from wholecell.services.list_kinds import KINDS, choices

Choices = list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class PhoneChoices:
    """The lists of one account, archived entries left out."""

    statuses: Choices
    warehouses: Choices
    grades: Choices
    conditions: Choices


def phones(keep: Mapping[str, Collection[int]] | None = None) -> PhoneChoices:
    """All four lists, a query each; `keep` names entries to offer even when archived, by list."""
    lists = ("statuses", "warehouses", "grades", "conditions")
    return PhoneChoices(*(choices(KINDS[key], (keep or {}).get(key, ())) for key in lists))
