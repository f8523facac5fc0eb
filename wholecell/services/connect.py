"""From an integration's row to a connector that talks to its channel."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa

from wholecell.channels import addresses, base_url, discover
from wholecell.channels.contract import Channel, Connector, CredentialsError, SharedState
from wholecell.channels.own_state import OwnState
from wholecell.db import db, transaction
from wholecell.models import Integration, MarketplaceApp, ShippingSettings
from wholecell.services.budgets import KindLimiter
from wholecell.services.integration_state import IntegrationState
from wholecell.services.pacing import SharedLimiter
from wholecell.services.vault import APP_UNREADABLE, Vault, VaultError


def channel_of(integration: Integration) -> Channel:
    """The channel this integration is a login on."""
    return discover()[integration.kind]


def kinds_by(time_of: Callable[[Channel], timedelta]) -> Mapping[timedelta, Sequence[str]]:
    """The channels of which this time is the same, by their kinds."""
    kinds: dict[timedelta, list[str]] = defaultdict(list)
    for kind, channel in discover().items():
        kinds[time_of(channel)].append(kind)
    return kinds


def works_by_files(integration: Integration) -> bool:
    """Whether people carry files of its listings and orders to and fro."""
    return integration.is_by_hand and channel_of(integration).sheet_words is not None


def can(channel: Channel, protocol: type) -> bool:
    """Whether logins on this channel do what a protocol of the contract says, known without opening one."""
    return isinstance(channel.connect, type) and issubclass(channel.connect, protocol)


def connector_for(integration: Integration, vault: Vault) -> Connector:
    """Open its connector. Raises CredentialsError when the stored login cannot be read."""
    channel = channel_of(integration)
    login = stored_login(integration, vault)
    limits_of = _limits_of(channel, integration.login, integration.id)
    state = IntegrationState(integration.id, integration.kind, integration.login_version, vault, limits_of)
    return _connect(channel, {**app_values(channel, login, vault), **login, **shipping_values(integration.id)}, state)


def shipping_values(integration_id: int) -> dict[str, str]:
    """What a program that ships for us works by, beside its login: our keys of orders, and the stores chosen."""
    row = db.session.get(ShippingSettings, integration_id)
    if row is None:
        return {}
    return {"reference_prefix": row.prefix, "import_stores": ",".join(row.import_stores), "store": row.store}


def connector_to_try(
    channel: Channel, login: Mapping[str, str], vault: Vault, integration_id: int | None = None
) -> Connector:
    """Open one with a login that is not saved; one that is to replace another keeps that one's limits."""
    kind = channel.kind
    limits_of = _limits_of(channel, login, integration_id)
    limiter = KindLimiter(kind) if limits_of is None else SharedLimiter(limits_of, kind)
    return _connect(channel, {**app_values(channel, login, vault), **login}, OwnState(limiter))


def _limits_of(channel: Channel, login: Mapping[str, str], integration_id: int | None) -> int | None:
    """The integration whose limits a login counts into: the first that shares them; None for a new one alone."""
    shared = channel.limits_of(login)
    if not shared:
        return integration_id
    query = sa.select(Integration.id, Integration.login).where(Integration.kind == channel.kind)
    with transaction() as session:
        found = session.execute(query.order_by(Integration.id)).all()
    return next((row.id for row in found if channel.limits_of(row.login) == shared), integration_id)


def stored_login(integration: Integration, vault: Vault) -> dict[str, str]:
    """The login of its row, without what it shares with others of its kind. Raises CredentialsError."""
    try:
        return {**integration.login, **vault.open(integration.secrets)}
    except VaultError as error:
        raise CredentialsError(str(error), advice="Enter the login again on the Details tab.") from None


def app_values(channel: Channel, login: Mapping[str, str], vault: Vault) -> dict[str, str]:
    """The keys of the seller's app, which are part of each login of the kind. Raises CredentialsError without them.

    Where signing in takes them, a login that is complete without that needs none.
    """
    if channel.app_form is None:
        return {}
    advice = "An admin enters them under Settings, Marketplace apps."
    app = db.session.get(MarketplaceApp, channel.kind)
    if app is None and channel.sign_in is not None and not signs_in(channel, login):
        return {}
    if app is None:
        raise CredentialsError(f"The keys of your {channel.label} app are not entered yet.", advice=advice)
    try:
        return {**app.fields, **vault.open(app.secrets)}
    except VaultError:
        raise CredentialsError(APP_UNREADABLE, advice=advice) from None


def _connect(channel: Channel, login: Mapping[str, str], state: SharedState) -> Connector:
    if channel.connect is None:
        raise CredentialsError(f"{channel.label} cannot be connected yet.")
    full = with_addresses(channel, login)
    return channel.connect(full, api_url(channel, full), state)


def api_url(channel: Channel, login: Mapping[str, str]) -> str:
    """The base URL for a whole login. Raises CredentialsError when the channel has none for it."""
    try:
        return base_url(channel, login.get("platform", ""), os.environ)
    except ValueError as error:
        raise CredentialsError(str(error), advice="Ask who installed the app.") from None


def signs_in(channel: Channel, login: Mapping[str, str]) -> bool:
    """Whether such a login is completed on the channel's own pages."""
    return channel.sign_in is not None and channel.sign_in.is_wanted(with_addresses(channel, login))


def with_addresses(channel: Channel, login: Mapping[str, str]) -> dict[str, str]:
    """The login with the addresses that the environment tells, which nothing in a login overrides."""
    return {**login, **addresses_of(channel)}


def has_api(channel: Channel) -> bool:
    """Whether there is an API to call: not for a channel that publishes no address while none is set."""
    return bool(channel.hosts) or "base_url" in addresses_of(channel)


def addresses_of(channel: Channel) -> dict[str, str]:
    """The addresses that the environment tells of this channel."""
    return addresses(channel, os.environ)
