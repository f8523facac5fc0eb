"""Sending quantities: four a call by Trading, and one by one through the Inventory API what only that may change.

Quantities are absolute: what eBay adds for units sold it adds itself, and to send one again does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wholecell.channels.contract import ChannelError, PushResult, QuantityChange, TemporaryError
from wholecell.channels.ebay import listings
from wholecell.channels.ebay.inventory import OfferNotes, SendsThroughInventory
from wholecell.channels.ebay.limits import REVISIONS
from wholecell.channels.ebay.results import accepted, refused
from wholecell.channels.ebay.trading import Access
from wholecell.channels.ebay.trading_xml import Answer, Inside, every, exact, inner
from wholecell.channels.values import sentence, whole

AT_ONCE = 4  # entries of ReviseInventoryStatus
OF_INVENTORY_API = "21919474"
IS_SO = frozenset({"21917091", "21917092"})  # the quantity was that already


class SendsQuantities(SendsThroughInventory):
    """The part of the connector that sends quantities."""

    _access: Access

    def plan(self, changes: Sequence[QuantityChange]) -> Iterator[Sequence[QuantityChange]]:
        """Yield groups of four, drops to 0 first and other falls next; listings of the Inventory API by themselves."""
        notes = OfferNotes(self._access.state)
        by_trading: list[QuantityChange] = []
        by_inventory: list[QuantityChange] = []
        for change in sorted(changes, key=_urgency):
            (by_inventory if notes.offer_of(change.external_id) else by_trading).append(change)
        groups = [*_groups(by_trading, AT_ONCE), *_groups(by_inventory, self._inventory_batch)]
        yield from sorted(groups, key=lambda group: _urgency(group[0]))

    def push_quantities(self, changes: Sequence[QuantityChange]) -> Iterator[PushResult]:
        """Send one group, answered at once. What a refused group did not do is sent again one by one."""
        notes = OfferNotes(self._access.state)
        if changes and all(notes.offer_of(change.external_id) for change in changes):
            yield from self._push_by_inventory(changes)
            return
        is_urgent = any(_is_urgent(change) for change in changes)
        answer = self._revise(changes, is_urgent=is_urgent)
        done = _echoes(answer)
        left = [change for change in changes if not answer.is_done and _key(change) not in done]
        results = [_done(change, done) for change in changes if change not in left]
        if len(changes) == 1 and left:
            results.append(self._judged(left[0], answer))
        else:
            results += self._one_by_one(left, is_urgent=is_urgent)
        yield from results

    def push_outcomes(self, receipt: str, changes: Sequence[QuantityChange]) -> Iterator[PushResult] | None:
        """Nothing is answered later."""
        return None

    def _one_by_one(self, changes: Sequence[QuantityChange], *, is_urgent: bool) -> Iterator[PushResult]:
        """Whether one bad entry stops the others, eBay does not say; alone, each is answered for itself.

        A rise that shared a call with a fall stays as urgent: were it to wait for tomorrow's calls, the fall would too.
        """
        try:
            for change in changes:
                answer = self._revise([change], is_urgent=is_urgent)
                done = _echoes(answer)
                if answer.is_done or _key(change) in done:
                    yield _done(change, done)
                else:
                    yield self._judged(change, answer)
        except TemporaryError as error:
            error.maybe_applied = True  # of the others in the group, which are not answered for now
            raise

    def _judged(self, change: QuantityChange, answer: Answer) -> PushResult:
        if OF_INVENTORY_API in answer.codes:
            return self._push_found(change)
        if answer.codes and answer.codes <= IS_SO:
            return accepted(change, change.quantity, "eBay had this number already.")
        return refused(change, answer.codes, sentence(self._access.hide(answer.words)))

    def _push_found(self, change: QuantityChange) -> PushResult:
        """The listing turned out to be of the Inventory API: find its offer, and go that way from now on."""
        try:
            found = self._find_offer(change)
            return found if isinstance(found, PushResult) else next(iter(self._push_by_inventory([change])))
        except ChannelError as error:
            if isinstance(error, TemporaryError):
                error.maybe_applied = True
            raise

    def _revise(self, changes: Sequence[QuantityChange], *, is_urgent: bool) -> Answer:
        inside: list[tuple[str, Inside]] = [("InventoryStatus", _entry(change)) for change in changes]
        return self._access.trading("ReviseInventoryStatus", inside, REVISIONS, is_write=True, is_urgent=is_urgent)


def _entry(change: QuantityChange) -> list[tuple[str, Inside]]:
    """One entry. Without StartPrice the price stays; the SKU belongs to variations alone."""
    found = listings.target(change.external_id)
    sku: list[tuple[str, Inside]] = [("SKU", found.sku)] if found.sku else []
    return [("ItemID", found.item_id), *sku, ("Quantity", str(change.quantity))]


def _key(change: QuantityChange) -> tuple[str, str]:
    found = listings.target(change.external_id)
    return found.item_id, found.sku


def _echoes(answer: Answer) -> dict[tuple[str, str], int | None]:
    """The entries that eBay repeats as done, with the number it has now.

    It repeats the SKU of a listing without variations as well, which is no part of its name here.
    """
    found: dict[tuple[str, str], int | None] = {}
    for each in every(answer.root, "InventoryStatus"):
        item_id, sku, number = inner(each, "ItemID"), exact(each, "SKU"), whole(inner(each, "Quantity"))
        found[item_id, sku] = number
        found.setdefault((item_id, ""), number)
    return found


def _done(change: QuantityChange, echoes: Mapping[tuple[str, str], int | None]) -> PushResult:
    """The answer to what was done. An echo may count sold units as well, so one that differs says nothing."""
    stored = echoes.get(_key(change))
    return accepted(change, stored if stored == change.quantity else None, "eBay took it.")


def _is_urgent(change: QuantityChange) -> bool:
    return change.is_fall or change.quantity == 0


def _urgency(change: QuantityChange) -> int:
    return 0 if change.quantity == 0 else 1 if change.is_fall else 2


def _groups(changes: Sequence[QuantityChange], size: int) -> Iterator[Sequence[QuantityChange]]:
    """Groups in which nothing is named twice, which eBay refuses."""
    left = list(changes)
    while left:
        group: list[QuantityChange] = []
        names: set[tuple[str, str]] = set()
        for change in left:
            if len(group) < size and _key(change) not in names:
                group.append(change)
                names.add(_key(change))
        left = [change for change in left if change not in group]
        yield group
