"""What eBay's REST interfaces say when they do not do what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wholecell.channels.ebay.values import rows, text

MOST_TOLD = 3  # of several errors in one answer
FAULTS = frozenset({25001, 30500})  # eBay's own


@dataclass(frozen=True, slots=True)
class Said:
    """The errors of an answer: their numbers, and their words for people."""

    numbers: frozenset[int] = frozenset()
    words: str = ""
    is_theirs: bool = False  # a fault of eBay's own: the same call may work later

    @property
    def is_error(self) -> bool:
        """Whether there are any."""
        return bool(self.numbers or self.words)


def said(json: object) -> Said:
    """Read `errors` of an answer, or of one element of a bulk answer. Warnings are none."""
    return _said(rows(json.get("errors"))) if isinstance(json, dict) else Said()


def _said(errors: Iterable[Mapping[str, Any]]) -> Said:
    errors = list(errors)
    numbers = frozenset(each["errorId"] for each in errors if isinstance(each.get("errorId"), int))
    words = dict.fromkeys(filter(None, (_words(each) for each in errors)))
    is_theirs = bool(numbers & FAULTS) or any(each.get("category") == "APPLICATION" for each in errors)
    return Said(numbers, " ".join([*words][:MOST_TOLD]), is_theirs=is_theirs)


def _words(error: Mapping[str, Any]) -> str:
    told = text(error.get("longMessage")) or text(error.get("message")) or text(error.get("errorId"))
    named = [text(each.get("value"), 80) for each in rows(error.get("parameters"))]
    more = ", ".join(value for value in named if value and value not in told)
    return f"{told} ({more})" if told and more else told
