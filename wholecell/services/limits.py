"""Limits between what may be sold and what is offered."""

from __future__ import annotations

from dataclasses import dataclass

OwnLimits = tuple[int | None, int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """An integration's limits, or a listing's after its own fields took the place of the integration's."""

    zero_out_threshold: int = 0
    percentage: int = 100
    safety_quantity: int = 0
    maximum_quantity: int | None = None

    def apply(self, calculated: int) -> int:
        """0 at or under the threshold; else the percentage rounded down, less the safety, at most the maximum."""
        if calculated <= self.zero_out_threshold:
            return 0
        kept = calculated * self.percentage // 100 - self.safety_quantity
        if self.maximum_quantity is not None:
            kept = min(kept, self.maximum_quantity)
        return max(kept, 0)

    def overridden_by(self, own: OwnLimits) -> Limits:
        """These limits with a listing's own in place of them; an empty one inherits."""
        if own == (None, None, None, None):
            return self
        threshold, percentage, safety, maximum = own
        return Limits(
            self.zero_out_threshold if threshold is None else threshold,
            self.percentage if percentage is None else percentage,
            self.safety_quantity if safety is None else safety,
            self.maximum_quantity if maximum is None else maximum,
        )
