"""What the tabs of one integration show beside its listings: phones behind each tick, its login, its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.db import db
from wholecell.models import (
    Commitment,
    Event,
    Integration,
    InventoryItem,
    InventoryStatus,
    Listing,
    QuantityPush,
    SyncRun,
    Warehouse,
)
from wholecell.services import integrations, logins
from wholecell.services.events import Actor
from wholecell.services.people_names import people_names
from wholecell.services.vault import Vault

HISTORY = 50
PUSHES = 200


@dataclass(frozen=True, slots=True)
class Tick:
    """A status or warehouse with how many phones in it are not committed."""

    id: int
    name: str
    units: int


def get(integration_id: int) -> Integration | None:
    """The row, None when there is none."""
    return db.session.get(Integration, integration_id)


def ticks(integration: Integration) -> tuple[list[Tick], list[Tick]]:
    """The statuses and the warehouses there are to tick; an archived one only while it is ticked."""
    rule = integrations.settings_of(integration).rule
    return (
        _ticks(InventoryStatus, InventoryItem.status_id, rule.statuses, InventoryStatus.position),
        _ticks(Warehouse, InventoryItem.warehouse_id, rule.warehouses, Warehouse.name),
    )


def _ticks(model: Any, column: Any, ticked: frozenset[int], order: Any) -> list[Tick]:
    committed = sa.exists().where(Commitment.item_id == InventoryItem.id, Commitment.released_at.is_(None))
    units = sa.select(column.label("key"), sa.func.count().label("units")).where(~committed).group_by(column).subquery()
    query = (
        sa.select(model.id, model.name, sa.func.coalesce(units.c.units, 0))
        .outerjoin(units, units.c.key == model.id)
        .where(sa.or_(model.is_archived.is_(False), model.id.in_(ticked)))
        .order_by(order, model.id)
    )
    return [Tick(*row) for row in db.session.execute(query)]


def merged_login(integration: Integration, entered: Mapping[str, str], vault: Vault) -> dict[str, str]:
    """What was entered, with the stored secret in place of each secret field that was left empty."""
    secret = discover()[integration.kind].secrets
    return logins.with_stored_secrets(entered, secret, integration.secrets, vault)


def stored_secrets(integration: Integration, vault: Vault) -> frozenset[str]:
    """The secret fields of its login that hold something; none where they cannot be decrypted any more."""
    kept = logins.with_stored_secrets({}, discover()[integration.kind].secrets, integration.secrets, vault)
    return frozenset(name for name, value in kept.items() if value)


def connect(kind: str, name: str, login: Mapping[str, str], vault: Vault, actor: Actor) -> Integration:
    """Check a login on its channel, then add the integration. Raises ChannelError or IntegrationError."""
    notes = logins.check(kind, login, vault)
    return integrations.add(kind, name, login, vault, actor, notes)


def replace_login(integration: Integration, login: Mapping[str, str], vault: Vault, actor: Actor) -> None:
    """Check a new login on the channel, then keep it. Raises ChannelError."""
    notes = logins.check(integration.kind, login, vault, integration.id)
    logins.change(integration.id, login, vault, actor, notes)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of History: a run, or a change somebody made."""

    at: datetime
    run: SyncRun | None
    event: Event | None
    by: str


@dataclass(frozen=True, slots=True)
class History:
    """One page of it, newest first; `before` leads to older lines."""

    lines: Sequence[Line]
    before: datetime | None


def history(integration_id: int, before: datetime | None = None) -> History:
    """Runs and changes together, by time, in three queries."""
    runs = sa.select(SyncRun).where(SyncRun.integration_id == integration_id)
    changes = sa.select(Event).where(Event.subject == "integration", Event.subject_id == integration_id)
    if before is not None:
        runs, changes = runs.where(SyncRun.started_at < before), changes.where(Event.at < before)
    found = [
        *db.session.scalars(runs.order_by(SyncRun.id.desc()).limit(HISTORY + 1)),
        *db.session.scalars(changes.order_by(Event.id.desc()).limit(HISTORY + 1)),
    ]
    people = people_names(each.user_id for each in found)
    lines = sorted((_line(each, people) for each in found), key=lambda line: line.at, reverse=True)
    shown = lines[:HISTORY]
    return History(shown, shown[-1].at if len(lines) > HISTORY else None)


def _line(each: SyncRun | Event, people: Mapping[int, str]) -> Line:
    by = people.get(each.user_id, "") if each.user_id is not None else ""
    if isinstance(each, SyncRun):
        return Line(each.started_at, each, None, by)
    return Line(each.at, None, each, by)


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run with the numbers it sent."""

    run: SyncRun
    by: str
    pushes: Sequence[tuple[QuantityPush, str]]  # with the listing's title
    more: bool


def run_page(integration_id: int, run_id: int) -> RunPage | None:
    """One run of this integration; None when there is none."""
    run = db.session.get(SyncRun, run_id, populate_existing=True)
    if run is None or run.integration_id != integration_id:
        return None
    rows = db.session.execute(
        sa.select(QuantityPush, Listing.title)
        .join(Listing, Listing.id == QuantityPush.listing_id)
        .where(QuantityPush.run_id == run_id)
        .order_by(QuantityPush.id)
        .limit(PUSHES + 1)
    ).all()
    by = people_names([run.user_id]).get(run.user_id or 0, "")
    return RunPage(run, by, [(push, title) for push, title in rows[:PUSHES]], len(rows) > PUSHES)
