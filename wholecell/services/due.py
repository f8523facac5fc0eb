"""Which listings must be sent a number now, and why: one query over facts on the listing, never a message.

The facts are in models.integrations.Listing; what writes them is in offers, push and readings.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from wholecell.channels.contract import ListingState, Outcome
from wholecell.db import UtcDateTime, db
from wholecell.models import Integration, Listing, QuantityPush, Work
from wholecell.models.integrations import UNSETTLED
from wholecell.services.readings import MOST_TRIES
from wholecell.services.work import Kind

REJECTED_ZERO_AGAIN = timedelta(minutes=30)
NOW = sa.bindparam("due_now", type_=UtcDateTime())
ZERO_AGAIN_BEFORE = sa.bindparam("zero_again_before", type_=UtcDateTime())
NEVER = sa.literal(datetime(1970, 1, 2, tzinfo=UTC), UtcDateTime())

# Every statement that looks for work names it, so that it looks at these few listings alone.
IS_UNSETTLED = sa.text(f"({UNSETTLED})")


class Reason(StrEnum):
    """Why a number is sent."""

    FALL = "fewer to sell"
    UNKNOWN = "the channel's number is unknown"
    FIRST = "first number sent"
    RISE = "more to sell"
    ORDER = "an order came in"
    MORE_SHOWN = "the channel shows more"
    LESS_SHOWN = "the channel shows less"
    BY_HAND = "entered by hand"


@dataclass(frozen=True, slots=True)
class Due:
    """A number to send."""

    listing_id: int
    external_id: str
    sku: str
    number: int
    known: int | None  # what we believe the channel has
    reason: Reason

    @property
    def is_urgent(self) -> bool:
        """Whether it leaves also while what raises numbers has to wait."""
        return self.is_fall or self.number == 0

    @property
    def is_fall(self) -> bool:
        """Whether it lowers what the channel may sell, so that speed matters."""
        return self.reason in {Reason.FALL, Reason.MORE_SHOWN} or (self.known is not None and self.number < self.known)


def due_listings(
    integration_id: int, now: datetime, limit: int | None = None, only: Collection[int] | None = None
) -> list[Due]:
    """What must be sent for one integration now: drops to 0 first, then other falls, then the rest.

    Of the rest those go first whose number is unknown and may be too high.

    `only` looks at no other listings than these.
    """
    values: dict[str, Any] = {"integration": integration_id, **_times(now)}
    if limit is not None:
        values["most"] = limit
    if only is not None:
        values["only"] = list(only)
    found = db.session.execute(_due_listings(limit is not None, only is not None), values).all()
    return [Due(*row[:-1], Reason(row[-1])) for row in found]


def integrations_with_due(now: datetime) -> list[int]:
    """The integrations that have something to send."""
    return list(db.session.scalars(_integrations_with_due(), _times(now)))


def integrations_waiting_for_orders(now: datetime) -> list[int]:
    """The integrations with a number that may rise once an order import, begun from now on, has finished."""
    return list(db.session.scalars(_integrations_waiting_for_orders(), _times(now)))


# The scheduler asks twice a second: writing the questions down takes longer than asking them, so they are kept.


@cache
def _due_listings(is_limited: bool, is_narrow: bool) -> sa.Select[int, str, str, int, int | None, str]:
    """Of `integration`: at most `most`, and only those in `only`, where asked for."""
    known, number, reason = _columns()
    query = (
        sa.select(Listing.id, Listing.external_id, Listing.sku, number, known, reason)
        .join(Integration, Integration.id == Listing.integration_id)
        .where(IS_UNSETTLED, _is_due(), Listing.integration_id == sa.bindparam("integration"))
        .order_by(
            sa.case(
                (number == 0, 0),
                (sa.or_(number < known, _may_be_higher()), 1),
                (sa.and_(Listing.is_number_unknown, number <= known), 2),
                else_=3,
            ),
            Listing.id,
        )
    )
    if is_limited:
        query = query.limit(sa.bindparam("most", type_=sa.Integer()))
    return query.where(Listing.id.in_(sa.bindparam("only", expanding=True))) if is_narrow else query


@cache
def _integrations_with_due() -> sa.Select[int]:
    return (
        sa.select(Listing.integration_id)
        .join(Integration, Integration.id == Listing.integration_id)
        .where(IS_UNSETTLED, _is_due())
        .distinct()
    )


@cache
def _integrations_waiting_for_orders() -> sa.Select[int]:
    waits = sa.or_(Listing.last_offered > _known(), _order_seen())
    return (
        sa.select(Listing.integration_id)
        .join(Integration, Integration.id == Listing.integration_id)
        .where(
            IS_UNSETTLED,
            _may_push(),
            Integration.imports_orders,
            Listing.held.is_distinct_from("rise"),
            waits,
            ~_may_rise(),
        )
        .distinct()
    )


def _times(now: datetime) -> dict[str, datetime]:
    return {NOW.key: now, ZERO_AGAIN_BEFORE.key: now - REJECTED_ZERO_AGAIN}


def _known() -> ColumnElement[int | None]:
    """What the channel has as far as we know: what it accepted last, or before that what it showed."""
    return sa.func.coalesce(Listing.last_synced, Listing.last_imported)


def _is_unknown() -> ColumnElement[bool]:
    never_pushed = sa.and_(
        Listing.last_synced.is_(None),
        sa.or_(Listing.last_imported.is_(None), Listing.last_imported != Listing.last_offered),
    )
    # Seen by a run, *sending* was left behind by one that died; between runs it only starts one.
    return sa.or_(Listing.is_number_unknown, Listing.sending.is_not(None), never_pushed)


def _number() -> ColumnElement[int]:
    """What to send: the offered number, or while a rise must wait and the channel's is unknown, the lower of both."""
    known, offered = _known(), Listing.last_offered
    lower = sa.case((known < offered, known), else_=offered)
    return sa.case((sa.and_(_is_unknown(), ~_may_rise()), lower), else_=offered)


