"""The SKU of one variation in its states: shown, being edited, asking before listings are left alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from wholecell.services.skus import LosingListing
from wholecell.services.suggested_sku import suggest


@dataclass(frozen=True, slots=True)
class SkuCell:
    """What the open cell holds: the text typed, a suggestion, why it was refused, what it would unfollow."""

    text: str | None = None
    suggestion: str = ""
    problem: str = ""
    losing: list[LosingListing] = field(default_factory=list)


def opened(variation_id: int) -> SkuCell:
    """The cell opened for editing."""
    return SkuCell(suggestion=suggest(variation_id) or "")
