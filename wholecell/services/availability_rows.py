"""The rows the quantity rule rests on: which variations listings count, phones, and open wants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.db import db
from wholecell.services import availability_sql
from wholecell.services.limits import OwnLimits
from wholecell.services.rule_settings import RuleSettings

Ids = Collection[int]
NO_LIMITS: OwnLimits = (None, None, None, None)
NONE: frozenset[int] = frozenset()
MOST_LISTINGS = 5000  # asked for one by one


class CountedListing(NamedTuple):
    """A listing with S, the variations it counts, and its own limits. Most are alike, so they share these sets."""

    listing_id: int
    integration_id: int
    limits: OwnLimits
    variations: frozenset[int]


@dataclass(frozen=True, slots=True)
class Want:
    """An open order item that lacks `units` phones, and the variations its SKU or choice names."""

    order_item_id: int
    integration_id: int | None
    listing_id: int | None  # sold from it; its variations are candidates too. Empty when one was chosen by hand
    units: int
    candidates: frozenset[int]


def counted_listings(
    matching: Ids, *, integrations: Ids | None = None, listings: Ids | None = None, variations: Ids | None = None
) -> dict[int, CountedListing]:
    """The listings that meet all of these, with their S; `variations` are what a listing may count. One query.

    `matching` are the integrations that connect by the channel's SKU. What was chosen by hand, SKUs or
    variations, takes the place of the channel's own SKU.
    """
    asked = {"integrations": integrations, "listings": listings, "variations": variations}
    values = {name: list(ids) for name, ids in asked.items() if ids is not None}
    counted: dict[int, CountedListing] = {}
    by_hand: dict[int, frozenset[int]] = {}
    alone = _Alone({None: NONE})
    rows = _rows(availability_sql.listing_variations(frozenset(values)), values)
    for key, integration, variation, is_by_hand, threshold, percentage, safety, maximum in rows:
        if is_by_hand:
            by_hand[key] = by_hand.get(key, NONE) | alone[variation]
            continue
        found = alone[variation] if integration in matching else NONE
        if key in counted:  # several variations carry its SKU
            found |= counted[key].variations
        own = (threshold, percentage, safety, maximum)
        counted[key] = CountedListing(key, integration, NO_LIMITS if own == NO_LIMITS else own, found)
    for key, chosen in by_hand.items():
        counted[key] = counted[key]._replace(variations=chosen)
    return counted


class _Alone(dict[int | None, frozenset[int]]):
    """The set of one variation, made once."""

    def __missing__(self, variation: int) -> frozenset[int]:
        made = self[variation] = frozenset((variation,))
        return made


def available(selling: Sequence[RuleSettings], variations: Ids | None) -> dict[int, dict[int, int]]:
    """Uncommitted phones by integration and variation, in the statuses and warehouses each ticked. One query.

    Integrations that ticked the same share one sum; the phones are scanned once, whatever their number.
    """
    ticked: dict[tuple[frozenset[int], frozenset[int]], list[int]] = defaultdict(list)
    for each in selling:
        if each.statuses and each.warehouses:
            ticked[each.statuses, each.warehouses].append(each.integration_id)
    if not ticked:
        return {}
    values: dict[str, Any] = {
        "statuses": sorted(set().union(*(statuses for statuses, _ in ticked))),
        "warehouses": sorted(set().union(*(warehouses for _, warehouses in ticked))),
    }
    if variations is not None:
        values["variations"] = list(variations)
    if len(ticked) > 1:
        for number, (statuses, warehouses) in enumerate(ticked):
            values |= {f"statuses_{number}": sorted(statuses), f"warehouses_{number}": sorted(warehouses)}
    columns = list(zip(*_rows(availability_sql.phones(len(ticked), variations is not None), values), strict=True))
    counted = [dict(zip(columns[0], units, strict=True)) for units in columns[1:]]
    return {key: units for owners, units in zip(ticked.values(), counted, strict=False) for key in owners}


def open_wants(variations: Ids | None) -> list[Want]:
    """Items of open orders that we ship ourselves and that lack phones; all, or those of these variations."""
    values = {} if variations is None else {"variations": list(variations)}
    found: dict[int, tuple[int | None, int | None, int, set[int]]] = {}
    rows = _rows(availability_sql.open_wants(variations is not None), values)
    for key, integration, listing, chosen, units, by_sku in rows:
        if units <= 0:
            continue
        sold_from = None if chosen is not None else listing
        row = found.setdefault(key, (integration, sold_from, units, set()))
        candidate = chosen if chosen is not None else by_sku
        if candidate is not None:
            row[3].add(candidate)
    return [Want(key, i, listing, units, frozenset(c)) for key, (i, listing, units, c) in found.items()]


@dataclass(frozen=True, slots=True)
class Own:
    """Units of one integration's own open orders that its channel keeps back, by the listing they were sold from.

    Those of which no listing is known stand in `loose` with the variations that may fill them.
    """

    listings: Mapping[int, int]
    loose: Sequence[tuple[frozenset[int], int]]

    def units(self, listing_id: int, variations: frozenset[int]) -> int:
        """How many it keeps back of one listing."""
        loose = sum(units for candidates, units in self.loose if not candidates.isdisjoint(variations))
        return self.listings.get(listing_id, 0) + loose


def own_orders(selling: Sequence[RuleSettings], listings: Ids, variations: Ids | None) -> dict[int, Own]:
    """What channels keep back of their own open orders, for the integrations that add it. At most one query.

    Only orders count whose word at the channel means that they are still to be shipped.
    """
    words = {each.integration_id: _open_words(each.kind) for each in selling if each.adds_own_orders}
    asked = sorted(set().union(*words.values()))
    if not asked:
        return {}
    is_narrow = variations is not None and len(listings) <= MOST_LISTINGS
    values: dict[str, Any] = {"integrations": list(words), "words": asked}
    if is_narrow:
        values |= {"listings": list(listings), "variations": list(variations or ())}
    sold: dict[int, Counter[int]] = defaultdict(Counter)
    loose: dict[int, dict[Any, tuple[set[int], int]]] = defaultdict(dict)
    for owner, word, listing, chosen, sku, by_sku, units in _rows(availability_sql.own_orders(is_narrow), values):
        if word not in words[owner]:
            continue
        if listing is not None:
            sold[owner][listing] += int(units)
            continue
        # Several variations may carry its SKU: one row each, of the same units.
        candidates, _ = loose[owner].setdefault((word, chosen, sku), (set(), int(units)))
        candidates.update({chosen if chosen is not None else by_sku} - {None})
    return {
        key: Own(sold[key], [(frozenset(some), units) for some, units in loose[key].values() if some]) for key in words
    }


def _open_words(kind: str) -> frozenset[str]:
    """The channel's words for orders that are still to be shipped, or wait for it."""
    return frozenset(each.word for each in discover()[kind].order_words if not each.means.is_over)


def _rows(statement: sa.Executable, values: Mapping[str, Any]) -> Sequence[Any]:
    # Past the session: what it adds for ORM entities takes longer than some of these statements.
    return db.session.connection().execute(statement, values).all()


__all__ = ["CountedListing", "Own", "Want", "available", "counted_listings", "open_wants", "own_orders"]
