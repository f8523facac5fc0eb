"""One runner at a time for each integration and kind of work, in any number of processes.

A run is claimed by one guarded UPDATE and holds a lease that it renews before each call; a runner that died
loses the lease by time alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, SyncRun, Work
from wholecell.services.bulk import table
from wholecell.services.events import Actor

T = TypeVar("T")

# Longer than the longest call (60 s in all), so that a lease cannot end during one.
LEASE = timedelta(seconds=90)
LONGEST_BACK_OFF = timedelta(minutes=15)
FIRST_BACK_OFF = timedelta(seconds=10)


class Kind(StrEnum):
    """What the engine does for an integration."""

    IMPORT_LISTINGS = "import-listings"
    IMPORT_ORDERS = "import-orders"
    PUSH_QUANTITIES = "push-quantities"
    SEND_SHIPMENTS = "send-shipments"  # and acceptances, and lines to cancel: all we tell a channel about an order
    REPAIR = "repair"
    SEND_ORDERS = "send-orders"  # to a program that ships them
    IMPORT_SHIPMENTS = "import-shipments"  # of such a program


# Built once, for they run with every page and every call.
_WORK, _RUN = table(Work), table(SyncRun)
_IS_ITS = sa.and_(_WORK.c.integration_id == sa.bindparam("integration"), _WORK.c.kind == sa.bindparam("work"))
_IS_STOP_ASKED = sa.select(_RUN.c.is_stop_asked).where(_RUN.c.id == sa.bindparam("run"))
_RENEW = (
    sa.update(_WORK).where(_IS_ITS, _WORK.c.lease == sa.bindparam("held")).values(lease_until=sa.bindparam("until"))
)
_WANTED_BY = (
    sa.select(_WORK.c.wanted_by_id, table(Integration).c.login_version)
    .join_from(_WORK, table(Integration), table(Integration).c.id == _WORK.c.integration_id)
    .where(_IS_ITS)
)
_STARTED = (
    sa.update(_WORK).where(_IS_ITS).values(wanted_at=None, wanted_by_id=None, last_started_at=sa.bindparam("now"))
)
_PROGRESS = (
    sa.update(_RUN)
    .where(_RUN.c.id == sa.bindparam("run"))
    .values(done=sa.bindparam("now_done"), total=sa.bindparam("of"), counts=sa.bindparam("so_far"))
)


class LeaseLostError(Exception):
    """Another runner took over: this one must stop without touching anything."""


class StopAskedError(Exception):
    """A person pressed Stop."""


@dataclass(slots=True)
class Run:
    """A claimed piece of work and its row in History."""

    run_id: int
    integration_id: int
    kind: Kind
    lease: str
    login_version: int = 1  # of the integration when this run began
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of the numbers that the run reports."""
        self.counts[name] = self.counts.get(name, 0) + by

    def keep(self, session: Session | None = None, now: datetime | None = None) -> None:
        """Renew the lease before a call. Raises LeaseLostError, or StopAskedError when a person asked to stop."""
        if session is None:
            with transaction() as own:
                self.keep(own, now)
            return
        if not self.renew(session, now):
            raise LeaseLostError
        if session.connection().scalar(_IS_STOP_ASKED, {"run": self.run_id}):
            raise StopAskedError

    def renew(self, session: Session, now: datetime | None = None) -> bool:
        """Renew the lease; False when another runner took over. Nobody can until the caller's transaction ends."""
        held = {"integration": self.integration_id, "work": self.kind.value, "held": self.lease}
        until = (now or utcnow()) + LEASE
        return bool(session.connection().execute(_RENEW, {**held, "until": until}).rowcount)

    def before_each(self, answers: Iterable[T]) -> Iterator[T]:
        """Draw the answers of a channel, renewing the lease before each, for drawing one may be a call."""
        found = iter(answers)
        while True:
            self.keep()
            try:
                answer = next(found)
            except StopIteration:
                return
            yield answer

    def progress(self, session: Session, done: int, total: int | None) -> None:
        """Show how far the run is, in the caller's transaction."""
        values = {"run": self.run_id, "now_done": done, "of": total, "so_far": dict(self.counts)}
        session.connection().execute(_PROGRESS, values)


