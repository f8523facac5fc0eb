"""Logins: checked on their channel, kept with their secrets encrypted, and replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.db import db, transaction
from wholecell.models import Integration, Listing, Work
from wholecell.services import connect, integration_state
from wholecell.services.events import Actor, record
from wholecell.services.vault import Vault, VaultError


def parted(entered: Mapping[str, str], secret: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields that are no secret, and those that are."""
    names = set(secret)
    fields = {name: value for name, value in entered.items() if name not in names}
    return fields, {name: value for name, value in entered.items() if name in names}


def with_stored_secrets(entered: Mapping[str, str], secret: Iterable[str], sealed: str, vault: Vault) -> dict[str, str]:
    """What was entered, with the stored secret in place of each secret field that was left empty.

    There are none any more where they were encrypted with a key that is gone.
    """
    names = set(secret)
    try:
        stored = vault.open(sealed)
    except VaultError:
        stored = {}
    return {
        **{name: stored.get(name, "") for name in names},
        **{name: value for name, value in entered.items() if value.strip() or name not in names},
    }


def put(integration: Integration, login: Mapping[str, str], vault: Vault) -> None:
    """Write a login on its row."""
    channel = discover()[integration.kind]
    integration.is_by_hand = channel.is_by_hand(login)
    if integration.is_by_hand:
        integration.imports_orders = False  # they come by files
    integration.login, secrets = parted(login, channel.secrets)
    integration.secrets = vault.close(secrets)


def check(kind: str, login: Mapping[str, str], vault: Vault, integration_id: int | None = None) -> None:
    """Call the channel with this login. Raises ChannelError in words for people. No transaction is open meanwhile.

    Where people carry files there is nothing to call.
    """
    channel = discover()[kind]
    if channel.is_by_hand(login):
        return
    connector = connect.connector_to_try(channel, login, vault, integration_id)
    db.session.commit()
    connector.check()


def check_stored(integration: Integration, vault: Vault) -> None:
    """Call the channel with the login kept. Raises ChannelError, also when it cannot be decrypted any more."""
    connector = connect.connector_for(integration, vault)
    db.session.commit()
    connector.check()


def change(integration_id: int, login: Mapping[str, str], vault: Vault, actor: Actor) -> None:
    """Replace a login that was checked; what stopped because of the old one resumes by itself."""
    with transaction() as session:
        put(session.get_one(Integration, integration_id), login, vault)
        begin_anew(session, integration_id)
        record(session, actor, "integration", integration_id, "login changed")


def begin_anew(session: Session, integration_id: int) -> None:
    """Forget what was learned under the old login, in the caller's transaction."""
    session.execute(
        sa.update(Integration)
        .where(Integration.id == integration_id)
        .values(login_refused_at=None, login_problem="", login_version=Integration.login_version + 1)
    )
    session.execute(
        sa.update(Work)
        .where(Work.integration_id == integration_id)
        .values(not_before=None, not_before_reason="", rises_not_before=None, failures=0)
    )
    integration_state.forget(session, integration_id)
    # A refusal under the old login says nothing about the new one.
    session.execute(sa.update(Listing).where(Listing.integration_id == integration_id).values(rejected_at=None))
