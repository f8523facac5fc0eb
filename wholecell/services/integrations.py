"""Integrations: connect a login, tick what it may sell, arm it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import Channel
from wholecell.db import db, transaction, utcnow
from wholecell.models import (
    Integration,
    InventoryStatus,
    Listing,
    SalesChannel,
    Warehouse,
    integration_statuses,
    integration_warehouses,
)
from wholecell.services import (
    logins,
    offers,
    order_settings,
    order_status,
    recompute,
    sales_channels,
    shipping_settings,
    work,
)
from wholecell.services.events import Actor, open_batch, record
from wholecell.services.limits import Limits
from wholecell.services.order_settings import OrderSettings, order_settings_of
from wholecell.services.recompute import Cause
from wholecell.services.rule_settings import RuleSettings, load_settings, rule_as_json
from wholecell.services.vault import Vault

# What a new integration ticks, beside all warehouses.
FIRST_STATUS = "Available"


class IntegrationError(ValueError):
    """The change cannot be made; the text says why and what to do."""


def add(
    kind: str, name: str, login: Mapping[str, str], vault: Vault, actor: Actor, notes: Sequence[str] = ()
) -> Integration:
    """Connect a login that was checked (see `logins.check`): in preview, with Available and all warehouses ticked.

    `notes` is what the check said of the account.
    """
    channel = discover()[kind]
    with transaction() as session:
        # Of two who add one account at once, the second waits here and sees the first.
        session.get_one(SalesChannel, sales_channels.ensure(session, channel.name), with_for_update=True)
        _refuse_known_account(session, channel, login)
        integration = Integration(kind=kind, name=name, secrets="", login={}, sends_shipments=channel.sends_shipments)
        integration.needs_all_phones = channel.needs_all_phones
        if not channel.names_customers:
            integration.order_customer = order_settings.CHANNEL_NAME
        session.add(integration)
        logins.put(integration, login, vault)
        try:
            session.flush()
        except IntegrityError:  # of several who add it at once, the unique index lets one
            raise IntegrationError(name_is_taken(name)) from None
        logins.note(session, integration.id, notes)
        work.ensure_rows(session, integration.id)
        _tick_start(session, integration.id)
        order_status.ensure_map(session, integration.id, channel)
        if channel.ships_orders:
            shipping_settings.ensure(session, integration.id)
        record(session, actor, "integration", integration.id, "connected", new=name)
    return integration


def _refuse_known_account(session: Session, channel: Channel, login: Mapping[str, str]) -> None:
    """One account connected twice would take in each of its orders twice, and ship it twice."""
    if not (account := channel.account_of(login)):
        return
    query = sa.select(Integration.name, Integration.login).where(Integration.kind == channel.kind)
    for name, known in session.execute(query.order_by(Integration.id)):
        if channel.account_of(known) == account:
            raise IntegrationError(
                f"This {channel.label} account is connected already, as {name}. Its login is renewed on the "
                "Details tab there."
            )


def name_is_taken(name: str) -> str:
    """What is said then."""
    return f"There is an integration called {name} already: choose another name."


def _tick_start(session: Session, integration_id: int) -> None:
    status = sa.select(sa.literal(integration_id), InventoryStatus.id).where(InventoryStatus.name == FIRST_STATUS)
    warehouses = sa.select(sa.literal(integration_id), Warehouse.id).where(Warehouse.is_archived.is_(False))
    session.execute(integration_statuses.insert().from_select(["integration_id", "status_id"], status))
    session.execute(integration_warehouses.insert().from_select(["integration_id", "warehouse_id"], warehouses))


@dataclass(frozen=True, slots=True)
class Settings:
    """The Details tab of one integration, as a value."""

    rule: RuleSettings
    imports_online_only: bool
    pushes_quantities: bool
    orders: OrderSettings = OrderSettings()

    def moves_numbers(self, old: Settings) -> bool:
        """Whether what listings offer may be another number than under the old ones."""
        return self.rule != old.rule or bool(self.orders.remapped(old.orders))


def settings_of(integration: Integration) -> Settings:
    """What is saved now."""
    rule = load_settings()[integration.id]
    orders = order_settings_of(integration)
    return Settings(rule, integration.imports_online_only, integration.pushes_quantities, orders)


def save_settings(integration_id: int, new: Settings, actor: Actor) -> None:
    """Save the Details tab; the numbers follow within a second."""
    with transaction() as session:
        # Two who save at once do so one after the other: their ticks are rows that both would insert.
        integration = session.get_one(Integration, integration_id, with_for_update={"key_share": True})
        old = settings_of(integration)
        if old == new:
            return
        integration.imports_online_only = new.imports_online_only
        integration.pushes_quantities = new.pushes_quantities
        if new.moves_numbers(old):
            batch = open_batch(session, actor, f"Settings of {integration.name}")
            batch.before = {**rule_as_json(old.rule), "order_statuses": dict(old.orders.statuses)}
            actor = actor.within(batch)
            _save_rule(session, integration, new.rule)
            recompute.request(session, _cause(old.rule, new.rule), actor, integrations=_concerned(old.rule, new.rule))
        order_settings.save(session, integration, old.orders, new.orders, actor)
        for name, was, now in _differences(old, new):
            record(session, actor, "integration", integration_id, name, was, now)


def _save_rule(session: Session, integration: Integration, rule: RuleSettings) -> None:
    integration.matches_via_sku, integration.is_exclusive = rule.matches_via_sku, rule.is_exclusive
    integration.adds_own_orders = rule.adds_own_orders
    limits = rule.limits
    integration.zero_out_threshold, integration.percentage = limits.zero_out_threshold, limits.percentage
    integration.safety_quantity, integration.maximum_quantity = limits.safety_quantity, limits.maximum_quantity
    for table, column, ticked in (
        (integration_statuses, "status_id", rule.statuses),
        (integration_warehouses, "warehouse_id", rule.warehouses),
    ):
        session.execute(sa.delete(table).where(table.c.integration_id == integration.id))
        rows = [{"integration_id": integration.id, column: each} for each in sorted(ticked)]
        if rows:
            session.execute(sa.insert(table), rows)


def _cause(old: RuleSettings, new: RuleSettings) -> Cause:
    if old.statuses != new.statuses:
        return Cause.STATUSES
    return Cause.WAREHOUSES if old.warehouses != new.warehouses else Cause.SETTINGS


def _concerned(old: RuleSettings, new: RuleSettings) -> list[int]:
    """Which integrations' numbers may change: all when orders may begin or cease to count across them.

    What another status map moves is asked for where it is applied.
    """
    if old == new:
        return []
    if old.is_exclusive or new.is_exclusive or old.matches_via_sku != new.matches_via_sku:
        return list(load_settings())
    return [new.integration_id]


def _differences(old: Settings, new: Settings) -> list[tuple[str, str, str]]:
    """Name, before and after of each setting that differs, as History shows them."""
    pairs: list[tuple[str, Any, Any]] = [
        ("online listings only", old.imports_online_only, new.imports_online_only),
        ("quantity sync", old.pushes_quantities, new.pushes_quantities),
        ("match via SKU", old.rule.matches_via_sku, new.rule.matches_via_sku),
        ("warehouses serve only this channel", old.rule.is_exclusive, new.rule.is_exclusive),
        ("channel subtracts its own open orders", old.rule.adds_own_orders, new.rule.adds_own_orders),
        ("statuses", _names(InventoryStatus, old.rule.statuses), _names(InventoryStatus, new.rule.statuses)),
        ("warehouses", _names(Warehouse, old.rule.warehouses), _names(Warehouse, new.rule.warehouses)),
        ("limits", _limits_text(old.rule.limits), _limits_text(new.rule.limits)),
        *order_settings.differences(old.orders, new.orders),
    ]
    return [(name, _text(was), _text(now)) for name, was, now in pairs if was != now]


def _names(model: type[InventoryStatus] | type[Warehouse], ids: frozenset[int]) -> str:
    return ", ".join(db.session.scalars(sa.select(model.name).where(model.id.in_(ids)).order_by(model.name)))


def _limits_text(limits: Limits) -> str:
    maximum = "no" if limits.maximum_quantity is None else limits.maximum_quantity
    return (
        f"{limits.percentage} %, safety {limits.safety_quantity}, maximum {maximum}, "
        f"0 at {limits.zero_out_threshold} or fewer"
    )


def _text(value: object) -> str:
    return {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def arm(integration_id: int, actor: Actor) -> None:
    """Let numbers leave for the channel. Raises IntegrationError while nothing is ticked.

    What the preview shows is agreed to by arming: the guard looks only at what changes later.
    """
    offers.compute_all()
    with transaction() as session:
        rule = load_settings()[integration_id]
        if not rule.statuses or not rule.warehouses:
            missing = "statuses" if not rule.statuses else "warehouses"
            raise IntegrationError(f"No {missing} are ticked, so every listing would offer 0: tick some first.")
        integration = session.get_one(Integration, integration_id)
        if integration.armed_at is None:
            integration.armed_at = integration.guard_released_at = utcnow()
            record(session, actor, "integration", integration_id, "armed")


def disarm(integration_id: int, actor: Actor) -> None:
    """Send nothing more; the channel keeps the numbers it has."""
    with transaction() as session:
        integration = session.get_one(Integration, integration_id)
        if integration.armed_at is not None:
            integration.armed_at = None
            session.execute(sa.update(Listing).where(Listing.integration_id == integration_id).values(held=None))
            record(session, actor, "integration", integration_id, "disarmed")
