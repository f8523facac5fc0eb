"""The status map of one integration: its channel's words, and the statuses of ours they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from wholecell.channels.contract import Meaning
from wholecell.db import db, transaction
from wholecell.models import Integration, SalesOrder, SalesOrderStatus
from wholecell.services import order_status_list
from wholecell.services.events import Actor
from wholecell.services.integrations import save_settings, settings_of
from wholecell.services.status_words import CANCELED, contradiction, words_of


@dataclass(frozen=True, slots=True)
class MapRow:
    """One line of an integration's status map; `status_id` is what is saved, or suggested for a new word."""

    word: str
    label: str
    means: Meaning | None
    status_id: int | None
    is_new: bool  # not saved yet
    wants_canceled: bool  # it suggests Canceled, and there is no such status
    orders: int


def map_rows(integration: Integration, saved: Mapping[str, int | None]) -> list[MapRow]:
    """Every word of the channel, then those only orders carry; in two queries."""
    counted = sa.select(SalesOrder.channel_status, sa.func.count()).where(SalesOrder.integration_id == integration.id)
    orders = dict(db.session.execute(counted.group_by(SalesOrder.channel_status)).all())
    titles = sa.select(sa.func.lower(SalesOrderStatus.title), SalesOrderStatus.id)
    ours: dict[str, int] = dict(db.session.execute(titles).all())
    known = words_of(integration.kind)
    others = sorted((saved.keys() | orders.keys()) - known.keys() - {""})
    rows = []
    for word in (*known, *others):
        about = known.get(word)
        suggested = about.suggested if about else ""
        status_id = saved[word] if word in saved else ours.get(suggested.lower())
        lacks = suggested == CANCELED and CANCELED.lower() not in ours
        means, label = (about.means, about.label) if about else (None, word)
        rows.append(MapRow(word, label, means, status_id, word not in saved, lacks, orders.get(word, 0)))
    return rows


def statuses() -> list[SalesOrderStatus]:
    """Ours to choose from, in their order."""
    query = sa.select(SalesOrderStatus).order_by(SalesOrderStatus.position, SalesOrderStatus.id)
    return list(db.session.scalars(query))


def contradictions(kind: str, chosen: Mapping[str, int | None]) -> list[tuple[str, str, str]]:
    """Label, our title and what is wrong, of each word that would become a status whose flag says otherwise."""
    ours = {each.id: each for each in statuses()}
    found = []
    for word, about in words_of(kind).items():
        if (status := ours.get(chosen.get(word) or 0)) is None:
            continue
        if sentence := contradiction(about.means, status.title, status.counts_as_open):
            found.append((about.label, status.title, sentence))
    return found


def choose_canceled(integration_id: int, actor: Actor) -> int:
    """Add Canceled, and choose it for the words that suggest it and become nothing yet; gives how many those are."""
    with transaction() as session:
        integration = session.get_one(Integration, integration_id)
        now = settings_of(integration)
        rows = map_rows(integration, now.orders.statuses)
        status_id = order_status_list.add_canceled(actor)
        chosen = {row.word: status_id for row in rows if row.wants_canceled and row.status_id is None}
        orders = replace(now.orders, statuses={**now.orders.statuses, **chosen})
        save_settings(integration_id, replace(now, orders=orders), actor)
        return len(chosen)
