"""Buyers who were erased, kept as digests for a while, so that no later reading takes them in again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.models import ErasedBuyer
from wholecell.services.bulk import chunks, insert_new, table

# Until long after every page read before the erasure was stored. The channel itself tells of them no more.
KEPT_FOR = timedelta(days=30)
_BUYER = table(ErasedBuyer)


def add(session: Session, kind: str, names: Iterable[str], now: datetime) -> None:
    """Remember them, in the caller's transaction; drop those kept long enough."""
    rows = [{"digest": digest, "erased_at": now} for digest in sorted({_digest(kind, name) for name in names})]
    for chunk in chunks(rows):
        insert_new(session, _BUYER, chunk, unique=["digest"])
    session.execute(sa.delete(ErasedBuyer).where(ErasedBuyer.erased_at < now - KEPT_FOR))


def among(session: Session, kind: str, names: Collection[str]) -> set[str]:
    """Which of these names belong to erased buyers."""
    digests = {_digest(kind, name): name for name in names}
    found: set[str] = set()
    for chunk in chunks(digests):
        found |= {digests[key] for key in session.scalars(sa.select(_BUYER.c.digest).where(_BUYER.c.digest.in_(chunk)))}
    return found


def _digest(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}\n{name.strip().casefold()}".encode("utf-8", "replace")).hexdigest()