def ensure_rows(session: Session, integration_id: int) -> None:
    """Give a new integration its row for every kind of work."""
    session.add_all(Work(integration_id=integration_id, kind=kind.value) for kind in Kind)
    session.flush()


def ask(integration_id: int, kind: Kind, actor: Actor) -> None:
    """Ask for a run as soon as possible; asking again while it runs or waits changes nothing."""
    with transaction() as session:
        session.execute(
            sa.update(Work)
            .where(Work.integration_id == integration_id, Work.kind == kind, Work.wanted_at.is_(None), may_be_called())
            .values(wanted_at=utcnow(), wanted_by_id=actor.user_id)
        )


def claim(
    integration_id: int,
    kind: Kind,
    actor: Actor,
    now: datetime | None = None,
    only_if: sa.ColumnElement[bool] | None = None,
) -> Run | None:
    """Become the one runner, or None: somebody runs it, it must wait, or its login was refused.

    `only_if` must still hold in the same statement: of schedulers that all saw work wanted, one does it.
    """
    now = now or utcnow()
    lease = secrets.token_hex(16)
    with transaction() as session:
        works = (Work.integration_id == integration_id) & (Work.kind == kind)
        if only_if is not None:
            works = works & only_if
        if not _take(session, works, lease, now):
            return None
        its = {"integration": integration_id, "work": kind.value}
        wanted_by, version = session.connection().execute(_WANTED_BY, its).one()
        session.connection().execute(_STARTED, {**its, "now": now})
        row = _paused(session, integration_id, kind)
        if row is None:
            _close_leftovers(session, integration_id, kind, now)
            user_id = actor.user_id if actor.user_id is not None else wanted_by
            row = SyncRun(integration_id=integration_id, kind=kind.value, user_id=user_id, started_at=now, counts={})
            session.add(row)
        row.lease, row.state, row.problem, row.advice, row.finished_at = lease, "running", "", "", None
        session.flush()
        return Run(row.id, integration_id, kind, lease, version, dict(row.counts))


def is_wanted(now: datetime, readings_every: timedelta) -> sa.ColumnElement[bool]:
    """A person asked for it, or it is a repair whose time has come since the integration was armed."""
    armed = Work.integration_id.in_(sa.select(Integration.id).where(Integration.armed_at < now - readings_every))
    reading_is_old = sa.and_(
        Work.kind == Kind.REPAIR,
        armed,
        sa.or_(Work.last_started_at.is_(None), Work.last_started_at < now - readings_every),
    )
    return sa.or_(Work.wanted_at.is_not(None), reading_is_old)


def _take(session: Session, works: sa.ColumnElement[bool], lease: str, now: datetime) -> bool:
    """The guarded UPDATE: of any number of runners, one changes the row."""
    free = sa.or_(Work.lease.is_(None), Work.lease_until < now)
    may_start = sa.or_(Work.not_before.is_(None), Work.not_before <= now)
    update = sa.update(Work).where(works, free, may_start, may_be_called(), _login_works())
    return bool(session.execute(update.values(lease=lease, lease_until=now + LEASE)).rowcount)  # type: ignore[attr-defined]


def may_be_called() -> sa.ColumnElement[bool]:
    """The integration of the Work is one that is called; where people carry files, nothing ever runs."""
    return sa.exists().where(Integration.id == Work.integration_id, Integration.is_by_hand.is_(False))


def _login_works() -> sa.ColumnElement[bool]:
    return sa.exists().where(Integration.id == Work.integration_id, Integration.login_refused_at.is_(None))


def _paused(session: Session, integration_id: int, kind: Kind) -> SyncRun | None:
    """The run that waits for the channel and goes on now."""
    row = session.scalar(_newest_run(), {"integration": integration_id, "work": kind.value})
    return row if row is not None and row.state == "waiting" else None


@cache
def _newest_run() -> sa.Select[SyncRun]:
    its = (SyncRun.integration_id == sa.bindparam("integration")) & (SyncRun.kind == sa.bindparam("work"))
    return sa.select(SyncRun).where(its).order_by(SyncRun.id.desc()).limit(1)


def _close_leftovers(session: Session, integration_id: int, kind: Kind, now: datetime) -> None:
    session.execute(
        sa.update(SyncRun)
        .where(SyncRun.integration_id == integration_id, SyncRun.kind == kind, SyncRun.finished_at.is_(None))
        .values(
            state="failed",
            finished_at=now,
            problem="The program stopped in the middle of this run.",
            advice="Nothing to do: the next run goes on from here.",
        )
    )


