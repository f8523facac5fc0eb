"""Numbered pages of a list that other people change meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .account import Account
from .faults import Via
from .shop import Shop

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """The rows of one page, and the numbers of its neighbors or None."""

    count: int
    rows: Sequence[T]
    next: int | None
    previous: int | None


def page_of(shop: Shop, account: Account, via: Via, rows: Sequence[T], number: int, size: int) -> Page[T]:
    """Page `number` (from 1) of the rows, through the faults that strike lists."""
    shift = _shift(shop, account, via, number)
    asked = number - 1 if number > 1 and shop.faults.take("repeated_page", via=via) else number
    start = (asked - 1) * size - (shift if asked > 1 else 0)
    count = len(rows) + shift
    return Page(
        count=count,
        rows=rows[max(start, 0) : max(start + size, 0)],
        next=number + 1 if number * size < count else None,
        previous=number - 1 if number > 1 else None,
    )


def _shift(shop: Shop, account: Account, via: Via, number: int) -> int:
    """How many rows came in above since this list's first page was read.

    It lasts until the first page is read again: rows that came in do not leave between page 2 and page 3.
    """
    if number == 1:
        account.paging_shift[via.path] = 0
    elif fault := shop.faults.take("shifting_page", via=via):
        account.paging_shift[via.path] = account.paging_shift.get(via.path, 0) + (fault.number or 1)
    return account.paging_shift.get(via.path, 0)
