"""The shop's own time, so that a test waits an hour without sleeping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Answers aware UTC. It runs with real time until `set`, and from then on moves only when told to."""

    def __init__(self) -> None:
        self.run()

    def __call__(self) -> datetime:
        """The time now."""
        return (self._fixed or datetime.now(UTC)) + self._ahead

    def run(self) -> None:
        """Follow real time again, forgetting what `set` and `advance` did."""
        self._fixed: datetime | None = None
        self._ahead = timedelta()

    def set(self, moment: datetime) -> None:
        """Stand still at the moment. Raises ValueError for a time without a zone."""
        if moment.tzinfo is None:
            raise ValueError("The sandbox's clock needs a time with a zone.")
        self._fixed, self._ahead = moment.astimezone(UTC), timedelta()

    def advance(self, seconds: float) -> datetime:
        """Move ahead by so many seconds, standing still or running."""
        self._ahead += timedelta(seconds=seconds)
        return self()
