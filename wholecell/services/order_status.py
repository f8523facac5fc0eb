"""A channel's word for an order and the status of ours it becomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel, Meaning
from wholecell.db import transaction
from wholecell.models import Event, Integration, OrderItem, SalesOrder, SalesOrderStatus, Shipment, StatusMapping
from wholecell.services import recompute, wanting
from wholecell.services.bulk import chunks, insert_new, table, update_rows
from wholecell.services.connect import channel_of
from wholecell.services.events import SYSTEM, Actor, event_row, record, record_many
from wholecell.services.order_state import item_lacks_units
from wholecell.services.recompute import Cause

SCANNED = "scanned"
# What timelines say about scanning; another word of the channel ends what was said before.
_ABOUT_SCANNING = (SCANNED, "to be scanned", "not from this stock", "channel status")
# States of a shipment that the channel was told of or is about to be.
ON_ITS_WAY = ("waiting", "sending", "sent")
_ORDER = table(SalesOrder)

# Built once, for they run with every page of orders.
_STATUS, _MAPPING, _SHIPMENT = table(SalesOrderStatus).c, table(StatusMapping).c, table(Shipment).c
_STATUSES = sa.select(_STATUS.id, _STATUS.title, _STATUS.counts_as_open)
_CHOSEN = sa.select(_MAPPING.word, _MAPPING.status_id).where(_MAPPING.integration_id == sa.bindparam("integration"))
_ON_THEIR_WAY = sa.select(_SHIPMENT.order_id).where(
    _SHIPMENT.order_id.in_(sa.bindparam("orders", expanding=True)),
    _SHIPMENT.voided_at.is_(None),
    _SHIPMENT.state.in_(ON_ITS_WAY),
)


@dataclass(frozen=True, slots=True)
class StatusMap:
    """The map of one integration, with what its channel means by its words."""

    by_word: Mapping[str, int | None]
    titles: Mapping[int, str]
    open_ids: frozenset[int]
    meanings: Mapping[str, Meaning]
    labels: Mapping[str, str]

    def status_of(self, word: str) -> int | None:
        """Our status for the channel's word; None while nobody chose one."""
        return self.by_word.get(word)

    def is_over(self, word: str, is_final: bool) -> bool:
        """Whether nothing is left to ship after this word; one that is not known says so by itself."""
        meaning = self.meanings.get(word)
        return is_final if meaning is None else meaning.is_over

    def counts_as_open(self, status_id: int | None, is_final: bool) -> bool:
        """Whether units of an order in this status of ours are wanted; without one, unless the word is final."""
        return not is_final if status_id is None else status_id in self.open_ids

    def label(self, word: str) -> str:
        """The channel's word for people."""
        return self.labels.get(word) or word


def load_map(session: Session, integration_id: int, channel: Channel) -> StatusMap:
    """The map as it is now, in two queries."""
    statuses = session.connection().execute(_STATUSES).all()
    return StatusMap(
        dict(session.connection().execute(_CHOSEN, {"integration": integration_id}).all()),
        {key: title for key, title, _ in statuses},
        frozenset(key for key, _, is_open in statuses if is_open),
        {word.word: word.means for word in channel.order_words},
        {word.word: word.label for word in channel.order_words},
    )


def ensure_map(session: Session, integration_id: int, channel: Channel) -> None:
    """Give every word of the channel a row, with the suggested status where one of that title exists.

    A word that has a row stays as it is, also when a person emptied it.
    """
    titles = {word.suggested for word in channel.order_words}
    query = sa.select(SalesOrderStatus.title, SalesOrderStatus.id).where(SalesOrderStatus.title.in_(titles))
    ids = dict(session.execute(query).all())
    add_words(session, integration_id, {word.word: ids.get(word.suggested) for word in channel.order_words})


def add_words(session: Session, integration_id: int, words: Mapping[str, int | None]) -> None:
    """List words in the map that it does not have yet."""
    rows = [
        {"integration_id": integration_id, "word": word, "status_id": status_id} for word, status_id in words.items()
    ]
    insert_new(session, table(StatusMapping), rows, unique=["integration_id", "word"])


def set_map(integration_id: int, choices: Mapping[str, int | None], actor: Actor) -> int:
    """Choose statuses for words of the channel; orders with a word whose status changes follow. Gives how many."""
    with transaction() as session:
        # No page of orders is stored meanwhile: its orders would keep the old map.
        integration = session.get_one(Integration, integration_id, with_for_update=True)
        now = load_map(session, integration_id, channel_of(integration))
        changed = {word: key for word, key in choices.items() if now.status_of(word) != key}
        add_words(session, integration_id, dict.fromkeys(choices.keys() - now.by_word.keys()))
        for word, status_id in changed.items():
            row = session.get_one(StatusMapping, (integration_id, word))
            row.status_id, old = status_id, row.status_id
            titles = [now.titles.get(key or 0, "not mapped") for key in (old, status_id)]
            record(session, actor, "integration", integration_id, f"map of {now.label(word)}"[:40], *titles)
        session.flush()
        return apply_map(session, integration_id, list(changed), actor)


