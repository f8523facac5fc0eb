"""The pretend shop: what every marketplace knows of the seller, sold and changed under one lock."""

from __future__ import annotations

import copy
import heapq
import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from .account import Account
from .clock import Clock
from .discovery import Marketplace, discover
from .faults import DIRECT, Faults, Via
from .records import Listing, Order, RefusedError


@dataclass(frozen=True)
class Call:
    """One request a marketplace received, of `size` bytes; status 0 means the connection was cut."""

    method: str
    path: str
    query: str
    status: int
    at: str
    fault: str
    size: int = 0


class Shop:
    """All marketplaces of one seller. Every method may be called from any thread, with or without HTTP.

    Times come from `clock`; what is due by then (late writes, files of changes) happens on the next touch.
    """

    def __init__(self, marketplaces: Mapping[str, Marketplace] | None = None, pages: str = "") -> None:
        """`pages` is where the seller's program is, if not at its usual address."""
        self.lock = RLock()
        self.clock = Clock()
        self.faults = Faults()
        self.marketplaces = discover() if marketplaces is None else marketplaces
        self._seeds: list[tuple[str, list[dict[str, Any]]]] = []
        self._pages = pages
        self._forget()

    def _forget(self) -> None:
        self.accounts: dict[str, Account] = {kind: made.account() for kind, made in self.marketplaces.items()}
        for account in self.accounts.values():
            account.clock = self.clock
            account.pages = self._pages or account.pages
        self.calls: deque[Call] = deque(maxlen=10_000)
        self.counts: Counter[str] = Counter()
        self._later: list[tuple[datetime, int, Callable[[], object]]] = []
        self._sequence = itertools.count()

    # Seeding

    def seed(self, kind: str, listings: Iterable[Mapping[str, Any]]) -> list[Listing]:
        """Put listings up on one marketplace; a reset puts the same ones up again."""
        rows = [dict(row) for row in listings]
        with self.lock:
            added = [self.account(kind).add(row) for row in rows]
            self._seeds.append((kind, rows))
            return added

    def seed_backmarket(self, listings: Iterable[Mapping[str, Any]]) -> list[Listing]:
        """Rows of sku, title, grade, price, currency, quantity, and publication_state if not 2."""
        return self.seed("backmarket", listings)

    def reset(self, empty: bool = False) -> None:
        """Back to the seeded state and to real time, behaving well; `empty` leaves the seeds out too."""
        with self.lock:
            seeds, self._seeds = ([] if empty else self._seeds), []
            self.clock.run()
            self.faults.clear()
            self._forget()
            for kind, rows in seeds:
                self.seed(kind, rows)

    # Looking

    def account(self, kind: str) -> Account:
        """The seller's account, with everything due by now done. Raises RefusedError for an unknown kind."""
        with self.lock:
            self._catch_up()
            if kind not in self.accounts:
                raise RefusedError(f"There is no marketplace {kind}.")
            return self.accounts[kind]

    def shown(self, kind: str, *, sku: str | None = None, listing: str | None = None) -> Listing:
        """The listing as a reading answers it now."""
        with self.lock:
            return self.account(kind).find(sku=sku, listing=listing).shown(self.clock())

    def visible_orders(self, kind: str) -> list[Order]:
        """The orders that are not hidden any more, newest first."""
        with self.lock:
            now = self.clock()
            orders = [order for order in self.account(kind).orders.values() if order.visible_from <= now]
            return orders[::-1]

    def order(self, kind: str, order_id: int) -> Order:
        """The order, hidden or not. Raises RefusedError when there is none."""
        order = self.account(kind).orders.get(order_id)
        if order is None:
            raise RefusedError(f"There is no order {order_id}.")
        return order

    def state(self) -> dict[str, Any]:
        """Everything, as plain JSON values."""
        with self.lock:
            self._catch_up()
            now = self.clock()
            return {
                "now": now.isoformat(),
                "listings": [
                    {"channel": kind} | listing.as_dict(now)
                    for kind, account in self.accounts.items()
                    for listing in account.listings.values()
                ],
                "orders": [
                    {"channel": kind} | order.as_dict()
                    for kind, account in self.accounts.items()
                    for order in account.orders.values()
                ],
                "calls": [asdict(call) for call in self.calls],
                "counts": dict(self.counts),
                "faults": self.faults.as_dicts(),
            }

    # Happenings

    def sell(
        self,
        kind: str,
        *,
        sku: str | None = None,
        listing: str | None = None,
        quantity: int = 1,
        **options: Any,
    ) -> Order:
        """A customer buys: an order appears and the listing's own quantity falls, in one step.

        Options are `hidden_seconds` (the order shows that much later) and the marketplace's own. Raises
        RefusedError when the listing is unknown, off sale, or has less than that.
        """
        with self.lock:
            found = self.account(kind).find(sku=sku, listing=listing)
            return self.sell_lines(kind, [(found.id, quantity)], **options)

    def sell_lines(
        self,
        kind: str,
        lines: Sequence[tuple[str, int]],
        *,
        hidden_seconds: float = 0.0,
        **options: Any,
    ) -> Order:
        """Like `sell`, for one order of several listings (id, quantity)."""
        with self.lock:
            account, now = self.account(kind), self.clock()
            bought = [(account.find(listing=listing), quantity) for listing, quantity in lines]
            if not bought:
                raise RefusedError("A sale needs at least one line.")
            _check_sale(bought)
            order = account.order_from(bought, now, **options)
            hidden = self.faults.take("hidden_order", via=DIRECT, sku=bought[0][0].sku)
            order.visible_from = now + timedelta(seconds=max(hidden_seconds, hidden.seconds if hidden else 0.0))
            for item, quantity in bought:
                item.sell(quantity)
            account.orders[order.id] = order
            return order

    def push(self, kind: str, listing: str, quantity: int, via: Via = DIRECT) -> int:
        """The seller writes a quantity, through the waiting faults; the number the marketplace claims to hold."""
        with self.lock:
            return self._write(self.account(kind).find(listing=listing), quantity, via)

    def _write(self, listing: Listing, quantity: int, via: Via) -> int:
        take = self.faults.take
        if capped := take("capped", via=via, sku=listing.sku, when=lambda fault: quantity > fault.number):
            quantity = capped.number
        if rounded := take("rounded", via=via, sku=listing.sku, when=lambda fault: quantity % fault.number > 0):
            quantity -= quantity % rounded.number
        if take("forgotten", via=via, sku=listing.sku):
            return quantity
        old = copy.copy(listing)
        listing.store(quantity)
        if late := take("shown_late", via=via, sku=listing.sku):
            listing.show_old(old.shown(self.clock()), self.clock() + timedelta(seconds=late.seconds))
        if again := take("late_write", via=via, sku=listing.sku):
            self.later(again.seconds, lambda: listing.store(quantity))
        if quantity == 0 and take("deactivated", via=via, sku=listing.sku):
            listing.deactivate()
        return quantity

    def change(self, kind: str, listing: str, **fields: Any) -> Listing:
        """Someone changes a listing behind the seller's program: quantity, sku, title, price, its state.

        Raises RefusedError for a field the listing does not have.
        """
        with self.lock:
            account = self.account(kind)
            found = account.find(listing=listing)
            unknown = [name for name in fields if name in ("id", "number") or name not in found.as_dict(self.clock())]
            if unknown:
                raise RefusedError(f"A listing's {', '.join(unknown)} cannot be changed.")
            if "sku" in fields:
                account.rename(found, fields.pop("sku"))
            if "quantity" in fields:
                found.store(int(fields.pop("quantity")))
            for name, value in fields.items():
                setattr(found, name, value)
            found.touch()
            return found

    def remove(self, kind: str, listing: str) -> None:
        """Take a listing away for good: 404 from now on."""
        with self.lock:
            account = self.account(kind)
            account.remove(account.find(listing=listing))

    def cancel_line(self, kind: str, order_id: int, line_id: int | None = None) -> None:
        """The customer cancels a line (the last open one unless named); stock is not given back."""
        with self.lock:
            order = self.order(kind, order_id)
            lines = [line for line in order.lines if line.id == line_id or (line_id is None and order.may_cancel(line))]
            if not lines:
                raise RefusedError(f"Order {order_id} has no such open line.")
            order.cancel(lines[-1])
            order.changed = self.clock()

    def pay(self, kind: str, order_id: int, *, fails: bool = False) -> None:
        """The customer pays an order that was waiting for it, or fails to."""
        with self.lock:
            order = self.order(kind, order_id)
            if fails:
                order.fail_payment()
            else:
                order.pay()
            order.changed = self.clock()

    def hold_line(self, kind: str, order_id: int, line_id: int, *, is_held: bool = True) -> None:
        """A check keeps a line back, or lets it go on."""
        with self.lock:
            order = self.order(kind, order_id)
            lines = [line for line in order.lines if line.id == line_id]
            if not lines:
                raise RefusedError(f"Order {order_id} has no line {line_id}.")
            order.hold(lines[0], is_held=is_held)
            order.changed = self.clock()

    def change_address(self, kind: str, order_id: int, **fields: str) -> None:
        """The customer corrects where an order goes."""
        with self.lock:
            order = self.order(kind, order_id)
            order.move_to(**fields)
            order.changed = self.clock()

    def happen(self, kind: str, order_id: int, event: str, **options: Any) -> None:
        """Something of the marketplace's own befalls an order; its module says which events there are."""
        with self.lock:
            order = self.order(kind, order_id)
            order.happen(event, self.clock(), **options)
            order.changed = self.clock()

    # Tokens, time, log

    def set_tokens(self, kind: str, tokens: Iterable[str]) -> None:
        """Exactly these tokens are good from now on; none revokes all."""
        with self.lock:
            self.account(kind).tokens = set(tokens)

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do it when the clock has passed so many seconds, on the next touch."""
        with self.lock:
            due = self.clock() + timedelta(seconds=seconds)
            heapq.heappush(self._later, (due, next(self._sequence), action))

    def _catch_up(self) -> None:
        now = self.clock()
        while self._later and self._later[0][0] <= now:
            heapq.heappop(self._later)[2]()

    def log(self, via: Via, query: str, status: int, fault: str, size: int = 0) -> None:
        """Note a call that a marketplace answered, or cut (status 0)."""
        with self.lock:
            self.calls.append(Call(via.method, via.path, query, status, self.clock().isoformat(), fault, size))
            self.counts[f"{via.method} {status}"] += 1


def _check_sale(bought: Sequence[tuple[Listing, int]]) -> None:
    wanted: Counter[str] = Counter()
    for listing, quantity in bought:
        if quantity < 1:
            raise RefusedError("A sale needs a quantity of at least 1.")
        wanted[listing.id] += quantity  # the same listing may stand on two lines
        if not listing.for_sale or listing.stock < wanted[listing.id]:
            raise RefusedError(f"{listing.sku} is sold out: it has {listing.stock}.")
