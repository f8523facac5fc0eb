"""A channel's word for an order and the status of ours it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels.contract import Channel, Meaning
from wholecell.models import OrderItem, SalesOrder, SalesOrderStatus, StatusMapping
from wholecell.services.bulk import insert_new, table
from wholecell.services.events import Actor, record
from wholecell.services.order_state import item_lacks_units


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
    mapping = table(StatusMapping).c
    chosen = sa.select(mapping.word, mapping.status_id).where(mapping.integration_id == integration_id)
    status = table(SalesOrderStatus).c
    statuses = session.connection().execute(sa.select(status.id, status.title, status.counts_as_open)).all()
    return StatusMap(
        dict(session.connection().execute(chosen).all()),
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


def settle_scan(session: Session, order_id: int, actor: Actor) -> bool:
    """Nothing of an order *to be scanned* lacks a phone any more: let it go. Returns whether it did."""
    lacking = sa.exists().where(OrderItem.order_id == SalesOrder.id, item_lacks_units()).correlate(SalesOrder)
    update = sa.update(SalesOrder).where(SalesOrder.id == order_id, SalesOrder.is_to_be_scanned, ~lacking)
    # The rows in memory are refreshed by whoever reads them next: a subquery cannot be evaluated on them.
    options = {"synchronize_session": False}
    is_settled = bool(session.execute(update.values(is_to_be_scanned=False), execution_options=options).rowcount)  # type: ignore[attr-defined]
    if is_settled:
        record(session, actor, "order", order_id, "scanned")
    return is_settled
