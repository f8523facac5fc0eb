"""The stores of an account that ships for us: where our orders go, and whose orders come here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from wholecell.channels.contract import HasStores
from wholecell.db import db, transaction
from wholecell.models import Integration, ShippingSettings
from wholecell.services import outgoing_due, shipping_settings, work
from wholecell.services.connect import connector_for
from wholecell.services.events import Actor, record
from wholecell.services.refusal import Refusal
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A store to choose; `is_gone` when it was chosen and is not there any more."""

    store_id: str
    title: str
    is_imported: bool
    is_target: bool
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class StoreChoice:
    """What a person chose: whose orders come here, where ours go (empty: the program chooses), whether ours go."""

    imported: frozenset[str]
    target: str
    sends_orders: bool


@dataclass(frozen=True, slots=True)
class Stores:
    """The stores as they were last read, with what is chosen. `waiting` is how many orders would go at once."""

    rows: Sequence[StoreRow]
    sends_orders: bool
    waiting: int
    is_told: bool  # it tells us of shipments at once


MOST_COUNTED = 1000


def show(integration_id: int) -> Stores | None:
    """The stores of an integration that we call; None where it calls us, or ships nothing."""
    integration = db.session.get_one(Integration, integration_id)
    row = shipping_settings.load(integration_id)
    if row is None or integration.is_by_hand:
        return None
    titles = {each["id"]: each["title"] for each in row.stores}
    chosen = [*row.import_stores, *filter(None, [row.store])]
    gone = [key for key in dict.fromkeys(chosen) if key not in titles]
    rows = [_row(row, key, title) for key, title in titles.items()]
    rows += [_row(row, key, f"Store {key}", is_gone=True) for key in gone]
    waiting = 0 if row.sends_orders else len(outgoing_due.due_orders(db.session(), row, MOST_COUNTED))
    return Stores(rows, row.sends_orders, waiting, row.notice_digest is not None)


def _row(row: ShippingSettings, key: str, title: str, *, is_gone: bool = False) -> StoreRow:
    return StoreRow(key, title, key in row.import_stores, key == row.store, is_gone)


def read(integration_id: int, vault: Vault) -> int:
    """Ask the program for its stores and keep them; gives how many there are. Raises ChannelError, Refusal."""
    integration = db.session.get_one(Integration, integration_id)
    connector = connector_for(integration, vault)
    db.session.commit()
    if not isinstance(connector, HasStores):
        raise Refusal(f"{integration.name} has no stores.")
    found = connector.stores()
    with transaction() as session:
        row = shipping_settings.ensure(session, integration_id)
        row.stores = [{"id": each.store_id, "title": each.title} for each in found]
    return len(found)


def save(integration_id: int, choice: StoreChoice, actor: Actor) -> None:
    """Save the choice. Orders of a store that is new in it are read from its open ones on. Raises Refusal."""
    with transaction() as session:
        integration = session.get_one(Integration, integration_id, with_for_update=True)
        row = shipping_settings.ensure(session, integration_id)
        _refuse(row, choice)
        before = frozenset(row.import_stores)
        if added := choice.imported - before:
            integration.orders_changed_until = integration.orders_placed_from = None
        _record(integration_id, row, choice, actor)
        row.import_stores, row.store = sorted(choice.imported), choice.target
        row.sends_orders = choice.sends_orders
    if added:
        work.ask(integration_id, Kind.IMPORT_ORDERS, actor)


def _refuse(row: ShippingSettings, choice: StoreChoice) -> None:
    known: Collection[str] = {each["id"] for each in row.stores} | {*row.import_stores, row.store, ""}
    if choice.target not in known or choice.imported - set(known):
        raise Refusal("Choose among the stores in the list: read them again if one is missing.")
    if choice.target and choice.target in choice.imported:
        raise Refusal("Our orders go to this store, so it cannot be one whose orders come here. Choose another one.")


def _record(integration_id: int, row: ShippingSettings, choice: StoreChoice, actor: Actor) -> None:
    titles = {each["id"]: each["title"] for each in row.stores}

    def named(keys: Iterable[str]) -> str:
        return ", ".join(titles.get(key, key) for key in sorted(keys) if key)

    pairs = (
        ("stores imported", named(row.import_stores), named(choice.imported)),
        ("store of our orders", named([row.store]), named([choice.target])),
        ("orders are sent", "yes" if row.sends_orders else "no", "yes" if choice.sends_orders else "no"),
    )
    for name, old, new in pairs:
        if old != new:
            record(db.session(), actor, "integration", integration_id, name, old or "none", new or "none")
