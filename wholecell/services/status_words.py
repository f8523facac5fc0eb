"""The channels' words for an order's state beside our statuses: what maps where, and where the two contradict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.channels.contract import Meaning, OrderWord
from wholecell.db import db
from wholecell.models import Integration, SalesOrderStatus, StatusMapping

CANCELED = "Canceled"  # the status that is offered where a map wants one


def words_of(kind: str) -> dict[str, OrderWord]:
    """The channel's words by the word, in the order of an order's life."""
    channel = discover().get(kind)
    return {each.word: each for each in channel.order_words} if channel else {}


def is_shipped(kind: str, word: str) -> bool:
    """Whether the channel's word says that an order left."""
    found = words_of(kind).get(word)
    return found is not None and found.means is Meaning.SHIPPED


def contradiction(means: Meaning | None, title: str, counts_as_open: bool) -> str:
    """Why a word that means this should not become this status; empty when they agree, or the word is not known."""
    if means is None or means.is_over != counts_as_open:
        return ""
    if counts_as_open:
        return f"It means {means.value}, but {title} counts as open: such orders hold phones back for good."
    return f"It means {means.value}, but {title} does not count as open: phones promised to such orders are sold again."


@dataclass(frozen=True, slots=True)
class Warning:
    """A word that becomes a status whose flag says otherwise."""

    integration_id: int
    integration: str
    label: str  # of the word
    sentence: str


def warnings() -> Mapping[int, list[Warning]]:
    """All contradictions by the id of our status, in one query."""
    query = (
        sa.select(
            StatusMapping.word,
            SalesOrderStatus.id,
            SalesOrderStatus.title,
            SalesOrderStatus.counts_as_open,
            Integration.id,
            Integration.name,
            Integration.kind,
        )
        .join(SalesOrderStatus, SalesOrderStatus.id == StatusMapping.status_id)
        .join(Integration, Integration.id == StatusMapping.integration_id)
        .order_by(Integration.name, StatusMapping.word)
    )
    found: dict[int, list[Warning]] = {}
    for word, status_id, title, is_open, integration_id, name, kind in db.session.execute(query):
        known = words_of(kind).get(word)
        if known and (sentence := contradiction(known.means, title, is_open)):
            found.setdefault(status_id, []).append(Warning(integration_id, name, known.label, sentence))
    return found


def wants_canceled() -> bool:
    """Whether a connected channel has a word that suggests Canceled while there is no such status."""
    kinds = set(db.session.scalars(sa.select(Integration.kind).distinct()))
    if not any(word.suggested == CANCELED for kind in kinds for word in words_of(kind).values()):
        return False
    same = sa.func.lower(SalesOrderStatus.title) == CANCELED.lower()
    return not db.session.scalar(sa.select(sa.exists().where(same)))
