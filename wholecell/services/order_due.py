"""When orders are looked for: at an interval, and at once when a number waits to rise for an import."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from wholecell.channels.contract import Channel
from wholecell.db import transaction
from wholecell.models import Integration, Work
from wholecell.services import due, settings
from wholecell.services.connect import kinds_by
from wholecell.services.work import Kind

RISES_WAIT_AT_MOST = timedelta(minutes=1)  # an import that rises wait for starts no more often


def every(channel: Channel, minutes: float) -> timedelta:
    """How often this channel's orders are looked for when the account says `minutes`: no more often than it allows.

    A setting below what people may choose is a test's, and counts as it is.
    """
    chosen = timedelta(minutes=minutes)
    return chosen if minutes < settings.LEAST_ORDERS_EVERY else max(chosen, channel.orders_every)


def lag(channel: Channel, minutes: float) -> timedelta:
    """How long an import that rises wait for is put off; not at all where a test looks for orders all the time."""
    return timedelta(0) if minutes < settings.LEAST_ORDERS_EVERY else channel.orders_lag


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """The row of Work is an order import whose time has come, that failed and may go on, or that rises wait for."""
    minutes = settings.get(settings.ORDERS_EVERY)
    began = Work.last_started_at
    by_time = [
        sa.and_(_of(Integration.kind.in_(names)), sa.or_(began.is_(None), began < now - pause))
        for pause, names in kinds_by(lambda channel: every(channel, minutes)).items()
    ]
    asked = Integration.orders_wanted_at > sa.func.coalesce(Integration.orders_imported_from, due.NEVER)
    for_rises = sa.and_(sa.or_(*_lags(now, asked, minutes)), sa.or_(began.is_(None), began < now - RISES_WAIT_AT_MOST))
    # One that failed or waits does so as long as `not_before` says, which whoever starts it looks at.
    return sa.and_(
        Work.kind == Kind.IMPORT_ORDERS, _of(sa.true()), sa.or_(*by_time, for_rises, Work.not_before.is_not(None))
    )


def _lags(now: datetime, asked: sa.ColumnElement[bool], minutes: float) -> list[sa.ColumnElement[bool]]:
    """Asked for so long ago, by kind, that a reading begun now can hold every order from before it was asked for."""
    return [
        _of(sa.and_(asked, Integration.kind.in_(names), Integration.orders_wanted_at <= now - pause))
        for pause, names in kinds_by(lambda channel: lag(channel, minutes)).items()
    ]


def _of(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return Work.integration_id.in_(sa.select(Integration.id).where(Integration.imports_orders, condition))


def ask_for_rises(now: datetime) -> None:
    """Note which integrations have numbers that wait to rise until orders were imported."""
    waiting = due.integrations_waiting_for_orders(now)
    if not waiting:
        return
    is_asked = Integration.orders_wanted_at > sa.func.coalesce(Integration.orders_imported_from, due.NEVER)
    with transaction() as session:
        session.execute(
            sa.update(Integration)
            .where(Integration.id.in_(waiting), ~sa.func.coalesce(is_asked, sa.false()))
            .values(orders_wanted_at=now)
        )
