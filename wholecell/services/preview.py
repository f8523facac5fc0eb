"""What an integration would send: now and would be for every listing, totals, and why numbers would be 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from wholecell.channels.contract import ListingState
from wholecell.db import db
from wholecell.models import Listing
from wholecell.services import guard, not_counted
from wholecell.services.availability import Offer, quantities
from wholecell.services.not_counted import Cause, Names, Place
from wholecell.services.rule_settings import RuleSettings, load_settings

SIZE = 50
CHANGES = ("zero", "lower", "higher")
KINDS = {
    "change": "Would change",
    "zero": "To zero",
    "lower": "Lower",
    "higher": "Higher",
    "same": "Same",
    "left": "Left alone",
    "unconnected": "Not connected",
}


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One listing: what the channel shows, and what it would be told (None: nothing)."""

    listing_id: int
    title: str
    detail: str
    sku: str
    kind: str  # a key of KINDS, never "change"
    now: int | None
    would_be: int | None
    offer: Offer
    held: str | None
    is_news: bool  # another number than the channel shows, or than we sent last
    why: Cause | None = None

    @property
    def words(self) -> str:
        """Why it would be this number."""
        if self.why is not None:
            return self.why.words
        if self.offer.quantity is None:
            return ""
        own = f", + {self.offer.own_orders:,} on its own open orders" if self.offer.own_orders else ""
        return not_counted.explain(self.offer.quantity) + own

    @property
    def short(self) -> int:
        """How many more are promised than there are."""
        return max(-self.offer.quantity.calculated, 0) if self.offer.quantity else 0


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole table, worst first, and its totals."""

    rows: Sequence[PreviewRow]
    counts: Mapping[str, int]
    now: int  # phones the channel shows in all
    would_be: int
    causes: Sequence[tuple[Cause, int]]  # why listings would fall to 0, the most frequent first
    rule: RuleSettings
    names: Names

    @property
    def active(self) -> int:
        """Listings whose number would follow ours."""
        return sum(self.counts[kind] for kind in (*CHANGES, "same"))

    @property
    def to_send(self) -> int:
        """How many numbers would leave."""
        return sum(row.is_news for row in self.rows)

    @property
    def is_guarded(self) -> bool:
        """Whether the guard would hold that many falls to 0 and rises back."""
        return guard.is_many(self.counts["zero"] + self.counts["higher"], self.active)

    @property
    def problem(self) -> str:
        """Why it cannot be armed; empty when it can."""
        missing = "status" if not self.rule.statuses else "warehouse" if not self.rule.warehouses else ""
        return f"No {missing} is ticked, so every listing would offer 0." if missing else ""

    def of(self, kind: str) -> list[PreviewRow]:
        """The rows of one tab."""
        wanted = CHANGES if kind == "change" else (kind,)
        return [row for row in self.rows if row.kind in wanted]


def preview_of(integration_id: int) -> Preview:
    """Compute it now, from one call of the rule and a fixed number of queries."""
    rule = load_settings()[integration_id]
    offers = quantities([integration_id])
    rows = [_row(found, offers[found.id]) for found in _listings(integration_id) if found.id in offers]
    known = not_counted.names()
    rows = _explained(rows, rule, known)
    rows.sort(key=lambda row: (list(KINDS).index(row.kind), row.title, row.listing_id))
    counts = Counter(row.kind for row in rows)
    counts["change"] = sum(counts[kind] for kind in CHANGES)
    followed = [row for row in rows if row.kind in (*CHANGES, "same")]
    causes = Counter((row.why.kind, row.why.row_id) for row in rows if row.why is not None)
    examples = {(row.why.kind, row.why.row_id): row.why for row in rows if row.why is not None}
    return Preview(
        rows,
        counts,
        sum(row.now or 0 for row in followed),
        sum(row.would_be or 0 for row in followed),
        [(examples[key], units) for key, units in causes.most_common()],
        rule,
        known,
    )


def _listings(integration_id: int) -> Sequence[Any]:
    query = sa.select(
        Listing.id,
        Listing.title,
        Listing.detail,
        Listing.sku,
        Listing.state,
        Listing.is_pushable,
        Listing.last_imported,
        Listing.last_synced,
        Listing.is_number_unknown,
        Listing.held,
    )
    return db.session.execute(
        query.where(Listing.integration_id == integration_id, Listing.state != ListingState.ENDED.value)
    ).all()


def _row(found: Any, offer: Offer) -> PreviewRow:
    now = found.last_imported if found.last_imported is not None else found.last_synced
    kind = _kind(found, now, offer)
    would_be = offer.offered if kind in (*CHANGES, "same") else None
    known = now if found.last_synced is None else found.last_synced
    is_news = would_be is not None and (would_be != now or would_be != known or found.is_number_unknown)
    return PreviewRow(found.id, found.title, found.detail, found.sku, kind, now, would_be, offer, found.held, is_news)


def _kind(found: Any, now: int | None, offer: Offer) -> str:
    if not found.is_pushable:
        return "left"
    if offer.offered is None:
        return "unconnected"
    if found.state == ListingState.NEEDS_ATTENTION:
        return "left"
    if offer.offered == (now or 0):
        return "same"
    if offer.offered > (now or 0):
        return "higher"
    return "lower" if offer.offered else "zero"


def _explained(rows: Sequence[PreviewRow], rule: RuleSettings, known: Names) -> list[PreviewRow]:
    """The rows that fall to 0 with their cause."""
    zeros = [row for row in rows if row.kind == "zero"]
    if not zeros:
        return list(rows)
    wanted = frozenset().union(*(row.offer.variations for row in zeros))
    phones = not_counted.places(wanted)
    return [_because(row, phones, rule, known) if row.kind == "zero" else row for row in rows]


def _because(row: PreviewRow, phones: Mapping[int, list[Place]], rule: RuleSettings, known: Names) -> PreviewRow:
    own = [place for variation in row.offer.variations for place in phones.get(variation, ())]
    if row.offer.quantity is None:
        return row
    return replace(row, why=not_counted.cause_of_zero(row.offer.quantity, not_counted.left_out(own, rule), known))
