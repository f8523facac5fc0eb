"""What one call to any marketplace carries, and how it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from werkzeug.wrappers import Request, Response

from .faults import Via
from .shop import Shop
from .wire import via_of

AccountT = TypeVar("AccountT")


class RefusalError(Exception):
    """Ends a call with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


@dataclass(frozen=True)
class ApiCall(Generic[AccountT]):
    """A request that was let in; handlers run with the shop's lock held."""

    shop: Shop
    request: Request
    account: AccountT

    @property
    def via(self) -> Via:
        """For the faults."""
        return via_of(self.request)

    @property
    def now(self) -> datetime:
        """The shop's time."""
        return self.shop.clock()
