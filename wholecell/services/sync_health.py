"""How every integration fares: its state, figures of its listings, last and next runs, numbers sent by the hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.channels.contract import Channel, ImportsOrders
from wholecell.db import UtcDateTime, db, utcnow
from wholecell.models import Integration, Listing, QuantityPush, SyncRun, User, Work
from wholecell.services import hand_due, order_due, settings
from wholecell.services.budgets import Standing, standings
from wholecell.services.bulk import AnyRows
from wholecell.services.connect import can, signs_in, works_by_files
from wholecell.services.listing_state import differs, is_doubtful, is_ended, is_error, is_unfollowed
from wholecell.services.login_ends import LoginEnd, near_end
from wholecell.services.work import Kind

HOURS = 24


class State(StrEnum):
    """The tag of an integration, the first that fits."""

    REFUSED = "Login refused"
    IMPORTING = "Importing listings"
    WAITING = "Waiting"
    PREVIEW = "Preview"
    OFF = "Quantity sync off"
    SHIPPING = "Ships orders"  # no marketplace: nothing is listed there
    BY_HAND = "By hand"  # armed, and people carry its files
    ARMED = "Armed"


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one integration's listings; ended ones are only in `listings`.

    Those whose number the channel keeps itself may be connected, and are in no count of trouble.
    """

    listings: int = 0
    connected: int = 0
    unconnected: int = 0
    rejected: int = 0
    held: int = 0
    doubtful: int = 0
    unfollowed: int = 0
    differing: int = 0
    by_hand: int = 0  # wait for a manual update


@dataclass(frozen=True, slots=True)
class Hour:
    """Numbers sent within one hour, and how many of them were not accepted."""

    sent: int = 0
    bad: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """One integration with all of that."""

    integration: Integration
    channel: Channel
    figures: Figures
    works: Mapping[str, Work]
    hours: tuple[Hour, ...]
    last_sent_at: datetime | None
    running: SyncRun | None  # an import of listings on its way
    running_by: str
    now: datetime = field(default_factory=utcnow)
    reads_every: timedelta = timedelta(hours=1)
    orders_every: timedelta = timedelta(minutes=5)  # how often new orders are looked for
    budgets: Sequence[Standing] = ()  # the day's calls, shared by all logins of the channel

    @property
    def state(self) -> State:
        """What its tag says."""
        if self.integration.login_refused_at is not None:
            return State.REFUSED
        if self.running is not None:
            return State.IMPORTING
        if self.waiting is not None:
            return State.WAITING
        if self.channel.ships_orders:
            return State.SHIPPING
        if not self.integration.is_armed:
            return State.PREVIEW
        if not self.integration.pushes_quantities:
            return State.OFF
        return State.BY_HAND if self.integration.is_by_hand else State.ARMED

    @property
    def waiting(self) -> Work | None:
        """The work that must wait longest after a failure, None when none does."""
        return max(
            (each for each in self._later if each.failures), key=lambda each: each.not_before or self.now, default=None
        )

    @property
    def paused(self) -> list[Work]:
        """Work in which nothing failed: it waits for the channel's answer or for a limit."""
        return [each for each in self._later if not each.failures]

    @property
    def _later(self) -> list[Work]:
        return [each for each in self.works.values() if each.not_before is not None and each.not_before > self.now]

    @property
    def rises_waiting(self) -> Work | None:
        """The sending of quantities, while what raises them has to wait."""
        work = self.works.get(Kind.PUSH_QUANTITIES)
        return work if work is not None and work.rises_not_before and work.rises_not_before > self.now else None

    @property
    def login_end(self) -> LoginEnd | None:
        """When its login ends, from 30 days before."""
        return near_end(self.channel, self.integration.login, self.now)

    @property
    def signs_in(self) -> bool:
        """Whether its login is completed on the channel's own pages."""
        return signs_in(self.channel, self.integration.login)

    @property
    def last_good_at(self) -> datetime | None:
        """When work of any kind last ended well."""
        return max((each.last_good_at for each in self.works.values() if each.last_good_at), default=None)

    @property
    def next_at(self) -> datetime | None:
        """When it goes on: after a wait, else when the channel's numbers are read again; None without either."""
        if self.integration.login_refused_at is not None:
            return None
        if self.waiting is not None:
            return self.waiting.not_before
        if not self.integration.is_armed or self.integration.is_by_hand:
            return None
        reading = self.works.get(Kind.REPAIR)
        last = reading.last_started_at if reading else None
        return max((last or self.integration.armed_at or self.now) + self.reads_every, self.now)

    @property
    def has_orders(self) -> bool:
        """Whether its channel has orders to import."""
        return works_by_files(self.integration) or can(self.channel, ImportsOrders)

    @property
    def next_orders_at(self) -> datetime | None:
        """When new orders are looked for next; None while their import is off or stands still."""
        if not self.integration.imports_orders or self.integration.login_refused_at is not None:
            return None
        work = self.works.get(Kind.IMPORT_ORDERS)
        if work is None or work.last_started_at is None or work.wanted_at is not None:
            return max(self.now, work.not_before or self.now) if work else self.now
        return max(work.last_started_at + self.orders_every, work.not_before or self.now, self.now)

    @property
    def sent(self) -> int:
        """Numbers sent within 24 hours."""
        return sum(hour.sent for hour in self.hours)

    @property
    def not_accepted(self) -> int:
        """How many of them were not accepted."""
        return sum(hour.bad for hour in self.hours)


