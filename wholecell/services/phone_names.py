"""Variations as pages draw them: the name, the network where it matters, grade and damages as marks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from wholecell.db import db
from wholecell.models import ProductVariation
from wholecell.services.bulk import chunks
from wholecell.services.variation_names import shown_grade, with_names


@dataclass(frozen=True, slots=True)
class PhoneName:
    """The parts of a variation's name; `others` says how many more variations would do as well."""

    name: str
    network: str
    grade: str
    damages: list[str]
    others: int = 0

    @classmethod
    def of(cls, model: str, capacity: str, color: str, network: str, grade: str, codes: str) -> PhoneName:
        """From the columns of `variation_names.NAME_COLUMNS`."""
        return cls(f"{model} {capacity} {color}", network, grade, codes.split("+") if codes else [])

    def with_others(self, others: int) -> PhoneName:
        """The same, standing for others too."""
        return replace(self, others=others)

    @property
    def text(self) -> str:
        """In plain words."""
        return f"{self.name} {shown_grade(self.grade, '+'.join(self.damages))}"


def phone_names(variations: Collection[int]) -> dict[int, PhoneName]:
    """These variations by id."""
    found: dict[int, PhoneName] = {}
    for chunk in chunks(sorted(variations)):
        query = with_names(ProductVariation.id).where(ProductVariation.id.in_(chunk))
        found.update({key: PhoneName.of(*parts) for key, *parts in db.session.execute(query)})
    return found
