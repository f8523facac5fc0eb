"""Logins: checked on their channel, kept with their secrets encrypted, and replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from wholecell.channels import discover
from wholecell.channels.contract import ChannelError, Connector, CredentialsError
from wholecell.db import db, transaction, utcnow
from wholecell.models import HandExport, Integration, Listing, Work
from wholecell.services import connect, hand_doubt, hand_due, integration_state
from wholecell.services.events import Actor, record
from wholecell.services.vault import Vault, VaultError

log = structlog.get_logger(__name__)

CHECKED_EVERY = timedelta(days=1)
MOST_NOTES, LONGEST_NOTE = 10, 500


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


def check(kind: str, login: Mapping[str, str], vault: Vault, integration_id: int | None = None) -> list[str]:
    """Call the channel with this login; gives what people should know of the account, a sentence each.

    Raises ChannelError in words for people. No transaction is open meanwhile. Where people carry files there is
    nothing to call.
    """
    channel = discover()[kind]
    if channel.is_by_hand(login):
        return []
    connector = connect.connector_to_try(channel, login, vault, integration_id)
    db.session.commit()
    return list(connector.check())


def check_stored(integration: Integration, vault: Vault) -> list[str]:
    """Call the channel with the login kept, and keep what it says of the account.

    Raises ChannelError, also when the login cannot be decrypted any more.
    """
    connector = connect.connector_for(integration, vault)
    db.session.commit()
    return _keep_notes(integration.id, connector.check())


def check_daily(integration: Integration, connector: Connector) -> None:
    """Ask once a day what there is to know of the account. Raises CredentialsError; other failures change nothing.

    A few calls a day for each login cost nothing, while a seller may switch something off there at any time.
    """
    if integration.checked_at is not None and integration.checked_at > utcnow() - CHECKED_EVERY:
        return
    integration_id = integration.id
    db.session.commit()
    try:
        notes = connector.check()
    except CredentialsError:
        raise
    except ChannelError as error:
        log.info("login not checked", integration=integration_id, error=type(error).__name__)
        return
    _keep_notes(integration_id, notes)


def _keep_notes(integration_id: int, notes: Iterable[str]) -> list[str]:
    with transaction() as session:
        return note(session, integration_id, notes)


def note(session: Session, integration_id: int, notes: Iterable[str]) -> list[str]:
    """Keep what a check said, in the caller's transaction, until the next one says otherwise."""
    kept = [each[:LONGEST_NOTE] for each in list(notes)[:MOST_NOTES]]
    values = {"account_notes": kept, "checked_at": utcnow()}
    session.execute(sa.update(Integration).where(Integration.id == integration_id).values(values))
    return kept


def change(
    integration_id: int, login: Mapping[str, str], vault: Vault, actor: Actor, notes: Iterable[str] = ()
) -> None:
    """Replace a login that was checked; what stopped because of the old one resumes by itself."""
    with transaction() as session:
        put(session.get_one(Integration, integration_id), login, vault)
        begin_anew(session, integration_id)
        note(session, integration_id, notes)
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
    _close_files(session, integration_id)
    # A refusal under the old login says nothing about the new one.
    session.execute(sa.update(Listing).where(Listing.integration_id == integration_id).values(rejected_at=None))


def _close_files(session: Session, integration_id: int) -> None:
    """What an integration by files had to be entered is told by its API now: no file of then may be confirmed later."""
    is_called = sa.exists().where(Integration.id == HandExport.integration_id, Integration.is_by_hand.is_(False))
    open_files = (HandExport.integration_id == integration_id, is_called, hand_due.is_open())
    hand_doubt.doubt(session, *open_files)
    update = sa.update(HandExport).where(*open_files)
    session.execute(update.values(replaced_at=utcnow()), execution_options={"synchronize_session": False})