def all_health(now: datetime | None = None) -> list[Health]:
    """Every integration, in the order of the channels' cards, in a fixed number of queries."""
    now = now or utcnow()
    rows = list(db.session.scalars(sa.select(Integration).order_by(Integration.name, Integration.id)))
    if not rows:
        return []
    figures, works, hours, last_sent = _figures(), _works(), _hours(now), _last_sent()
    running = _running(now)
    chosen = settings.get_all()
    reads = timedelta(minutes=chosen["readings_every_minutes"])
    channels = discover()
    calls = {kind: standings(channels[kind], now) for kind in sorted({row.kind for row in rows})}
    places = {kind: place for place, kind in enumerate(channels)}
    return [
        Health(
            row,
            channels[row.kind],
            figures.get(row.id, Figures()),
            works.get(row.id, {}),
            hours.get(row.id, (Hour(),) * HOURS),
            last_sent.get(row.id),
            running.get(row.id, (None, ""))[0],
            running.get(row.id, (None, ""))[1],
            now,
            reads,
            order_due.every(channels[row.kind], chosen[settings.ORDERS_EVERY]),
            calls[row.kind],
        )
        for row in sorted(rows, key=lambda each: places[each.kind])
    ]


def health_of(integration_id: int) -> Health | None:
    """One integration."""
    return next((each for each in all_health() if each.integration.id == integration_id), None)


def _figures() -> dict[int, Figures]:
    def count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((condition, 1)))

    query = sa.select(
        Listing.integration_id,
        sa.func.count(),
        count(sa.and_(Listing.is_connected, ~is_ended())),
        count(sa.and_(~Listing.is_connected, Listing.is_pushable, ~is_ended())),
        count(is_error()),
        count(Listing.held.is_not(None)),
        count(is_doubtful()),
        count(is_unfollowed()),
        count(differs()),
        count(hand_due.is_waiting()),
    ).group_by(Listing.integration_id)
    return {key: Figures(*counts) for key, *counts in db.session.execute(query)}


def _works() -> dict[int, dict[str, Work]]:
    found: dict[int, dict[str, Work]] = defaultdict(dict)
    for row in db.session.scalars(sa.select(Work).execution_options(populate_existing=True)):
        found[row.integration_id][row.kind] = row
    return found


def _hours(now: datetime) -> dict[int, tuple[Hour, ...]]:
    """Numbers sent in each of the last 24 hours, the current one last."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    passed = sa.cast(sa.extract("epoch", QuantityPush.at), sa.Integer) - int(first.timestamp())
    hour = (passed // sa.literal(3600)).label("hour")
    bad = sa.func.count(sa.case((QuantityPush.outcome.in_(["rejected", "unknown", "not sent"]), 1)))
    query = (
        sa.select(QuantityPush.integration_id, hour, sa.func.count(), bad)
        .where(QuantityPush.at >= first)
        .group_by(QuantityPush.integration_id, hour)
    )
    found: dict[int, list[Hour]] = defaultdict(lambda: [Hour()] * HOURS)
    for key, place, sent, failed in db.session.execute(query):
        found[key][min(max(place, 0), HOURS - 1)] = Hour(sent, failed)
    return {key: tuple(hours) for key, hours in found.items()}


def _last_sent() -> dict[int, datetime]:
    newest = (
        sa.select(QuantityPush.at)
        .where(QuantityPush.integration_id == Integration.id)
        .order_by(QuantityPush.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return {key: at for key, at in db.session.execute(sa.select(Integration.id, newest)) if at is not None}


def _running(now: datetime) -> dict[int, tuple[SyncRun, str]]:
    """Imports of listings that are on their way, with who started them."""
    query = (
        sa.select(SyncRun, User.name)
        .join(Work, sa.and_(Work.integration_id == SyncRun.integration_id, Work.lease == SyncRun.lease))
        .outerjoin(User, User.id == SyncRun.user_id)
        .where(Work.kind == Kind.IMPORT_LISTINGS, Work.lease_until > now, SyncRun.finished_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return {run.integration_id: (run, name or "") for run, name in db.session.execute(query)}


@dataclass(frozen=True, slots=True)
class Pulse:
    """The line in the top bar."""

    connected: int
    in_sync: int
    trouble: str  # the name of one that needs a person, empty when none does
    previews: int  # those that send nothing because nobody armed them
    by_hand: int = 0  # those whose numbers people carry: whether they are in sync is not ours to say


def pulse(now: datetime | None = None) -> Pulse:
    """How many channels are in sync, in one query."""
    rows = db.session.execute(_pulse(), {"now": now or utcnow()}).all()
    refused = [row.name for row in rows if row.login_refused_at is not None]
    waiting = [row.name for row in rows if row.login_refused_at is None and row.waits]
    calm = [row for row in rows if row.login_refused_at is None and not row.waits]
    shippers = {kind for kind, channel in discover().items() if channel.ships_orders}  # nothing of theirs is armed
    armed = [row for row in calm if row.armed_at is not None or row.kind in shippers]
    by_hand = sum(row.is_by_hand for row in armed if row.kind not in shippers)
    trouble = next(iter([*refused, *waiting]), "")
    return Pulse(len(rows), len(armed) - by_hand, trouble, len(calm) - len(armed), by_hand)


@cache  # it is asked with every page, and writing it down takes longer
def _pulse() -> AnyRows:
    has_failed = sa.and_(Work.not_before > sa.bindparam("now", type_=UtcDateTime()), Work.failures > 0)
    waits = sa.func.max(sa.case((has_failed, 1), else_=0)).label("waits")
    return (
        sa.select(Integration.name, Integration.login_refused_at, waits, Integration.armed_at, Integration.is_by_hand)
        .add_columns(Integration.kind)
        .outerjoin(Work, Work.integration_id == Integration.id)
        .group_by(Integration.id)
        .order_by(Integration.name)
    )
