"""What a table of listings shows: one page with its numbers computed now, the counts of its tabs, the export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.db import db
from wholecell.models import Integration, Listing
from wholecell.services import hand_due, keyset, listing_groups, listing_state
from wholecell.services.availability import Offer, quantities
from wholecell.services.bulk import AnyRows
from wholecell.services.csvsafe import quote
from wholecell.services.keyset import SIZE, Page
from wholecell.services.listing_filter import CHIPS, TABS, ListingFilter, conditions, is_in_catalog

EXPORT_CHUNK = 1_000
EXPORT_COLUMNS = (
    "Integration",
    "Listing ID",
    "Title",
    "Detail",
    "Channel SKU",
    "Price",
    "Currency",
    "Channel shows",
    "Available",
    "Outstanding",
    "Calculated",
    "Offered",
    "Last synced",
    "Last synced at (UTC)",
    "State",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The columns of one listing, in the order of `rows_query`."""

    id: int
    integration_id: int
    integration: str
    kind: str
    external_id: str
    sku: str
    title: str
    detail: str
    group_id: str
    price_cents: int | None
    currency: str
    state: str
    state_reason: str
    is_pushable: bool
    is_connected: bool
    unfollowed_at: datetime | None
    held: str | None
    last_imported: int | None
    last_imported_at: datetime | None
    last_offered: int | None
    last_synced: int | None
    answered_at: datetime | None
    rejected_at: datetime | None
    rejected_number: int | None
    rejected_words: str
    rejected_advice: str
    tries: int
    less_shown: int | None
    more_shown: int
    is_in_catalog: bool
    waits_for_hand: bool
    offered_at: datetime | None

    @property
    def is_read_before(self) -> bool:
        """Whether the channel's number was read before it answered to ours."""
        read, answered = self.last_imported_at, self.answered_at
        return read is not None and answered is not None and read < answered

    @property
    def standing(self) -> listing_state.Standing:
        """Where it stands."""
        return listing_state.standing(self, waits_for_hand=self.waits_for_hand)

    @property
    def words(self) -> str:
        """What its tag says."""
        return listing_state.words(self, discover().get(self.kind), waits_for_hand=self.waits_for_hand)


@dataclass(frozen=True, slots=True)
class ListingRow:
    """One line of the table: the stored facts, and the numbers computed for this page."""

    shown: Shown
    available: int | None
    outstanding: int | None
    calculated: int | None
    offered: int | None
    own_orders: int = 0  # of them, units on the channel's own open orders
    variations: int = 0  # how many the channel's listing has that it is one of; 0: it is one by itself

    @property
    def differs(self) -> bool:
        """Whether the channel shows another number than we offer, as `listing_state.differs` has it."""
        own = self.shown
        known = own.is_pushable and None not in (self.offered, own.last_imported)
        return (
            known and self.offered != own.last_imported and not (own.is_read_before and own.last_synced == self.offered)
        )

    @property
    def short(self) -> int:
        """How many more are promised than there are."""
        return max(-(self.calculated or 0), 0)


@lru_cache(maxsize=1)
def rows_query() -> AnyRows:
    """Listings with everything a row shows, in the order of Shown's fields."""
    others = {"integration": Integration.name, "kind": Integration.kind, "is_in_catalog": is_in_catalog()}
    others["waits_for_hand"] = hand_due.is_waiting()
    columns = [others[name] if name in others else getattr(Listing, name) for name in Shown.__dataclass_fields__]
    return sa.select(*columns).join(Integration, Integration.id == Listing.integration_id)


def find(wanted: ListingFilter, after: int | None = None, before: int | None = None) -> Page[ListingRow]:
    """One page by title: the listings behind `after`, or those right in front of `before`."""
    query = rows_query().where(*conditions(wanted))
    place = _place(before if before is not None else after)
    order = sa.tuple_(Listing.title, Listing.id)
    if before is not None and place is not None:
        back = query.where(order < place).order_by(Listing.title.desc(), Listing.id.desc()).limit(SIZE + 1)
        rows = list(db.session.execute(back))
        shown = [Shown(*row) for row in rows[:SIZE]][::-1]
        return Page(with_numbers(shown), shown[0].id if len(rows) > SIZE else None, shown[-1].id if shown else None)
    if place is not None:
        query = query.where(order > place)
    rows = list(db.session.execute(query.order_by(Listing.title, Listing.id).limit(SIZE + 1)))
    shown = [Shown(*row) for row in rows[:SIZE]]
    previous = shown[0].id if place is not None and shown else None
    return Page(with_numbers(shown), previous, shown[-1].id if len(rows) > SIZE else None)


def _place(listing_id: int | None) -> sa.Tuple | None:
    if listing_id is None:
        return None
    row = db.session.execute(sa.select(Listing.title, Listing.id).where(Listing.id == listing_id)).first()
    return sa.tuple_(sa.literal(row.title), sa.literal(row.id)) if row else None


def with_numbers(shown: Sequence[Shown]) -> list[ListingRow]:
    """The rows with what may be sold now, from one call of the rule."""
    offers = quantities(listings=[row.id for row in shown]) if shown else {}
    sizes = listing_groups.sizes((row.integration_id, row.group_id) for row in shown)
    return [_row(row, offers.get(row.id), sizes.get((row.integration_id, row.group_id), 0)) for row in shown]


def _row(shown: Shown, offer: Offer | None, variations: int) -> ListingRow:
    if offer is None or offer.quantity is None:
        return ListingRow(shown, None, None, None, None, variations=variations)
    number = offer.quantity
    parts = (number.available, number.outstanding, number.calculated, offer.offered, offer.own_orders)
    return ListingRow(shown, *parts, variations=variations)


def tab_counts(wanted: ListingFilter) -> dict[str, int]:
    """How many listings each tab, and each chip on the current tab, has; one statement, counting to 10,000."""
    tabs = {f"tab {key}": wanted.on(key) for key in TABS}
    chips = {f"chip {key}": wanted.only(key) for key in CHIPS}
    return keyset.counts(
        {key: sa.select(Listing.id).where(*conditions(each)) for key, each in {**tabs, **chips}.items()}
    )


def export(wanted: ListingFilter) -> Iterator[list[str]]:
    """The header and every listing of the filter, read in chunks; text is safe to open in a spreadsheet."""
    yield list(EXPORT_COLUMNS)
    query = rows_query().where(*conditions(wanted)).order_by(Listing.id)
    last = 0
    while rows := db.session.execute(query.where(Listing.id > last).limit(EXPORT_CHUNK)).all():
        last = rows[-1][0]
        yield from (_exported(row) for row in with_numbers([Shown(*row) for row in rows]))


def _exported(row: ListingRow) -> list[str]:
    own = row.shown
    texts = (own.integration, own.external_id, own.title, own.detail, own.sku)
    price = "" if own.price_cents is None else f"{own.price_cents / 100:.2f}"
    numbers = (own.last_imported, row.available, row.outstanding, row.calculated, row.offered, own.last_synced)
    synced_at = own.answered_at.isoformat(sep=" ", timespec="seconds")[:19] if own.answered_at else ""
    shown = ["" if number is None else str(number) for number in numbers]
    return [*map(quote, texts), price, own.currency, *shown, synced_at, own.words]
