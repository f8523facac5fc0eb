"""The misbehaviors a test or a demonstration asks the marketplaces for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from threading import RLock
from typing import Any, NamedTuple

#: Kind -> what it does. `seconds`, `number` and `status` are the fault's own fields.
KINDS: dict[str, str] = {
    # The answer itself: one of these at most strikes a request.
    "status": "answers `status` with the marketplace's own error body; nothing is applied",
    "edge_html": "answers 403 with a page of the edge network and a cf-ray header; nothing is applied",
    "bare_string": "answers 400 with a bare JSON string; nothing is applied",
    "redirect": "answers 302 to `location`; nothing is applied",
    "cut_before": "closes the connection without an answer; nothing is applied",
    "cut_after": "applies the call, then closes the connection without an answer",
    "broken_json": "applies the call, then sends half of the answer's JSON",
    "slow": "applies the call, then answers `seconds` of real time later",
    "dripping": "applies the call, then sends a byte every `seconds` of real time",
    "too_large": "applies the call, then sends `number` bytes (default 25 million)",
    # Lists.
    "repeated_page": "answers a page after the first with the rows of the page before it",
    "shifting_page": "from a page after the first on, `number` rows (default 1) came in above; below 0, left",
    # Quantities written by the seller.
    "shown_late": "readings show the old listing for `seconds`; the answer shows the new number",
    "capped": "stores at most `number`",
    "rounded": "stores a multiple of `number`, rounded down",
    "forgotten": "answers yes with the number sent and keeps the old one",
    "late_write": "stores the number, and stores it once more `seconds` later over anything newer",
    "deactivated": "a listing written to 0 is deactivated and does not come back by itself",
    # Files of many changes.
    "partial_bulk": "the first `number` rows (default 1) of the file are refused, the others applied",
    "bulk_never": "the file is taken, never applied and never answered",
    "bulk_failed": "the file is taken and fails as a whole",
    # Orders.
    "hidden_order": "a sale lowers the quantity at once; its order shows `seconds` later",
    "cancels_line": "cancels one open line of the order that is read or changed",
}
WIRE = tuple(KINDS)[:10]


class Via(NamedTuple):
    """The call through which something happens; blank when a test calls the shop directly."""

    method: str = ""
    path: str = ""


DIRECT = Via()


@dataclass
class Fault:
    """One misbehavior, waiting for the calls it fits. Blank fields fit everything.

    `path` is a regular expression searched in the whole path (/backmarket/ws/...); `times` None means always.
    """

    kind: str
    method: str = ""
    path: str = ""
    sku: str = ""
    times: int | None = 1
    seconds: float = 0.0
    number: int = 0
    status: int = 500
    location: str = "https://elsewhere.invalid/"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"There is no fault {self.kind!r}. Choose one of: {', '.join(KINDS)}.")
        if self.kind == "rounded" and self.number < 1:
            raise ValueError("The fault 'rounded' needs a number of at least 1.")
        re.compile(self.path)

    def fits(self, via: Via, sku: str) -> bool:
        """Whether it strikes this call on this SKU."""
        return (
            self.times != 0
            and (not self.method or self.method.upper() == via.method)
            and (not self.path or re.search(self.path, via.path) is not None)
            and (not self.sku or self.sku.casefold() == sku.casefold())
        )


def _always(fault: Fault) -> bool:
    return True


class Faults:
    """The waiting misbehaviors, oldest first. Safe to use from several threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = RLock()

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(list(self._waiting))

    def add(self, kind: str, **options: Any) -> Fault:
        """Queue a misbehavior. Raises ValueError for an unknown kind, TypeError for an unknown option."""
        fault = Fault(kind, **options)
        with self._lock:
            self._waiting.append(fault)
        return fault

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._waiting.clear()

    def take(self, *kinds: str, via: Via, sku: str = "", when: Callable[[Fault], bool] = _always) -> Fault | None:
        """The oldest fitting fault of these kinds, counted down. `when` says if it would change anything."""
        with self._lock:
            for fault in self._waiting:
                if fault.kind in kinds and fault.fits(via, sku) and when(fault):
                    self._count_down(fault)
                    return fault
        return None

    def _count_down(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._waiting.remove(fault)

    def as_dicts(self) -> list[dict[str, Any]]:
        """What still waits, for the state page."""
        return [asdict(fault) for fault in self]
