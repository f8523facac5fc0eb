"""How far a kind of work of one integration is, in the states its progress row can show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, SyncRun, User, Work
from wholecell.services import work
from wholecell.services.events import Actor
from wholecell.services.work import Kind


class Stage(StrEnum):
    """What the progress row shows; only the first two change by themselves within seconds."""

    ASKED = "asked"
    RUNNING = "running"
    WAITING = "waiting"
    REFUSED = "login refused"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Progress:
    """The newest run of one kind of work, and what comes next."""

    stage: Stage
    run: SyncRun | None = None
    started_by: str = ""
    not_before: datetime | None = None
    reason: str = ""

    @property
    def is_live(self) -> bool:
        """Whether looking again in a second may show more."""
        return self.stage in (Stage.ASKED, Stage.RUNNING)


def progress_of(integration_id: int, kind: Kind, now: datetime | None = None) -> Progress:
    """Where this work stands, in two queries."""
    now = now or utcnow()
    asked = db.session.execute(
        sa.select(
            Work.wanted_at,
            Work.not_before,
            Work.not_before_reason,
            Work.lease_until,
            Integration.login_refused_at,
            Integration.login_problem,
        )
        .join(Integration, Integration.id == Work.integration_id)
        .where(Work.integration_id == integration_id, Work.kind == kind)
    ).first()
    newest = db.session.execute(
        sa.select(SyncRun, User.name)
        .outerjoin(User, User.id == SyncRun.user_id)
        .where(SyncRun.integration_id == integration_id, SyncRun.kind == kind)
        .order_by(SyncRun.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).first()
    run, name = newest if newest else (None, None)
    if asked is None:
        return Progress(Stage.NEVER)
    stage = _stage(asked, run, now)
    reason = asked.login_problem if stage is Stage.REFUSED else asked.not_before_reason
    return Progress(stage, run, name or "", asked.not_before if stage is Stage.WAITING else None, reason)


def _stage(asked: sa.Row[*tuple[object, ...]], run: SyncRun | None, now: datetime) -> Stage:
    if run is not None and run.finished_at is None:
        return Stage.RUNNING if asked.lease_until is not None and asked.lease_until > now else Stage.FAILED
    if asked.login_refused_at is not None:
        return Stage.REFUSED
    if asked.wanted_at is not None:
        return Stage.WAITING if asked.not_before is not None and asked.not_before > now else Stage.ASKED
    return Stage(run.state) if run is not None else Stage.NEVER


def ask(integration_id: int, kind: Kind, actor: Actor) -> bool:
    """Ask for a run unless one is running now; returns whether it was asked for."""
    if progress_of(integration_id, kind).stage is Stage.RUNNING:
        return False
    work.ask(integration_id, kind, actor)
    return True


def ask_everything(integration_id: int, actor: Actor) -> None:
    """Ask for all listings to be read where only what changed would be; after a run that is on its way."""
    with transaction() as session:
        session.get_one(Integration, integration_id).listings_read_at = None
    work.ask(integration_id, Kind.IMPORT_LISTINGS, actor)


def stop(integration_id: int, run_id: int) -> Kind | None:
    """Ask this integration's run to stop before its next call; gives what kind of work it is, None for no such run."""
    run = db.session.get(SyncRun, run_id)
    if run is None or run.integration_id != integration_id:
        return None
    kind = Kind(run.kind)
    work.ask_stop(run_id)
    return kind
