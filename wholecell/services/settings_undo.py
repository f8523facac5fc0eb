"""Take back a change of settings, such as one whose numbers the guard holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import ChangeBatch, Integration, InventoryStatus, SalesOrderStatus, Warehouse
from wholecell.services import order_status_list
from wholecell.services.events import Actor
from wholecell.services.integrations import IntegrationError, save_settings, settings_of
from wholecell.services.rule_settings import rule_as_json, rule_from_json


def undo(batch_id: int, actor: Actor) -> None:
    """Put the settings back as they were before this batch.

    What was merged away or deleted since stays unticked. Raises IntegrationError when it was taken back already.
    """
    with transaction() as session:
        claimed = session.execute(
            sa.update(ChangeBatch)
            .where(ChangeBatch.id == batch_id, ChangeBatch.undone_at.is_(None))
            .values(undone_at=utcnow(), undone_by_id=actor.user_id)
        )
        if not claimed.rowcount:  # type: ignore[attr-defined]
            raise IntegrationError("This change was taken back already.")
        before = session.get_one(ChangeBatch, batch_id).before
        if "order_status_id" in before:
            order_status_list.put_back(before, actor)
            return
        integration = session.get_one(Integration, before["integration_id"])
        now = settings_of(integration)
        rule = rule_from_json({**rule_as_json(now.rule), **before})  # a setting younger than the batch stays
        statuses = rule.statuses.intersection(session.scalars(sa.select(InventoryStatus.id)))
        warehouses = rule.warehouses.intersection(session.scalars(sa.select(Warehouse.id)))
        rule = replace(rule, statuses=statuses, warehouses=warehouses)
        orders = replace(now.orders, statuses=_words_back(session, before.get("order_statuses"), now.orders.statuses))
        save_settings(integration.id, replace(now, rule=rule, orders=orders), actor)


def _words_back(
    session: Session, before: Mapping[str, int | None] | None, now: Mapping[str, int | None]
) -> Mapping[str, int | None]:
    """The status map as it was; words seen since stay, a status deleted since is none."""
    if before is None:
        return now
    known = set(session.scalars(sa.select(SalesOrderStatus.id)))
    return {**now, **{word: status_id if status_id in known else None for word, status_id in before.items()}}
