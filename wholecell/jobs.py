"""What runs when. The scheduler only says "look now"; every job is a plain function over rows that the button
and the command line call too, so any number of processes may run it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from wholecell.config import Config
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Work
from wholecell.services import (
    due,
    erasure,
    offers,
    order_due,
    order_errors,
    outgoing_due,
    receipts,
    recompute,
    sending_due,
    settings,
    sync,
    upload_personal,
    work,
)
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

log = structlog.get_logger(__name__)

LOOK_EVERY = 0.5  # seconds: a change is seen within one second, also one made by another process
SWEEP_EVERY = timedelta(seconds=10)  # for what becomes due by time alone
RUNNERS = 6


class Looker:
    """Looks for work and hands each piece to a thread; one piece of each kind per integration at a time here."""

    def __init__(self, app: Flask, vault: Vault) -> None:
        """Run work of this app with logins from this vault."""
        self._app = app
        self._vault = vault
        self._pool = ThreadPoolExecutor(RUNNERS, thread_name_prefix="work")
        self._running: set[tuple[int, Kind]] = set()
        self._is_erasing = False
        self._lock = threading.Lock()
        self._swept_at: datetime | None = None
        self._everything_at = utcnow()

    def look(self) -> None:
        """Compute what changed, then start whatever work is wanted or due."""
        with self._app.app_context():
            try:
                changed = 0
                while offers.has_requests():
                    changed += offers.compute_requested()
                now = utcnow()
                self._look_at_everything(now)
                for integration_id, kind in wanted(now):
                    self._start(integration_id, kind)
                if changed or self._is_time_to_sweep(now):
                    self._start_pushes()
                    self._start_orders()
                    self._start_erasing()
            finally:
                db.session.remove()

    def _is_time_to_sweep(self, now: datetime) -> bool:
        if self._swept_at is not None and now - self._swept_at < SWEEP_EVERY:
            return False
        self._swept_at = now
        return True

    def _look_at_everything(self, now: datetime) -> None:
        """Now and then compute every listing, whatever was requested: no number rests on a request alone."""
        if now - self._everything_at >= timedelta(minutes=settings.get("quantities_every_minutes")):
            self._everything_at = now
            with transaction() as session:
                recompute.request_all(session, Cause.REGULAR, SYSTEM)
            order_errors.forget_payloads(now)
            upload_personal.forget_old(now)

    def _start_pushes(self) -> None:
        now = utcnow()
        order_due.ask_for_rises(now)
        for integration_id in {*due.integrations_with_due(now), *receipts.wait_for_answer(now)}:
            self._start(integration_id, Kind.PUSH_QUANTITIES)

    def _start_orders(self) -> None:
        """Hand over the orders that are new or changed."""
        for integration_id in outgoing_due.integrations_with_due():
            self._start(integration_id, Kind.SEND_ORDERS)

    def _start_erasing(self) -> None:
        """Forget the buyers that channels told us to forget."""
        if not self._is_erasing and erasure.is_waiting():
            self._is_erasing = True
            self._pool.submit(self._erase)

    def _erase(self) -> None:
        try:
            with self._app.app_context():
                erasure.erase_waiting(self._vault)
        except Exception as error:  # the notices still wait
            log.error("erasing failed", error=type(error).__name__)
        finally:
            self._is_erasing = False

    def _start(self, integration_id: int, kind: Kind) -> None:
        with self._lock:
            if (integration_id, kind) in self._running:
                return
            self._running.add((integration_id, kind))
        self._pool.submit(self._run, integration_id, kind)

    def _run(self, integration_id: int, kind: Kind) -> None:
        try:
            with self._app.app_context():
                now = utcnow()
                if kind not in (Kind.PUSH_QUANTITIES, Kind.SEND_ORDERS):
                    sync.run_work(
                        integration_id, kind, self._vault, only_if=is_wanted(now), when_computed=self._start_pushes
                    )
                    self._start_pushes()
                elif self._is_still_due(integration_id, kind, now):
                    sync.run_work(integration_id, kind, self._vault)
        except Exception as error:
            log.error("work failed", integration=integration_id, kind=kind.value, error=type(error).__name__)
        finally:
            with self._lock:
                self._running.discard((integration_id, kind))
            # What was computed while this run ended found it still running: look at the next occasion.
            self._swept_at = None

    def _is_still_due(self, integration_id: int, kind: Kind, now: datetime) -> bool:
        """Look again just before: another process may have sent it all, and an empty run would only fill History."""
        if kind is Kind.SEND_ORDERS:
            return outgoing_due.has_to_send(integration_id)
        is_asked = db.session.scalar(
            sa.select(Work.wanted_at).where(Work.integration_id == integration_id, Work.kind == Kind.PUSH_QUANTITIES)
        )
        return (
            is_asked is not None
            or bool(due.due_listings(integration_id, now, limit=1))
            or integration_id in receipts.wait_for_answer(now)
        )

    def stop(self) -> None:
        """Start nothing more and wait for what runs."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def readings_every() -> timedelta:
    """How old a channel's numbers may grow before they are read again."""
    return timedelta(minutes=settings.get("readings_every_minutes"))


def is_wanted(now: datetime) -> sa.ColumnElement[bool]:
    """The Work of the enclosing query has to be done: somebody asked, its time has come, or something waits for it."""
    return sa.or_(
        work.is_wanted(now, readings_every()),
        order_due.is_due(now),
        sending_due.is_wanted(),
        outgoing_due.are_shipments_wanted(now),
    )


def wanted(now: datetime) -> list[tuple[int, Kind]]:
    """All work that has to be done now; not what must wait or is being run."""
    free = sa.and_(
        sa.or_(Work.lease.is_(None), Work.lease_until < now),
        sa.or_(Work.not_before.is_(None), Work.not_before <= now),
        Integration.login_refused_at.is_(None),
        Integration.is_by_hand.is_(False),
    )
    query = (
        sa.select(Work.integration_id, Work.kind)
        .join(Integration, Integration.id == Work.integration_id)
        .where(free, is_wanted(now))
    )
    return [(integration_id, Kind(kind)) for integration_id, kind in db.session.execute(query)]


def start(app: Flask) -> BackgroundScheduler:
    """Start the one scheduler of this process."""
    config: Config = app.extensions["wholecell"]
    vault = Vault(config.credentials_keys)
    with app.app_context():
        vault.resume()
    looker = Looker(app, vault)
    scheduler = BackgroundScheduler(timezone="UTC", daemon=True)
    scheduler.add_job(looker.look, "interval", seconds=LOOK_EVERY, max_instances=1, coalesce=True, id="look")
    scheduler.start()
    app.extensions["looker"] = looker
    return scheduler


def stop(app: Flask, scheduler: BackgroundScheduler) -> None:
    """Look no more, and wait for what runs."""
    scheduler.shutdown()
    app.extensions["looker"].stop()
