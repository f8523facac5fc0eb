"""What an order did to quantities: which listings' numbers it changed, and when their channels were told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from wholecell.db import db
from wholecell.models import Integration, Listing, OfferChange, OfferChangeOrder, QuantityPush, SalesOrder
from wholecell.services.listing_state import Standing, standing

MOST = 60


class Told(StrEnum):
    """Whether the channel knows the number."""

    YES = "yes"
    ON_ITS_WAY = "on its way"
    NO = "no"
    NOTHING = "nothing to send"


@dataclass(frozen=True, slots=True)
class Effect:
    """One number this order changed; `seconds` passed until the channel was told, `words` say why it was not."""

    at: datetime
    cause: str
    listing_id: int
    title: str
    integration: str
    kind: str
    old: int | None
    new: int | None
    told: Told
    told_at: datetime | None
    run_id: int | None
    integration_id: int
    words: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return None if self.told_at is None else max((self.told_at - self.at).total_seconds(), 0)


def of_order(order_id: int) -> list[Effect]:
    """The numbers an order changed, the newest last, with the first number sent after each. One query."""
    rows: Sequence[sa.Row[OfferChange, Listing, Integration, QuantityPush]] = db.session.execute(
        _of_order(), {"order": order_id}
    ).all()
    return [_effect(*row) for row in reversed(rows)]


@cache  # writing it down takes longer than asking it
def _of_order() -> sa.Select[OfferChange, Listing, Integration, QuantityPush]:
    change, push = OfferChange, aliased(QuantityPush)
    return (
        sa.select(change, Listing, Integration, push)
        .join(OfferChangeOrder, OfferChangeOrder.change_id == change.id)
        .join(Listing, Listing.id == change.listing_id)
        .join(Integration, Integration.id == change.integration_id)
        .outerjoin(push, push.id == _first_push())
        .where(OfferChangeOrder.order_id == sa.bindparam("order"))
        .order_by(change.id.desc())
        .limit(MOST)
    )


def _first_push() -> sa.ScalarSelect[int]:
    """The first number sent to the listing since the change. The newest one sent anywhere before bounds the look."""
    before, after = aliased(QuantityPush), aliased(QuantityPush)
    bound = (
        sa.select(before.id)
        .where(before.at < OfferChange.at)
        .order_by(before.at.desc())
        .limit(1)
        .correlate(OfferChange)
        .scalar_subquery()
    )
    return (
        sa.select(sa.func.min(after.id))
        .where(after.listing_id == OfferChange.listing_id, after.id > sa.func.coalesce(bound, 0))
        .where(after.at >= OfferChange.at)
        .correlate(OfferChange)
        .scalar_subquery()
    )


def behind(listing_id: int, pushes: Sequence[QuantityPush]) -> dict[int, list[tuple[int, str]]]:
    """The orders (id, number) that changed the listing's number before each of these pushes, its newest ones.

    One query.
    """
    found: dict[int, list[tuple[int, str]]] = {}
    oldest_first = sorted(pushes, key=lambda push: push.id)
    query = (
        sa.select(OfferChange.at, SalesOrder.id, SalesOrder.number)
        .join(OfferChangeOrder, OfferChangeOrder.change_id == OfferChange.id)
        .join(SalesOrder, SalesOrder.id == OfferChangeOrder.order_id)
        .where(OfferChange.listing_id == listing_id)
        .order_by(OfferChange.id.desc(), SalesOrder.id.desc())
        .limit(MOST)
    )
    for at, order_id, number in db.session.execute(query):
        after = next((push.id for push in oldest_first if push.at >= at), None)
        if after is not None and (order_id, number) not in found.setdefault(after, []):
            found[after].append((order_id, number))
    return found


def _effect(change: OfferChange, listing: Listing, integration: Integration, push: QuantityPush | None) -> Effect:
    if push is not None and integration.is_by_hand and change.new is not None and push.new > change.new:
        push = None  # a file made before the change was entered after it
    told, words = _answer(push) if push else _why_not(change, listing, integration)
    return Effect(
        change.at,
        change.cause,
        listing.id,
        listing.title,
        integration.name,
        integration.kind,
        change.old,
        change.new,
        told,
        push.at if push else None,
        push.run_id if push else None,
        integration.id,
        words,
    )


def _answer(push: QuantityPush) -> tuple[Told, str]:
    return {
        "accepted": (Told.YES, ""),
        "pending": (Told.ON_ITS_WAY, "the channel works on it"),
        "rejected": (Told.NO, f"refused: {push.answer}" if push.answer else "refused"),
        "unknown": (Told.ON_ITS_WAY, "no clear answer, sent again"),
    }.get(push.outcome, (Told.ON_ITS_WAY, "not sent, waits"))


def _why_not(change: OfferChange, listing: Listing, integration: Integration) -> tuple[Told, str]:
    """Why no number left since the change, in words for people: the first reason that holds now."""
    known = listing.last_synced if listing.last_synced is not None else listing.last_imported
    reasons = (
        (change.new is None, Told.NOTHING, "not connected, sends nothing"),
        (integration.login_refused_at is not None, Told.NO, "the login is refused"),
        (integration.armed_at is None, Told.NOTHING, "preview, sends nothing"),
        (not integration.pushes_quantities, Told.NOTHING, "quantity sync is off"),
        (standing(listing) is Standing.THEIRS, Told.NOTHING, "the channel keeps its number itself"),
        (standing(listing) is Standing.LEFT, Told.NOTHING, "left alone"),
        (standing(listing) is Standing.ENDED, Told.NOTHING, "the listing ended"),
        (listing.held is not None, Told.NO, "held until a person agrees"),
        (listing.rejected_at is not None, Told.NO, "the channel refused the number"),
        (standing(listing) is Standing.ATTENTION, Told.NO, "the listing needs attention"),
        (known == change.new, Told.NOTHING, "the channel shows it already"),
    )
    waits = "waits to be entered by hand" if integration.is_by_hand else "waits for its turn"
    return next(((told, words) for holds, told, words in reasons if holds), (Told.ON_ITS_WAY, waits))
