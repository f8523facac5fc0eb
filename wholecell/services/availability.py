"""THE quantity rule: what each listing may sell, and the only subtraction of stock in the project.

It counts rows and keeps no running totals. Six flat queries answer any set of integrations, and one more those that
add the units a channel keeps back for its own orders; their rows are joined here, which was measured to beat one
big statement on both databases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wholecell.services import availability_rows as rows
from wholecell.services.limits import Limits
from wholecell.services.rule_settings import RuleSettings, load_settings

# Above this many variations one scan is cheaper than looking each up, and SQLite's limit of bound values is near.
MOST_LOOKED_UP = 5000


@dataclass(frozen=True, slots=True)
class Quantity:
    """What one listing may sell, with the two parts a page shows beside it.

    Committing a phone this listing counts, to an item it counts that still lacks one, takes one from both parts.
    """

    available: int
    outstanding: int  # counted per item, never below 0: an overcommitted order must not hide another's need

    @property
    def calculated(self) -> int:
        """Signed: below zero more is promised than there is, and a person must see by how much."""
        return self.available - self.outstanding

    def offered(self, limits: Limits) -> int:
        """What leaves for the channel: the limits applied to `calculated`, never below 0."""
        return limits.apply(max(self.calculated, 0))


class Offer(NamedTuple):
    """The rule's answer for one listing; `quantity` and `offered` are None while it is not connected.

    `offered` is the number sent. It includes `own_orders`, units on the channel's own open orders: the channel
    subtracts them again. They come after the limits, which say what may be sold in addition.
    """

    listing_id: int
    integration_id: int
    variations: frozenset[int]  # S: the variations it counts
    quantity: Quantity | None
    offered: int | None
    own_orders: int = 0

    @property
    def limited(self) -> int | None:
        """What the limits leave, without the units of its own open orders."""
        return None if self.offered is None else self.offered - self.own_orders


def quantities(
    integrations: Collection[int] | None = None,
    *,
    variations: Collection[int] | None = None,
    listings: Collection[int] | None = None,
    settings: Mapping[int, RuleSettings] | None = None,
) -> dict[int, Offer]:
    """Answer the listings of these integrations (all when None), by listing id.

    `variations` narrows it to listings that count one of these, `listings` to exactly these; `settings` answers
    as if these settings were saved. The number of queries is fixed, whatever the number of rows.
    """
    known = {**load_settings(), **(settings or {})}
    matching = frozenset(each.integration_id for each in known.values() if each.matches_via_sku)
    asked = rows.counted_listings(matching, integrations=integrations, listings=listings, variations=variations)
    if variations is not None:
        asked = {key: row for key, row in asked.items() if not row.variations.isdisjoint(variations)}
    is_narrow = variations is not None or listings is not None
    counted = frozenset().union(*(row.variations for row in asked.values())) if is_narrow else None
    if counted is not None and len(counted) > MOST_LOOKED_UP:
        counted = None
    selling_ids = sorted({row.integration_id for row in asked.values()})
    selling = [known[key] for key in selling_ids]
    available = rows.available(selling, counted)
    needs = _needs(rows.open_wants(counted), asked, matching)
    added = rows.own_orders(selling, asked, counted)
    sides = {key: _Side.of(known[key], known, available, needs, added.get(key)) for key in selling_ids}
    return {key: sides[row.integration_id].offer(row) for key, row in asked.items()}


@dataclass(frozen=True, slots=True)
class _Need:
    """Units one open order item still lacks; hand-made orders have no integration."""

    order_item_id: int
    integration_id: int | None
    units: int


def _needs(
    wants: Sequence[rows.Want], asked: Mapping[int, rows.CountedListing], matching: Collection[int]
) -> dict[int, list[_Need]]:
    """Every open item's need, under each of its candidates."""
    sold_from = {want.listing_id for want in wants if want.listing_id is not None}
    others = sold_from.difference(asked)
    listings = {**asked, **rows.counted_listings(matching, listings=others)} if others else asked
    needs: dict[int, list[_Need]] = defaultdict(list)
    for want in wants:
        need = _Need(want.order_item_id, want.integration_id, want.units)
        listing = listings.get(want.listing_id) if want.listing_id is not None else None
        for variation in want.candidates | (listing.variations if listing else frozenset()):
            needs[variation].append(need)
    return needs


@dataclass(frozen=True, slots=True)
class _Side:
    """What one integration sees of phones and needs; listings that count the same share one quantity."""

    own: RuleSettings
    stock: Mapping[int, int]  # phones by variation
    needs: Mapping[int, Sequence[_Need]]  # those it counts, by variation
    added: rows.Own | None
    numbers: dict[frozenset[int], tuple[Quantity, int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        own: RuleSettings,
        known: Mapping[int, RuleSettings],
        available: Mapping[int, Mapping[int, int]],
        needs: Mapping[int, Sequence[_Need]],
        added: rows.Own | None,
    ) -> _Side:
        """The side of `own`: some integrations' orders may not concern it."""
        foreign = {key for key, other in known.items() if not own.counts_orders_of(other)}
        if foreign:
            needs = {
                variation: [need for need in some if need.integration_id not in foreign]
                for variation, some in needs.items()
            }
        return cls(own, available.get(own.integration_id, {}), needs, added)

    def offer(self, row: rows.CountedListing) -> Offer:
        """The answer for one of its listings."""
        key, integration_id, limits, variations = row
        if not variations:
            return Offer(key, integration_id, variations, None, None)
        quantity, offered = self.numbers.get(variations) or self._count(variations)
        if limits is not rows.NO_LIMITS:
            offered = quantity.offered(self.own.limits.overridden_by(limits))
        own_orders = self.added.units(key, variations) if self.added is not None else 0
        return Offer(key, integration_id, variations, quantity, offered + own_orders, own_orders)

    def _count(self, variations: frozenset[int]) -> tuple[Quantity, int]:
        units = sum(self.stock.get(variation, 0) for variation in variations)
        # Under several of the variations, an item is still one.
        outstanding = {
            need.order_item_id: need.units for variation in variations for need in self.needs.get(variation, ())
        }
        quantity = Quantity(units, sum(outstanding.values()))
        found = self.numbers[variations] = (quantity, quantity.offered(self.own.limits))
        return found
