"""What ShipStation's refusals say, for people, and what they must not repeat."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from wholecell.channels.http import Response, plain

SLOW_DOWN = "too many requests"
LONGEST_RESET = 60.0  # seconds: the limit is one of calls a minute


def is_throttled(response: Response) -> bool:
    """Whether the body asks us to slow down, which it may whatever the status is."""
    return any(SLOW_DOWN in said.casefold() for said in _all(response.json, ("Message", "message")))


def told(response: Response) -> str:
    """The words of an error body: those about single fields, else the message, with what broke behind it."""
    answer = response.json if isinstance(response.json, dict) else {}
    fields = answer.get("ModelState")
    about = [f"{_field(name)}: {said}" for name, said in _by_field(fields)] if isinstance(fields, dict) else []
    found = about or list(_all(answer, ("Message", "message", "ExceptionMessage")))
    return plain(" ".join(each if each.endswith((".", "!", "?")) else f"{each}." for each in found))


def reset_of(headers: Mapping[str, str]) -> float | None:
    """The seconds until the next minute of calls begins, from X-Rate-Limit-Reset; None when it is not told."""
    found = _count(headers.get("X-Rate-Limit-Reset", ""))
    return None if found is None else min(max(float(found), 1.0), LONGEST_RESET)


def calls_left(headers: Mapping[str, str]) -> int | None:
    """How many calls this minute still has, from X-Rate-Limit-Remaining."""
    return _count(headers.get("X-Rate-Limit-Remaining", ""))


def _count(said: str) -> int | None:
    said = said.strip()
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else None


def _all(answer: object, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        said = answer.get(name) if isinstance(answer, dict) else None
        if isinstance(said, str) and said.strip():
            yield plain(said)


def _by_field(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, said in list(fields.items())[:10]:
        for each in said if isinstance(said, list) else [said]:
            if isinstance(each, str) and each.strip():
                yield name, plain(each)


def _field(name: str) -> str:
    """`apiOrder.shipTo.country` is the order's shipTo.country."""
    return plain(re.sub(r"^apiOrders?(\[\d+\])?\.?", "", name) or "order", 60)
