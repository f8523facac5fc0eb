"""Listings of an integration that come by files: rows become what a channel's API would tell of its listings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import ListingState, RemoteListing
from wholecell.db import Base, db, transaction
from wholecell.models import Listing
from wholecell.services import order_matching
from wholecell.services import upload_channel_listing_writes as writes
from wholecell.services.bulk import chunks
from wholecell.services.events import Actor, Subject
from wholecell.services.money import shown_cents
from wholecell.services.sheet_cells import read_cents, read_code, read_units
from wholecell.services.sheets import Cell
from wholecell.services.upload_channel_listing_writes import record_of
from wholecell.services.upload_channel_sheets import ChannelSheet
from wholecell.services.upload_kinds import Applied, Field, Planned, Row, Stored, Switch

_ID = Field("listing_id", "listing_id", ("listing", "listing code", "id", "code"), is_text=True)
_DETAILS = ("condition", "carrier", "storage", "color")
COMPLETE = Switch(
    writes.COMPLETE,
    "This file holds all listings",
    "Listings that are not in it are marked ended. Leave it off for a part of them.",
)
_ON_SALE = (ListingState.ACTIVE, ListingState.OUT_OF_STOCK)


@dataclass(frozen=True, slots=True)
class Known:
    """The listings we have of those in the sheet, by their id there, and how many more are not ended."""

    listings: Mapping[str, tuple[int, RemoteListing]]
    living: frozenset[int]


class ChannelListings(ChannelSheet):
    """Rows are listings, found by their id on the channel."""

    model: type[Base] = Listing
    key = "listings"
    subject: Subject = "listing"
    label = "Listings sheet"
    noun, nouns = "listing", "listings"
    fields: tuple[Field, ...] = (
        _ID,
        Field("sku", "sku", ("seller sku", "custom sku"), is_text=True),
        Field("title", "title", ("name", "product")),
        Field("price", "price", is_amount=True),
        Field("quantity", "quantity", ("stock", "available"), is_amount=True),
        Field("status", "status", ("state",)),
        *(Field(key, key) for key in _DETAILS),
        Field("url", "url", ("link",)),
    )
    head: tuple[str, ...] = ("listing_id", "title")
    naming: tuple[str, ...] = ("title",)
    switches: tuple[Switch, ...] = (COMPLETE,)
    hint = (
        "listing_id finds a listing again, so it is needed; a listing connects by its sku. Format both columns as "
        "text: a spreadsheet that shows 3.5E+14 has lost digits, and such a row is refused."
    )
    undoes = (
        "Changed listings get their former values, and those marked ended come back. Listings it brought are marked "
        "ended, because a listing is never deleted."
    )

    def lacks(self, mapped: Collection[str]) -> str:
        """Only the listing's id is needed."""
        return self.lacks_column(mapped, "listing_id")

    def load(self, rows: Sequence[Row]) -> Known:
        """The listings with these ids, and the ids of all that are not ended."""
        found: dict[str, tuple[int, RemoteListing]] = {}
        own = Listing.integration_id == self.own_id
        for chunk in chunks(sorted({row.get("listing_id") for row in rows} - {""})):
            for listing in db.session.scalars(sa.select(Listing).where(own, Listing.external_id.in_(chunk))):
                found[listing.external_id] = (listing.id, record_of(listing))
        living = db.session.scalars(sa.select(Listing.id).where(own, Listing.state != ListingState.ENDED.value))
        return Known(found, frozenset(living))

    def plan(self, known: Known, rows: Sequence[Row], defaults: Mapping[str, str]) -> list[Planned]:
        """Each row against the listing with its id."""
        first: dict[str, int] = {}
        found = []
        for row in rows:
            planned = Planned()
            found.append(planned)
            key = read_code(row, "listing_id", planned, 120)
            if not key:
                planned.refuse("listing_id", "The listing_id is blank.")
            elif (other := first.setdefault(key, row.number)) != row.number:
                planned.refuse("listing_id", f"The same listing is on row {other} too: keep one of them.")
            planned.target_id, before = known.listings.get(key, (None, None))
            self._compare(row, before, planned)
        return found

    def _compare(self, row: Row, before: RemoteListing | None, planned: Planned) -> None:
        after = self._read(row, before, planned)
        if planned.outcome == "refused":
            return
        planned.plan = {"after": asdict(after), "before": asdict(before) if before else None}
        if before is None:
            planned.outcome = "new"
            if not after.sku:
                planned.reason = "It has no SKU, so it does not connect by itself."
            return
        for key, old, new in _differences(before, after):
            planned.change(key, old, new)

    def _read(self, row: Row, old: RemoteListing | None, planned: Planned) -> RemoteListing:
        """The listing as the row says it; what the sheet leaves out stays as it is."""
        base = old or RemoteListing(row.get("listing_id"), "", "", ListingState.ACTIVE, None)
        given: dict[str, Any] = {}
        if "sku" in row.values:
            given["sku"] = read_code(row, "sku", planned, 255)
        given["title"] = row.get("title")[:500] or base.title or given.get("sku", "") or base.external_id
        if "price" in row.values:
            given["price_cents"] = read_cents(row, "price", planned)
            given["currency"] = self.words.currency
        quantity = read_units(row, "quantity", planned)
        given["quantity"] = base.quantity if quantity is None else quantity
        if set(_DETAILS) & row.values.keys():
            given["detail"] = " ".join(filter(None, (row.get(key) for key in _DETAILS)))[:120]
        if row.get("url"):
            given["url"] = row.get("url")[:500]
        word = row.get("status").casefold()
        if word or old is None:
            given |= self._state(word or self.words.blank_listing, given["quantity"])
        elif old.state in _ON_SALE and given["quantity"] is not None:  # only the quantity parts the two
            given["state"] = ListingState.ACTIVE if given["quantity"] else ListingState.OUT_OF_STOCK
        return replace(base, **given)

    def _state(self, word: str, quantity: int | None) -> dict[str, Any]:
        known = self.words.listing_states.get(word)
        state = ListingState.NEEDS_ATTENTION if known is None else known
        if known in (ListingState.ACTIVE, ListingState.NEEDS_ATTENTION) and quantity == 0:
            state = ListingState.OUT_OF_STOCK  # it may be hidden only because of its 0: a number brings it back
        why = "" if state is not ListingState.NEEDS_ATTENTION else f"The file says “{word[:60]}”."
        return {"state": state, "channel_state": word[:60], "state_reason": why}

    def warnings(self, planned: Sequence[Planned], known: Known, options: Mapping[str, str]) -> list[str]:
        """How many listings a complete file would end."""
        if not options.get(COMPLETE.key):
            return []
        if lost := sum(each.outcome == "refused" and each.target_id is None for each in planned):
            rows = "1 row is refused and may be" if lost == 1 else f"{lost:,} rows are refused and may be"
            return [f"{rows} any listing, so this file marks nothing ended. Correct that and upload it again."]
        missing = len(known.living - {each.target_id for each in planned})
        if not missing:
            return []
        those = "1 listing is" if missing == 1 else f"{missing:,} listings are"
        return [f"{those} not in this file, which is said to hold all: applying marks {_it(missing)} ended."]

    def changes_more(self, session: Session) -> bool:
        """A complete file ends what it does not hold."""
        return bool(writes.missing(session, self.own_id, self.upload_id))

    def apply(self, session: Session, actor: Actor, rows: Sequence[Stored]) -> Applied:
        """Store the listings as an import would, and end what a complete file does not hold."""
        return writes.apply(session, actor, self.own_id, self.upload_id, rows)

    def settle(self, actor: Actor) -> None:
        """Orders that came before their listing are tied to it."""
        with transaction() as session:  # of its own: orders are locked before listings, never after
            order_matching.connect_loose(session, self.own_id, actor)

    def undo(self, session: Session, actor: Actor, rows: Sequence[Stored], batch_id: int) -> dict[int, str]:
        """Write back what the file changed, where nothing changed it since; what it brought is ended."""
        return writes.undo(session, actor, self.own_id, rows, batch_id)

    def describe(self, ids: Collection[int]) -> Mapping[int, str]:
        """Their titles."""
        found: dict[int, str] = {}
        for chunk in chunks(sorted(ids)):
            found.update(db.session.execute(sa.select(Listing.id, Listing.title).where(Listing.id.in_(chunk))).all())
        return found

    def export(self) -> Iterable[Sequence[Cell]]:
        """All listings that are not ended, in the columns of the sheet."""
        query = sa.select(Listing).where(
            Listing.integration_id == self.own_id, Listing.state != ListingState.ENDED.value
        )
        for listing in db.session.scalars(query.order_by(Listing.id)):
            word = listing.channel_state or self.words.blank_listing
            price = shown_cents(listing.price_cents)
            known = (listing.external_id, listing.sku, listing.title, price, listing.last_imported, word)
            yield [*known, listing.detail, "", "", "", listing.url]


def _it(count: int) -> str:
    return "it" if count == 1 else "them"


def _differences(old: RemoteListing, new: RemoteListing) -> Iterable[tuple[str, str, str]]:
    """Column, before and after of what a person would see change."""
    for key, before, after in (
        ("sku", old.sku, new.sku),
        ("title", old.title, new.title),
        ("price", shown_cents(old.price_cents), shown_cents(new.price_cents)),
        ("quantity", _number(old.quantity), _number(new.quantity)),
        ("status", old.channel_state or old.state.value, new.channel_state or new.state.value),
        ("condition", old.detail, new.detail),
        ("url", old.url, new.url),
    ):
        if before != after:
            yield key, before, after


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
