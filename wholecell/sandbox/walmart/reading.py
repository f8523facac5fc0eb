"""Members of the bodies that change orders: there, of the right type, and one of the documented words."""

from __future__ import annotations

from typing import Any, TypeVar, overload

from .answers import ORDERS, invalid_content
from .call import digits

T = TypeVar("T")


@overload
def member(value: dict[str, Any], name: str, kind: type[T]) -> T: ...
@overload
def member(value: dict[str, Any], name: str, kind: type[T], *, optional: bool) -> T | None: ...
def member(value: dict[str, Any], name: str, kind: type[T], *, optional: bool = False) -> T | None:
    """The member. Raises RefusalError when it is absent, unless optional, or of another type."""
    found = value.get(name)
    if found is None and optional:
        return None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise invalid_content(ORDERS, f"{name} must be a {kind.__name__}", name)
    return found


def word(value: dict[str, Any], name: str, words: frozenset[str]) -> str:
    """A text that is one of these."""
    found = member(value, name, str)
    if found not in words:
        raise invalid_content(ORDERS, f"{name} is not one of the documented ones", name)
    return found


def objects(value: dict[str, Any], *path: str) -> list[dict[str, Any]]:
    """The list of objects at the end of a path of members; an empty one is refused."""
    for name in path[:-1]:
        value = member(value, name, dict)
    found = member(value, path[-1], list)
    if not found or not all(isinstance(each, dict) for each in found):
        raise invalid_content(ORDERS, f"{path[-1]} must be a list of objects", path[-1])
    return found


def units(value: dict[str, Any]) -> int:
    """The number of a statusQuantity, which is text."""
    quantity = member(value, "statusQuantity", dict)
    word(quantity, "unitOfMeasurement", frozenset({"EACH", "EA"}))
    amount = member(quantity, "amount", str)
    number = digits(amount)
    if not number:
        raise invalid_content(ORDERS, "amount must be a number above 0, written as text", "amount")
    return number