def apply_map(
    session: Session, integration_id: int, words: Collection[str] | None = None, actor: Actor = SYSTEM
) -> int:
    """Give orders with these words of the channel the status that the map has for them; gives how many changed.

    Without `words`, only orders that wait for a status get one. An order whose own shipment is on its way stays
    shipped while the channel still says to ship it.
    """
    session.get_one(Integration, integration_id, with_for_update=True)
    is_asked = _ORDER.c.status_id.is_(None) if words is None else _ORDER.c.channel_status.in_(list(words))
    mapping = table(StatusMapping)
    is_its = sa.and_(mapping.c.integration_id == _ORDER.c.integration_id, mapping.c.word == _ORDER.c.channel_status)
    query = (
        sa.select(_ORDER.c.id, _ORDER.c.status_id, mapping.c.status_id.label("new"), _ORDER.c.channel_status)
        .add_columns(_ORDER.c.is_channel_status_final.label("is_final"), _ORDER.c.is_to_be_scanned)
        .join_from(_ORDER, mapping, is_its)
        .where(_ORDER.c.integration_id == integration_id, is_asked)
        .where(_ORDER.c.status_id.is_distinct_from(mapping.c.status_id))
        .order_by(_ORDER.c.id)
    )
    now = load_map(session, integration_id, channel_of(session.get_one(Integration, integration_id)))
    moved = 0
    for rows in chunks(session.connection().execute(query.with_for_update(of=_ORDER)).all()):
        moved += _move(session, now, rows, actor)
    return moved


def on_their_way(session: Session, order_ids: Collection[int]) -> set[int]:
    """Of these orders, those with a shipment of ours that the channel was told of or is about to be."""
    return set(session.connection().scalars(_ON_THEIR_WAY, {"orders": list(order_ids)}))


def _move(session: Session, now: StatusMap, rows: Sequence[Any], actor: Actor) -> int:
    is_told = on_their_way(session, [row.id for row in rows])
    going = [row for row in rows if not _stays(now, row, row.id in is_told)]
    update_rows(session, SalesOrder, [{"id": row.id, "status_id": row.new} for row in going])
    record_many(
        session,
        actor,
        [
            event_row("order", row.id, "status", *_titles(now, row), old_id=row.status_id, new_id=row.new)
            for row in going
        ],
    )
    turned = [
        row.id
        for row in going
        if not row.is_to_be_scanned
        and now.counts_as_open(row.status_id, row.is_final) != now.counts_as_open(row.new, row.is_final)
    ]
    touched: dict[int, set[int]] = {key: set() for key in turned}
    for item in wanting.items_of(session, turned):
        touched[item.order_id] |= item.candidates
    recompute.request_orders(session, Cause.STATUSES, actor, touched)
    return len(going)


def _stays(now: StatusMap, row: Any, is_told: bool) -> bool:
    is_open = now.counts_as_open(row.status_id, row.is_final)
    return is_told and not is_open and not now.is_over(row.channel_status, row.is_final)


def _titles(now: StatusMap, row: Any) -> list[str | None]:
    return [None if key is None else now.titles[key] for key in (row.status_id, row.new)]


def settle_scan(session: Session, order_id: int, actor: Actor) -> bool:
    """Nothing of an order *to be scanned* lacks a phone any more: let it go. Returns whether it did."""
    lacking = sa.exists().where(OrderItem.order_id == SalesOrder.id, item_lacks_units()).correlate(SalesOrder)
    update = sa.update(SalesOrder).where(SalesOrder.id == order_id, SalesOrder.is_to_be_scanned, ~lacking)
    # The rows in memory are refreshed by whoever reads them next: a subquery cannot be evaluated on them.
    options = {"synchronize_session": False}
    is_settled = bool(session.execute(update.values(is_to_be_scanned=False), execution_options=options).rowcount)  # type: ignore[attr-defined]
    if is_settled:
        record(session, actor, "order", order_id, SCANNED)
    return is_settled


def hold_scan_again(session: Session, order_id: int, actor: Actor) -> None:
    """A phone left an order whose scanning was done, as when it was the wrong one: it is to be scanned again."""
    said = sa.select(Event.kind).where(Event.subject == "order", Event.subject_id == order_id)
    last = said.where(Event.kind.in_(_ABOUT_SCANNING)).order_by(Event.id.desc()).limit(1)
    if session.scalar(last) != SCANNED or not any(item.lacking for item in wanting.items_of(session, [order_id])):
        return
    session.execute(sa.update(_ORDER).where(_ORDER.c.id == order_id).values(is_to_be_scanned=True))
    record(session, actor, "order", order_id, "to be scanned", None, "a phone was released")
