"""How often something may be tried, counted in the database: it holds across processes and restarts."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from wholecell.db import db, is_sqlite, transaction, utcnow
from wholecell.models import Throttle

PER_SUBJECT = RateLimitItemPerMinute(5, 10, namespace="subject")  # one e-mail address or person
PER_TOKEN = RateLimitItemPerMinute(300, namespace="token")  # calls of another system
PER_ADDRESS = RateLimitItemPerMinute(30, 10, namespace="address")  # one network address: an office shares it


class DatabaseStorage(Storage):
    """Counters in the table `throttle`, for the limits package."""

    STORAGE_SCHEME = ["wholecell"]
    base_exceptions = SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, or begin it again when its time is over; returns the new count."""
        now = utcnow()
        insert = sqlite.insert if is_sqlite() else postgresql.insert
        over = Throttle.expires_at <= now
        fresh = {"count": amount, "expires_at": now + timedelta(seconds=expiry)}
        statement = (
            insert(Throttle)
            .values(key=key, **fresh)
            .on_conflict_do_update(
                index_elements=[Throttle.key],
                set_={
                    "count": sa.case((over, amount), else_=Throttle.count + amount),
                    "expires_at": sa.case((over, fresh["expires_at"]), else_=Throttle.expires_at),
                },
            )
            .returning(Throttle.count)
        )
        with transaction() as session:
            session.execute(sa.delete(Throttle).where(Throttle.expires_at <= now, Throttle.key != key))
            return session.execute(statement).scalar_one()

    def get(self, key: str) -> int:
        """The counter now, 0 when its time is over."""
        query = sa.select(Throttle.count).where(Throttle.key == key, Throttle.expires_at > utcnow())
        return db.session.scalar(query) or 0

    def get_expiry(self, key: str) -> float:
        """When the counter begins again, as a timestamp."""
        at = db.session.scalar(sa.select(Throttle.expires_at).where(Throttle.key == key))
        return (at or utcnow()).timestamp()

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with transaction() as session:
            session.execute(sa.delete(Throttle).where(Throttle.key == key))

    def check(self) -> bool:
        """Whether the database answers."""
        return db.session.scalar(sa.select(sa.literal(1))) == 1

    def reset(self) -> int | None:
        """Forget all counters."""
        with transaction() as session:
            session.execute(sa.delete(Throttle))
        return None


_storage = DatabaseStorage()
_limiter = FixedWindowRateLimiter(_storage)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at something, such as signing in: whom it is about, and where it comes from."""

    action: str
    subject: str
    address: str

    def again_at(self) -> datetime | None:
        """When it may be tried again; None when it may be now."""
        blocked = [
            datetime.fromtimestamp(_limiter.get_window_stats(limit, *key).reset_time, UTC)
            for limit, key in self._counters()
            if not _limiter.test(limit, *key)
        ]
        return max(blocked, default=None)

    def failed(self) -> int:
        """Count this try as a failed one; returns how many more are allowed."""
        for limit, key in self._counters():
            _limiter.hit(limit, *key)
        return min(_limiter.get_window_stats(limit, *key).remaining for limit, key in self._counters())

    def _counters(self) -> tuple[tuple[RateLimitItemPerMinute, tuple[str, str]], ...]:
        # Hashed: people type passwords into the wrong field.
        subject = sha256(self.subject.strip().lower().encode()).hexdigest()
        return (PER_SUBJECT, (self.action, subject)), (PER_ADDRESS, (self.action, network(self.address)))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit after this call; `resets_in` is in seconds."""

    is_within: bool
    limit: int
    remaining: int
    resets_in: int


def spend_call(token_id: int) -> Allowance:
    """Count one call of an API token."""
    is_within = _limiter.hit(PER_TOKEN, str(token_id))
    reset, remaining = _limiter.get_window_stats(PER_TOKEN, str(token_id))
    return Allowance(is_within, PER_TOKEN.amount, remaining, seconds_until(datetime.fromtimestamp(reset, UTC)))


def seconds_until(at: datetime) -> int:
    """How long to wait until then, in whole seconds, at least one."""
    return max(int((at - utcnow()).total_seconds()) + 1, 1)


def last_code(user_id: int) -> int | None:
    """Which half minute's authenticator code this person used last, if that was lately."""
    return _storage.get(f"code/{user_id}") or None


def remember_code(user_id: int, half_minute: int) -> None:
    """Note the half minute whose code was used, for as long as it could be used again."""
    _storage.clear(f"code/{user_id}")
    _storage.incr(f"code/{user_id}", expiry=300, amount=half_minute)


def network(address: str) -> str:
    """The part of a network address one household or office has: all of IPv4, 64 bits of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