def _columns() -> tuple[ColumnElement[int | None], ColumnElement[int], ColumnElement[str]]:
    known, offered = _known(), Listing.last_offered
    reason = sa.case(
        (_may_be_higher(), Reason.FALL.value),
        (Listing.is_number_unknown, Reason.UNKNOWN.value),
        (sa.or_(offered < known, _is_fall()), Reason.FALL.value),
        (_is_unknown(), Reason.FIRST.value),
        (offered > known, Reason.RISE.value),
        (_order_seen(), Reason.ORDER.value),
        (Listing.last_imported > offered, Reason.MORE_SHOWN.value),
        else_=Reason.LESS_SHOWN.value,
    )
    return known, _number(), reason


def _is_due() -> ColumnElement[bool]:
    offered, known = Listing.last_offered, _known()
    no_receipt = Listing.receipt == ""
    rise = sa.and_(offered > known, _may_rise())
    # Never pushed and more to sell: it waits as a rise; nothing lower than what the channel has would be sent.
    first_waits = sa.and_(
        Listing.last_synced.is_(None),
        ~Listing.is_number_unknown,
        Listing.sending.is_(None),
        offered > known,
        ~_may_rise(),
    )
    unknown = sa.and_(_is_unknown(), ~first_waits)
    # A reading is news only when it began after the last answer had time to show.
    is_news = Listing.last_imported_at > sa.func.coalesce(Listing.settled_at, NEVER)
    more_shown = sa.and_(Listing.last_imported > offered, is_news, Listing.last_synced.is_not(None))
    less_shown = sa.and_(Listing.is_less_confirmed, Listing.less_shown < offered, Listing.tries < MOST_TRIES)
    order = sa.and_(_order_seen(), _may_rise())
    return sa.and_(
        _may_push(),
        sa.or_(_is_fall(), sa.and_(no_receipt, sa.or_(unknown, rise, order, more_shown, less_shown))),
        sa.or_(~_only_urgent(), _is_urgent()),
    )


def _is_urgent() -> ColumnElement[bool]:
    """`Due.is_urgent`, of a listing that is due."""
    known, number, reason = _columns()
    return sa.or_(reason.in_([Reason.FALL.value, Reason.MORE_SHOWN.value]), number < known, number == 0)


def _only_urgent() -> ColumnElement[bool]:
    """Whether what raises numbers waits, for a budget of the channel most likely; see `work.put_off_rises`."""
    # Not correlated: looked up once, not for each listing.
    waits = sa.select(Work.integration_id).where(Work.kind == Kind.PUSH_QUANTITIES, Work.rises_not_before > NOW)
    return Integration.id.in_(waits)


def _is_fall() -> ColumnElement[bool]:
    """Below what was accepted, or below an open feed's number unless a single call since then said so already."""
    offered = Listing.last_offered
    told_since = sa.and_(Listing.answered_at > Listing.receipt_at, Listing.last_synced <= offered)
    below_receipt = sa.and_(
        Listing.receipt != "", offered < Listing.receipt_number, ~sa.func.coalesce(told_since, sa.false())
    )
    return sa.or_(sa.and_(Listing.last_synced.is_not(None), offered < Listing.last_synced), below_receipt)


def _may_be_higher() -> ColumnElement[bool]:
    """A higher number was sent since the last answer, and nobody knows whether it arrived."""
    sent = sa.exists().where(
        QuantityPush.listing_id == Listing.id,
        QuantityPush.outcome == Outcome.UNKNOWN.value,
        QuantityPush.new > Listing.last_offered,
        QuantityPush.at > sa.func.coalesce(Listing.answered_at, NEVER),
    )
    return sa.and_(Listing.is_number_unknown, sent.correlate(Listing))


def _order_seen() -> ColumnElement[bool]:
    return sa.and_(
        Listing.order_seen_at.is_not(None),
        Listing.order_seen_at > sa.func.coalesce(Listing.answered_at, NEVER),
    )


def _may_rise() -> ColumnElement[bool]:
    """Not held by the guard, and an order import begun since the change has finished where orders are imported."""
    since = sa.func.coalesce(Listing.offered_at, NEVER)
    order = sa.func.coalesce(Listing.order_seen_at, NEVER)
    imported = sa.and_(Integration.orders_imported_from > since, Integration.orders_imported_from > order)
    return sa.and_(
        Listing.held.is_distinct_from("rise"),
        sa.or_(Integration.imports_orders.is_(False), sa.func.coalesce(imported, sa.false())),
    )


def _may_push() -> ColumnElement[bool]:
    """Armed, followed, on sale, and not waiting for a person."""
    followed = sa.or_(Listing.is_connected, Listing.is_set_to_zero)
    zero_again = sa.and_(Listing.last_offered == 0, Listing.rejected_at < ZERO_AGAIN_BEFORE)
    not_rejected = sa.or_(Listing.rejected_at.is_(None), Listing.rejected_number != _number(), zero_again)
    return sa.and_(
        Integration.armed_at.is_not(None),
        Integration.pushes_quantities,
        Integration.login_refused_at.is_(None),
        Integration.is_by_hand.is_(False),
        Listing.last_offered.is_not(None),
        followed,
        Listing.is_pushable,
        Listing.state.in_([ListingState.ACTIVE.value, ListingState.OUT_OF_STOCK.value]),
        ~sa.and_(Listing.held.is_not_distinct_from("zero"), Listing.last_offered == 0),
        not_rejected,
    )
