"""The keys of the seller's own app at a channel, entered once: part of every login of that kind."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from wholecell.channels import discover
from wholecell.channels.contract import Channel
from wholecell.db import db, transaction
from wholecell.models import Integration, MarketplaceApp
from wholecell.services import connect, logins
from wholecell.services.events import Actor, record
from wholecell.services.vault import Vault, VaultError


def channels() -> list[Channel]:
    """The channels that want one, where there is an API that it opens."""
    wanting = (each for each in discover().values() if each.is_built and each.app_form is not None)
    return [channel for channel in wanting if connect.has_api(channel)]


def is_set_up(channel: Channel) -> bool:
    """Whether its keys were entered, where it wants any."""
    return channel.app_form is None or db.session.get(MarketplaceApp, channel.kind) is not None


def shown(channel: Channel) -> dict[str, str]:
    """What its form shows: the fields that are no secret."""
    row = db.session.get(MarketplaceApp, channel.kind)
    return dict(row.fields) if row is not None else {}


def stored_secrets(channel: Channel, vault: Vault) -> frozenset[str]:
    """The names of the secret fields that are kept; of none that can be read no more."""
    row = db.session.get(MarketplaceApp, channel.kind)
    kept = _opened(row, vault) if row is not None else None
    return frozenset(name for name, value in (kept or {}).items() if value)


def merged(channel: Channel, entered: Mapping[str, str], vault: Vault) -> dict[str, str]:
    """What was entered, with the stored secret in place of each secret field that was left empty."""
    row = db.session.get(MarketplaceApp, channel.kind)
    return logins.with_stored_secrets(entered, channel.app_secrets, row.secrets if row is not None else "", vault)


def save(channel: Channel, entered: Mapping[str, str], vault: Vault, actor: Actor) -> bool:
    """Keep the keys; every login of the kind begins anew with them. False when they are as they were."""
    fields, secrets = logins.parted(entered, channel.app_secrets)
    with transaction() as session:
        row = session.get(MarketplaceApp, channel.kind, with_for_update=True)
        if row is not None and row.fields == fields and _opened(row, vault) == secrets:
            return False
        session.merge(MarketplaceApp(kind=channel.kind, fields=fields, secrets=vault.close(secrets)))
        ids = session.scalars(sa.select(Integration.id).where(Integration.kind == channel.kind)).all()
        for integration_id in ids:
            logins.begin_anew(session, integration_id)
            record(session, actor, "integration", integration_id, "app changed")
        record(session, actor, "account", 0, "marketplace app", None if row is None else "changed", channel.label)
    return True


def _opened(row: MarketplaceApp, vault: Vault) -> dict[str, str] | None:
    try:
        return vault.open(row.secrets)
    except VaultError:
        return None
