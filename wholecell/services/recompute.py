"""What a change leaves behind so that the listings it touches are computed again.

The request is a row written in the change's own transaction: it can neither be lost nor seen too early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import utcnow
from wholecell.models import RecomputeRequest
from wholecell.services.bulk import insert_rows, table
from wholecell.services.events import Actor


class Cause(StrEnum):
    """Why a number may have changed. The guard looks at those that one slip can multiply."""

    ORDER = "order"
    COMMITMENT = "commitment"
    SCAN = "scan"
    ITEM = "one phone's edit"
    REGULAR = "regular look"
    UNDO = "undo"
    SETTINGS = "settings"
    STATUSES = "statuses"
    WAREHOUSES = "warehouses"
    SKU = "SKU"
    CONNECTION = "connection"
    MERGE = "merge"
    UPLOAD = "upload"
    BULK = "bulk edit"

    @property
    def is_guarded(self) -> bool:
        """Whether falls to 0 and rises from this cause wait when there are many."""
        return self not in {Cause.ORDER, Cause.COMMITMENT, Cause.SCAN, Cause.ITEM, Cause.REGULAR, Cause.UNDO}


def request(
    session: Session,
    cause: Cause,
    actor: Actor,
    *,
    variations: Iterable[int] = (),
    listings: Iterable[int] = (),
    integrations: Iterable[int] = (),
    order_id: int | None = None,
) -> None:
    """Ask for the listings of these variations, these listings or whole integrations to be computed again.

    Name the variations affected before and after the change, and the order it comes from where there is one.
    Joins the caller's transaction.
    """
    shared = {**_shared(cause, actor), "order_id": order_id}
    for column, ids in (("variation_id", variations), ("listing_id", listings), ("integration_id", integrations)):
        rows = [{column: each, **shared} for each in sorted(set(ids))]
        insert_rows(session, table(RecomputeRequest), rows)


def request_orders(
    session: Session,
    cause: Cause,
    actor: Actor,
    variations: Mapping[int, Iterable[int]],
    listings: Mapping[int, Iterable[int]] | None = None,
) -> None:
    """`request` for the variations, and single listings, of many orders, by order id."""
    shared = _shared(cause, actor)
    for column, found in (("variation_id", variations), ("listing_id", listings or {})):
        rows = [
            {column: each, "order_id": order_id, **shared}
            for order_id, some in sorted(found.items())
            for each in sorted(set(some))
        ]
        insert_rows(session, table(RecomputeRequest), rows)


def request_all(session: Session, cause: Cause, actor: Actor) -> None:
    """Ask for every listing to be computed again: something changed that all of them rest on."""
    session.execute(sa.insert(RecomputeRequest), [_shared(cause, actor)])


def _shared(cause: Cause, actor: Actor) -> dict[str, object]:
    cause = Cause.UNDO if actor.is_undoing else cause
    return {"cause": cause.value, "user_id": actor.user_id, "batch_id": actor.batch_id, "at": utcnow()}
