"""A program tells us at once that it shipped something: a hint to look, never more; looking at intervals goes on."""

from __future__ import annotations

import secrets
from hashlib import sha256

import sqlalchemy as sa

from wholecell.channels.contract import TellsOfShipments
from wholecell.db import db, transaction
from wholecell.models import Integration, ShippingSettings
from wholecell.services import shipping_settings, work
from wholecell.services.connect import connector_for
from wholecell.services.events import CHANNEL, Actor, record
from wholecell.services.refusal import Refusal
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

PLACE = "{secret}"  # stands in an address where the secret goes


def begin(integration_id: int, address: str, vault: Vault, actor: Actor) -> None:
    """Ask the program to tell us at this address, in which a new secret takes the place of `PLACE`.

    An address before it ends to work at once. Raises Refusal, and ChannelError when the program does not do it.
    """
    if not address.startswith("https://"):
        raise Refusal("The program tells only addresses that begin with https://. See Behind HTTPS in the README.")
    integration = db.session.get_one(Integration, integration_id)
    connector = connector_for(integration, vault)
    db.session.commit()
    if not isinstance(connector, TellsOfShipments):
        raise Refusal(f"{integration.name} tells of nothing by itself.")
    secret = secrets.token_urlsafe(32)
    _keep(integration_id, secret)  # first, for it may tell before it has answered us
    connector.tell_of_shipments(address.replace(PLACE, secret))
    with transaction() as session:
        record(session, actor, "integration", integration_id, "told of shipments at once")


def hint(kind: str, secret: str) -> bool:
    """Something was shipped: look for it as soon as possible. False where the secret opens nothing."""
    query = (
        sa.select(ShippingSettings.integration_id)
        .join(Integration, Integration.id == ShippingSettings.integration_id)
        .where(Integration.kind == kind, ShippingSettings.notice_digest == _digest(secret))
    )
    integration_id = db.session.scalar(query)
    if integration_id is None:
        return False
    work.ask(integration_id, Kind.IMPORT_SHIPMENTS, CHANNEL)
    return True


def _keep(integration_id: int, secret: str) -> None:
    with transaction() as session:
        shipping_settings.ensure(session, integration_id).notice_digest = _digest(secret)


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
