"""What an integration's pages show of its orders: counts by what they need, and those that could not be stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import OrderImportError, SalesOrder
from wholecell.services import order_state, work
from wholecell.services.events import Actor, record
from wholecell.services.order_errors import NO_ID
from wholecell.services.order_filter import open_orders
from wholecell.services.refusal import Refusal
from wholecell.services.work import Kind

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one integration's open orders, and of orders that could not be stored."""

    open: int = 0
    to_accept: int = 0
    to_scan: int = 0
    unmapped: int = 0
    errors: int = 0


def figures() -> dict[int, Figures]:
    """Those of every integration, in three queries that read open orders and those to accept only."""

    def count(condition: sa.ColumnExpressionArgument[bool]) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((sa.and_(condition), 1)))

    query = (
        sa.select(
            SalesOrder.integration_id,
            sa.func.count(),
            sa.literal(0),
            count(SalesOrder.is_to_be_scanned),
            count(order_state.is_unmapped()),
        )
        .where(SalesOrder.integration_id.is_not(None), SalesOrder.id.in_(open_orders()))
        .group_by(SalesOrder.integration_id)
    )
    failed = sa.select(OrderImportError.integration_id, sa.func.count()).where(OrderImportError.dismissed_at.is_(None))
    found = {key: Figures(*counts) for key, *counts in db.session.execute(query) if key is not None}
    to_accept = sa.select(SalesOrder.integration_id, sa.func.count()).where(order_state.is_to_accept())
    for own, units in db.session.execute(to_accept.group_by(SalesOrder.integration_id)):
        if own is not None:
            found[own] = replace(found.get(own, Figures()), to_accept=units)
    for key, count_of in db.session.execute(failed.group_by(OrderImportError.integration_id)):
        found[key] = replace(found.get(key, Figures()), errors=count_of)
    return found


def figures_of(integration_id: int) -> Figures:
    """Those of one integration."""
    return figures().get(integration_id, Figures())


@dataclass(frozen=True, slots=True)
class Failed:
    """An order that could not be stored; what the channel sent stays encrypted."""

    id: int
    external_id: str
    reason: str
    first_at: datetime
    last_at: datetime
    tries: int
    dismissed_at: datetime | None

    @property
    def has_id(self) -> bool:
        """Whether the channel can be asked for it again."""
        return not self.external_id.startswith(NO_ID)


def failed(integration_id: int) -> Sequence[Failed]:
    """Orders that could not be stored, those a person left alone last."""
    error = OrderImportError
    columns = (error.id, error.external_id, error.reason, error.first_at, error.last_at, error.tries)
    query = sa.select(*columns, error.dismissed_at).where(error.integration_id == integration_id)
    ordered = query.order_by(error.dismissed_at.is_not(None), error.last_at.desc(), error.id.desc()).limit(SHOWN)
    return [Failed(*row) for row in db.session.execute(ordered)]


def try_again(integration_id: int, error_id: int, actor: Actor) -> None:
    """Ask for an import, which asks for this order by its id. Raises Refusal."""
    with transaction() as session:
        _get(session, integration_id, error_id).dismissed_at = None
        work.ask(integration_id, Kind.IMPORT_ORDERS, actor)


def leave(integration_id: int, error_id: int, actor: Actor) -> None:
    """Stop showing it among what needs a person; told again by the channel, it comes back. Raises Refusal."""
    with transaction() as session:
        error = _get(session, integration_id, error_id)
        if error.dismissed_at is None:
            error.dismissed_at = utcnow()
            record(session, actor, "integration", integration_id, "import error left", None, error.external_id)


def _get(session: sa.orm.Session, integration_id: int, error_id: int) -> OrderImportError:
    error = session.get(OrderImportError, error_id)
    if error is None or error.integration_id != integration_id:
        raise Refusal("This order is stored meanwhile: it is among the others now.")
    return error
