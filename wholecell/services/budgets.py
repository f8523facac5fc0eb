"""Calls of a day, shared by all logins of one kind: a channel gives them to the seller's app, not to a login."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel, DailyBudget, RateLimit, WaitingError
from wholecell.db import db, transaction, utcnow
from wholecell.models import BudgetState

LONGEST_DAY = timedelta(hours=26)  # where clocks are set back it has 25; an end further away is a mistake


@dataclass(frozen=True, slots=True)
class Standing:
    """How a budget stands now."""

    says: str
    left: int
    ends_at: datetime
    is_kept: bool  # what is left is for numbers that fall


def standings(channel: Channel, now: datetime) -> list[Standing]:
    """How all budgets of a channel stand, in one query; in none where it has no budgets."""
    if not channel.budgets:
        return []
    rows = {row.name: row for row in db.session.scalars(sa.select(BudgetState).where(BudgetState.kind == channel.kind))}
    return [_standing(channel, budget, rows.get(budget.name), now) for budget in channel.budgets]


def _standing(channel: Channel, budget: DailyBudget, row: BudgetState | None, now: datetime) -> Standing:
    count, used, ends_at, says = budget.count, 0, day_end(budget.zone, now), budget.says
    if row is not None and row.count is not None and row.count != count:
        count, says = row.count, f"{channel.label} allows {row.count:,} {budget.name} a day"
    if row is not None and row.ends_at > now:
        used, ends_at = row.used, row.ends_at
    left = max(count - used, 0)
    return Standing(says, left, ends_at, left <= kept_back(budget, count))


def kept_back(budget: DailyBudget, count: Any) -> Any:
    """How many of a day's calls are for what is urgent: of other calls than assumed, the same share.

    `count` is a number or a column of one.
    """
    return count * budget.kept_back // max(budget.count, 1)


class KindLimiter:
    """The budgets of one kind, kept in the database."""

    def __init__(self, kind: str) -> None:
        """Count the calls of this kind's logins."""
        self._kind = kind

    def take(self, limit: RateLimit, units: int = 1) -> None:
        """A login that is not kept yet has no limits of its own."""

    def hold(self, limit: RateLimit, seconds: float) -> None:
        """As `take`."""

    def spend(self, budget: DailyBudget, units: int = 1, *, is_urgent: bool = False) -> None:
        """Count calls of today. Raises WaitingError until the day's end when only what is kept back is left."""
        now = utcnow()
        with transaction() as session:
            self._begin_day(session, budget, now)
            if self._take_units(session, budget, units, is_urgent):
                return
            ends_at = session.scalars(sa.select(BudgetState.ends_at).where(self._row(budget))).one()
        raise WaitingError(_sentence(budget, is_urgent), retry_after=math.ceil((ends_at - now).total_seconds()))

    def learn_budget(self, budget: DailyBudget, count: int, left: int, ends_at: datetime) -> None:
        """The channel says how many calls a day has, how many are left, and when it ends (aware UTC)."""
        now, count = utcnow(), max(count, 0)
        values: dict[str, object] = {"count": count, "used": count - min(max(left, 0), count)}
        if now < ends_at <= now + LONGEST_DAY:
            values["ends_at"] = ends_at
        with transaction() as session:
            self._begin_day(session, budget, now)
            session.execute(sa.update(BudgetState).where(self._row(budget)).values(values))

    def _begin_day(self, session: Session, budget: DailyBudget, now: datetime) -> None:
        """Have a row of today. An end further away than a day was written before the clock was set back."""
        insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
        new = {"kind": self._kind, "name": budget.name, "ends_at": day_end(budget.zone, now), "used": 0}
        session.execute(insert(BudgetState).values(new).on_conflict_do_nothing())
        is_over = sa.or_(BudgetState.ends_at <= now, BudgetState.ends_at > now + LONGEST_DAY)
        session.execute(sa.update(BudgetState).where(self._row(budget), is_over).values(used=0, ends_at=new["ends_at"]))

    def _take_units(self, session: Session, budget: DailyBudget, units: int, is_urgent: bool) -> bool:
        """The guarded UPDATE: of any number of processes, as many pass as there are calls."""
        state = BudgetState
        # A day of some million calls, times what is kept back, is more than PostgreSQL's integer holds.
        count = sa.func.coalesce(sa.cast(state.count, sa.BigInteger), budget.count)
        kept = 0 if is_urgent else kept_back(budget, count)
        update = sa.update(state).where(self._row(budget), state.used + units <= count - kept)
        return bool(session.execute(update.values(used=state.used + units)).rowcount)  # type: ignore[attr-defined]

    def _row(self, budget: DailyBudget) -> sa.ColumnElement[bool]:
        return sa.and_(BudgetState.kind == self._kind, BudgetState.name == budget.name)


def day_end(zone: str, now: datetime) -> datetime:
    """The next midnight there, as aware UTC."""
    tomorrow = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, ZoneInfo(zone)).astimezone(UTC)


def _sentence(budget: DailyBudget, is_urgent: bool) -> str:
    says = budget.says or f"A day has {budget.count:,} {budget.name}"
    return f"{says}; all are used." if is_urgent else f"{says}; the rest is kept for numbers that fall."
