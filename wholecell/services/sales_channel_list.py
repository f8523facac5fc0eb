"""The names of places orders come from, as people keep them; a connected channel's own name is matched elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.db import db, transaction
from wholecell.models import Integration, SalesChannel, SalesOrder
from wholecell.services.events import Actor, record
from wholecell.services.refusal import AsksFirst, Refusal

GONE = "That sales channel is gone: load the page again."


@dataclass(frozen=True, slots=True)
class Row:
    """One channel, how many orders carry its name, and the integrations whose orders always do."""

    id: int
    name: str
    orders: int
    integrations: tuple[str, ...]


def rows() -> list[Row]:
    """All channels by name, in three queries."""
    orders: Mapping[str, int] = dict(
        db.session.execute(sa.select(SalesOrder.channel, sa.func.count()).group_by(SalesOrder.channel)).all()
    )
    connected = _integrations()
    query = sa.select(SalesChannel.id, SalesChannel.name).order_by(sa.func.lower(SalesChannel.name))
    return [
        Row(key, name, orders.get(name, 0), tuple(connected.get(name, ()))) for key, name in db.session.execute(query)
    ]


def _integrations() -> dict[str, list[str]]:
    """The names of integrations by the exact name their channel's orders carry."""
    channels = discover()
    found: dict[str, list[str]] = {}
    for kind, name in db.session.execute(sa.select(Integration.kind, Integration.name).order_by(Integration.name)):
        if kind in channels:
            found.setdefault(channels[kind].name, []).append(name)
    return found


def _lock(session: Session) -> None:
    """Let one change of the list happen after the other, so that two cannot take one name."""
    session.execute(sa.select(SalesChannel.id).with_for_update())


def _row(session: Session, channel_id: int) -> SalesChannel:
    row = session.get(SalesChannel, channel_id)
    if row is None:
        raise Refusal(GONE)
    return row


def _clean(session: Session, name: str, own_id: int | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refusal("The sales channel needs a name.")
    if len(name) > 60:
        raise Refusal("The name is longer than 60 characters: shorten it.")
    same = sa.select(SalesChannel.name).where(sa.func.lower(SalesChannel.name) == name.lower())
    if (there := session.scalar(same if own_id is None else same.where(SalesChannel.id != own_id))) is not None:
        raise Refusal(f"There is already a sales channel named {there}: choose another name.")
    return name


def add(name: str, actor: Actor) -> int:
    """Add a channel. Raises Refusal."""
    with transaction() as session:
        _lock(session)
        row = SalesChannel(name=_clean(session, name))
        session.add(row)
        session.flush()
        record(session, actor, "account", 0, "sales channel added", None, row.name, new_id=row.id)
        return row.id


def rename(channel_id: int, name: str, actor: Actor, *, is_sure: bool = False) -> None:
    """Rename a channel, on orders made by hand too; imported ones keep the name their channel gives.

    Raises AsksFirst when a connected channel has exactly the old name, Refusal when the new one cannot be taken.
    """
    with transaction() as session:
        _lock(session)
        row = _row(session, channel_id)
        new, old = _clean(session, name, channel_id), row.name
        if new == old:
            return
        if (mine := _integrations().get(old)) and not is_sure:
            raise AsksFirst(
                f"Orders of {', '.join(mine)} carry exactly the name {old}, and other programs match it letter for "
                "letter. They keep it, and only orders made by hand get the new name. Rename it anyway?"
            )
        row.name = new
        by_hand = sa.update(SalesOrder).where(SalesOrder.channel == old, SalesOrder.integration_id.is_(None))
        session.execute(by_hand.values(channel=new))
        record(session, actor, "account", 0, "sales channel renamed", old, new, new_id=channel_id)


def delete(channel_id: int, actor: Actor) -> None:
    """Delete a channel no order carries and no integration needs. Raises Refusal."""
    with transaction() as session:
        _lock(session)
        row = _row(session, channel_id)
        if mine := _integrations().get(row.name):
            raise Refusal(f"Orders of {', '.join(mine)} carry the name {row.name}, so it cannot be deleted.")
        used = sa.select(sa.func.count()).select_from(SalesOrder).where(SalesOrder.channel == row.name)
        if orders := session.scalar(used):
            said = "1 order carries" if orders == 1 else f"{orders:,} orders carry"
            raise Refusal(f"{said} the name {row.name}, so it cannot be deleted. You can rename it.")
        record(session, actor, "account", 0, "sales channel deleted", row.name, None, old_id=channel_id)
        session.delete(row)
