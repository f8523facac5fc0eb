"""Phones taken in, one or many: numbered, labeled, on the timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wholecell.db import transaction, utcnow
from wholecell.models import Event, InventoryItem, InventoryStatus, Location, ProductVariation, Warehouse
from wholecell.services import recompute
from wholecell.services.bulk import chunks, insert_new, table
from wholecell.services.events import Actor, event_row, record_many
from wholecell.services.hex_ids import new_hex_ids
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.variation_names import names, variation_name, with_names

SAME_SCAN = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class NewItem:
    """A phone to be taken in; `esn` is in the form `parse_esn` gives, the cost in cents."""

    esn: str
    variation_id: int
    status_id: int
    warehouse_id: int | None
    location_id: int | None = None
    cost_cents: int | None = None


class AlreadyHere(Refusal):
    """Some numbers are on phones we have; `sentences` are per number, and name the phone."""

    def __init__(self, sentences: Mapping[str, str]) -> None:
        super().__init__(next(iter(sentences.values())))
        self.sentences = dict(sentences)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scan did: the phone, and whether it was the same code again within two seconds."""

    item_id: int
    is_repeat: bool


def receive(item: NewItem, actor: Actor, cause: Cause = Cause.ITEM) -> int:
    """Take in one phone; gives its id. Raises AlreadyHere."""
    with transaction() as session:
        return receive_many(session, actor, [item], cause)[0]


def scan_in(item: NewItem, actor: Actor) -> Scanned:
    """Take in a scanned phone. The same person's same code within two seconds changes nothing."""
    with transaction() as session:
        if (again := _just_scanned(session, item.esn, actor)) is not None:
            return Scanned(again, True)
        return Scanned(receive_many(session, actor, [item], Cause.SCAN)[0], False)


def _just_scanned(session: Session, esn: str, actor: Actor) -> int | None:
    query = (
        sa.select(InventoryItem.id)
        .join(Event, sa.and_(Event.subject == "item", Event.subject_id == InventoryItem.id))
        .where(InventoryItem.esn == esn, Event.kind == "received", Event.source == "scan")
        .where(Event.user_id == actor.user_id, Event.at >= utcnow() - SAME_SCAN)
    )
    return session.scalar(query)


def receive_many(session: Session, actor: Actor, items: Sequence[NewItem], cause: Cause) -> list[int]:
    """Take in many phones in the caller's transaction, in bulk; gives their ids in the order given.

    All or nothing: raises AlreadyHere with a sentence for each number that is here already or given twice.
    """
    if twice := _given_twice(items):
        raise AlreadyHere(twice)
    ids = _insert(session, items)
    words = names(session, {each.variation_id for each in items})
    rows = [
        event_row("item", ids[each.esn], "received", None, words[each.variation_id], new_id=each.variation_id)
        for each in items
    ]
    record_many(session, actor, rows)
    recompute.request(session, cause, actor, variations={each.variation_id for each in items})
    return [ids[each.esn] for each in items]


def _given_twice(items: Iterable[NewItem]) -> dict[str, str]:
    seen: set[str] = set()
    twice: dict[str, str] = {}
    for each in items:
        if each.esn in seen:
            twice[each.esn] = f"{each.esn} is there twice: one phone has one number. Take one of the rows out."
        seen.add(each.esn)
    return twice


def _insert(session: Session, items: Sequence[NewItem]) -> dict[str, int]:
    """Insert the phones; label codes somebody already has are drawn again."""
    target = table(InventoryItem)
    now = utcnow()
    ids: dict[str, int] = {}
    waiting = list(items)
    try:
        with session.begin_nested():
            while waiting:
                codes = new_hex_ids(session, len(waiting))
                rows = [_row(each, code, now) for each, code in zip(waiting, codes, strict=True)]
                made = insert_new(session, target, rows, target.c.esn, target.c.id, unique=["hex_id"])
                ids.update((esn, key) for esn, key in made)
                waiting = [each for each in waiting if each.esn not in ids]
    except IntegrityError:
        here = already_here(session, [each.esn for each in items])
        if not here:  # another reference of theirs is gone, such as the location
            raise Refusal("The status, warehouse, location or product was removed meanwhile: choose again.") from None
        raise AlreadyHere(here) from None
    return ids


def _row(item: NewItem, code: str, now: datetime) -> dict[str, Any]:
    return {
        "esn": item.esn,
        "esn_reversed": item.esn[::-1],
        "hex_id": code,
        "variation_id": item.variation_id,
        "status_id": item.status_id,
        "warehouse_id": item.warehouse_id,
        "location_id": item.location_id,
        "cost_cents": item.cost_cents,
        "received_at": now,
        "version": 1,
    }


def already_here(session: Session, esns: Collection[str]) -> dict[str, str]:
    """For each number that a phone of ours has: the sentence that names the phone."""
    sentences = {}
    for chunk in chunks(esns):
        query = (
            with_names(InventoryItem.esn, InventoryItem.hex_id, InventoryStatus.name)
            .join(InventoryItem, InventoryItem.variation_id == ProductVariation.id)
            .join(InventoryStatus, InventoryStatus.id == InventoryItem.status_id)
            .where(InventoryItem.esn.in_(chunk))
        )
        for esn, hex_id, status, *name in session.execute(query):
            sentences[esn] = (
                f"{esn} is already here: {variation_name(*name)}, {status}, label {hex_id}. "
                "Open that phone to change it."
            )
    return sentences


@dataclass(frozen=True, slots=True)
class Place:
    """Where phones are put: a location decides its warehouse."""

    warehouse_id: int | None
    location_id: int | None


def place(session: Session, warehouse_id: int | None, location_id: int | None) -> Place:
    """A checked place. Raises Refusal when the location is in another warehouse, or either is gone."""
    if location_id is not None:
        home = session.scalar(sa.select(Location.warehouse_id).where(Location.id == location_id))
        if home is None:
            raise Refusal("That location is gone: choose another one.")
        if warehouse_id is not None and warehouse_id != home:
            raise Refusal("That location is in another warehouse: choose one of this warehouse, or none.")
        return Place(home, location_id)
    if warehouse_id is not None and session.get(Warehouse, warehouse_id) is None:
        raise Refusal("That warehouse is gone: choose another one.")
    return Place(warehouse_id, None)