def finish(run: Run, *, now: datetime | None = None) -> None:
    """End a run that did all it had to."""
    now = now or utcnow()
    _end(run, now, "done", "", "", {"failures": 0, "not_before": None, "not_before_reason": "", "last_good_at": now})


def stop(run: Run) -> None:
    """End a run that a person stopped; what it did so far stays."""
    _end(run, utcnow(), "stopped", "Stopped by hand.", "", {})


def wait(run: Run, message: str, advice: str, retry_after: float | None) -> None:
    """End a run that must go on later: back off, or as long as the channel asked."""
    now = utcnow()
    failures = db.session.scalar(
        sa.select(Work.failures).where(Work.integration_id == run.integration_id, Work.kind == run.kind)
    )
    failures = (failures or 0) + 1
    pause = min(FIRST_BACK_OFF * 2 ** min(failures - 1, 10), LONGEST_BACK_OFF)
    if retry_after is not None:
        pause = max(pause, timedelta(seconds=retry_after)) if failures > 1 else timedelta(seconds=retry_after)
    values: dict[str, object] = {"failures": failures, "not_before": now + pause, "not_before_reason": message}
    if run.kind is Kind.IMPORT_LISTINGS:
        values |= _wanted_again(run, now)
    _end(run, now, "failed", message, advice or "Nothing to do: it is tried again by itself.", values)


def pause(run: Run, message: str, seconds: float) -> None:
    """Let a run wait for the channel: the next one goes on under the same row of History, and nothing failed."""
    now = utcnow()
    values: dict[str, object] = {
        "failures": 0,
        "not_before": now + timedelta(seconds=max(seconds, 1.0)),
        "not_before_reason": message,
        **_wanted_again(run, now),
    }
    _end(run, now, "waiting", message, "Nothing to do: it goes on by itself.", values)


def put_off_rises(run: Run, message: str, seconds: float) -> None:
    """Let what raises numbers wait, and nothing else: a limit is near, and the rest of it is for numbers that fall."""
    until = utcnow() + timedelta(seconds=max(seconds, 1.0))
    held = (Work.integration_id == run.integration_id) & (Work.kind == run.kind) & (Work.lease == run.lease)
    with transaction() as session:
        session.execute(sa.update(Work).where(held).values(rises_not_before=until, rises_reason=message))


def _wanted_again(run: Run, now: datetime) -> dict[str, object]:
    """The others become due by themselves."""
    return {"wanted_at": now} if run.kind in (Kind.IMPORT_LISTINGS, Kind.REPAIR) else {}


def refuse_login(run: Run, message: str, advice: str) -> None:
    """End a run whose login was refused: everything of this integration stops until a person gives a new one.

    One given while the call was under way was not the one refused: then nothing stops.
    """
    now = utcnow()
    # Listings are imported only when somebody asks: what they asked for goes on under the new login.
    asked_again: dict[str, object] = {"wanted_at": now} if run.kind is Kind.IMPORT_LISTINGS else {}
    with transaction() as session:
        session.execute(
            sa.update(Integration)
            .where(Integration.id == run.integration_id, Integration.login_version == run.login_version)
            .values(login_refused_at=now, login_problem=message)
        )
        _end(run, now, "failed", message, advice, asked_again)


def _end(run: Run, now: datetime, state: str, problem: str, advice: str, work: Mapping[str, object]) -> None:
    with transaction() as session:
        held = (Work.integration_id == run.integration_id) & (Work.kind == run.kind) & (Work.lease == run.lease)
        values = {"lease": None, "lease_until": None, **work}
        if session.execute(sa.update(Work).where(held).values(values)).rowcount:  # type: ignore[attr-defined]
            session.execute(
                sa.update(SyncRun)
                .where(SyncRun.id == run.run_id)
                .values(state=state, finished_at=now, problem=problem, advice=advice, counts=run.counts)
            )


def ask_stop(run_id: int) -> None:
    """Ask a run to stop before its next call."""
    with transaction() as session:
        session.execute(
            sa.update(SyncRun).where(SyncRun.id == run_id, SyncRun.finished_at.is_(None)).values(is_stop_asked=True)
        )
