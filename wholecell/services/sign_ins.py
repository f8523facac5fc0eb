"""Signing in on a channel's own pages: begun here, ended by the browser that comes back with a code.

The state that goes along and comes back proves that the person who comes back is the one who began: otherwise
somebody could be led to connect a stranger's account.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from wholecell.channels import discover, is_safe_page
from wholecell.channels.contract import Channel, CredentialsError, SignIn
from wholecell.db import db, transaction, utcnow
from wholecell.models import ChannelSignIn, Integration
from wholecell.services import connect, integration_page, integrations
from wholecell.services.events import Actor
from wholecell.services.refusal import Refusal
from wholecell.services.vault import Vault, VaultError

LASTS = timedelta(minutes=10)
KEPT = timedelta(days=1)  # so that a page loaded again still finds what became of it
NOT_OURS = "This sign-in was used already, is older than ten minutes, or was begun by somebody else. Begin again."
STATE, LOGIN = "state", "login."


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that waits for the person to go to the channel."""

    channel: Channel
    name: str
    integration_id: int | None
    address: str  # of the channel's page

    @property
    def host(self) -> str:
        """Where that is, so that people see whom they tell their password."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one."""

    integration_id: int
    is_new: bool
    is_again: bool  # the browser came back a second time: nothing was done


def integration_of(state: str, actor: Actor) -> int | None:
    """The integration whose login this person's sign-in replaces; None for a new one, and for somebody else's."""
    own = sa.and_(ChannelSignIn.state_hash == _hashed(state), ChannelSignIn.user_id == actor.user_id)
    return db.session.scalar(sa.select(ChannelSignIn.integration_id).where(own))


def begin(
    channel: Channel, login: Mapping[str, str], vault: Vault, actor: Actor, *, name: str = "", integration_id: int = 0
) -> int:
    """Keep what was entered until the person comes back; returns the sign-in's id.

    Raises IntegrationError when the name of a new one is taken, CredentialsError while the app's keys are missing.
    """
    connect.app_values(channel, login, vault)
    state, now = secrets.token_urlsafe(32), utcnow()
    with transaction() as session:
        if not integration_id and session.scalar(sa.select(Integration.id).where(Integration.name == name)):
            raise integrations.IntegrationError(integrations.name_is_taken(name))
        session.execute(sa.delete(ChannelSignIn).where(ChannelSignIn.expires_at < now - KEPT))
        row = ChannelSignIn(
            state_hash=_hashed(state),
            user_id=actor.user_id,
            kind=channel.kind,
            integration_id=integration_id or None,
            name=name,
            login=vault.close({STATE: state, **{f"{LOGIN}{key}": value for key, value in login.items()}}),
            expires_at=now + LASTS,
        )
        session.add(row)
        session.flush()
        return row.id


def find(sign_in_id: int, user_id: int, return_address: str, vault: Vault) -> Begun | None:
    """One that this person may still go on with; None when there is none. Raises CredentialsError."""
    row = db.session.get(ChannelSignIn, sign_in_id)
    if row is None or row.user_id != user_id or row.used_at is not None or row.expires_at <= utcnow():
        return None
    channel, (state, login) = discover()[row.kind], _opened(row.login, vault)
    full = _full(channel, login, vault)
    address = _way(channel).page(full, state, return_address, connect.api_url(channel, full))
    return Begun(channel, row.name, row.integration_id, _safe(address))


def end(kind: str, answer: Mapping[str, str], return_address: str, vault: Vault, actor: Actor) -> Ended:
    """Trade the code for a login, check it and keep it; `answer` is what the browser came back with.

    Of any number of times with the same state, one does it. Raises Refusal, ChannelError and IntegrationError, all
    in words for people. No transaction is open while the channel is called.
    """
    state_hash = _hashed(answer.get("state", ""))
    if answer.get("error") and not answer.get("state"):  # some channels then tell nothing else
        raise Refusal(_declined(discover()[kind], answer))
    if not _claim(state_hash, kind, actor):
        return _again(state_hash, kind, actor)
    row = db.session.scalars(sa.select(ChannelSignIn).where(ChannelSignIn.state_hash == state_hash)).one()
    channel, (_, login) = discover()[kind], _opened(row.login, vault)
    db.session.commit()
    if not (code := answer.get("code", "")):
        raise Refusal(_declined(channel, answer))
    full = _full(channel, {**_replaced(row.integration_id), **login}, vault)
    db.session.commit()
    login |= _way(channel).redeem(full, code, return_address, connect.api_url(channel, full))
    if row.integration_id is not None:
        integration = db.session.get_one(Integration, row.integration_id)
        integration_page.replace_login(integration, login, vault, actor)
        return Ended(integration.id, is_new=False, is_again=False)
    added = integration_page.connect(kind, row.name, login, vault, actor)
    with transaction() as session:
        update = sa.update(ChannelSignIn).where(ChannelSignIn.state_hash == state_hash)
        session.execute(update.values(integration_id=added.id))
    return Ended(added.id, is_new=True, is_again=False)


def _claim(state_hash: str, kind: str, actor: Actor) -> bool:
    """The guarded UPDATE: a state is good for its person, its channel, ten minutes, and once."""
    now, row = utcnow(), ChannelSignIn
    with transaction() as session:
        update = sa.update(row).where(
            row.state_hash == state_hash,
            row.kind == kind,
            row.user_id == actor.user_id,
            row.used_at.is_(None),
            row.expires_at > now,
        )
        return bool(session.execute(update.values(used_at=now)).rowcount)  # type: ignore[attr-defined]


def _again(state_hash: str, kind: str, actor: Actor) -> Ended:
    """The page was loaded again: to the integration that came of it. Raises Refusal when none did."""
    row = db.session.scalars(
        sa.select(ChannelSignIn).where(
            ChannelSignIn.state_hash == state_hash,
            ChannelSignIn.kind == kind,
            ChannelSignIn.user_id == actor.user_id,
            ChannelSignIn.used_at.is_not(None),
            ChannelSignIn.integration_id.is_not(None),
        )
    ).first()
    if row is None or row.integration_id is None:
        raise Refusal(NOT_OURS)
    return Ended(row.integration_id, is_new=False, is_again=True)


def _opened(sealed: str, vault: Vault) -> tuple[str, dict[str, str]]:
    try:
        kept = vault.open(sealed)
    except VaultError:
        raise Refusal(NOT_OURS) from None
    return kept[STATE], {key.removeprefix(LOGIN): value for key, value in kept.items() if key.startswith(LOGIN)}


def _full(channel: Channel, login: Mapping[str, Any], vault: Vault) -> dict[str, str]:
    return connect.with_addresses(channel, {**connect.app_values(channel, login, vault), **login})


def _replaced(integration_id: int | None) -> dict[str, str]:
    """What the login that is replaced says beside its secrets, such as whose it is."""
    return {} if integration_id is None else dict(db.session.get_one(Integration, integration_id).login)


def _way(channel: Channel) -> SignIn:
    if channel.sign_in is None:
        raise Refusal(NOT_OURS)
    return channel.sign_in


def _safe(address: str) -> str:
    """The address, when a browser may be sent there. Raises CredentialsError otherwise."""
    if is_safe_page(address):
        return address
    raise CredentialsError("The channel's sign-in page has no safe address.", advice="Ask who installed the app.")


def _declined(channel: Channel, answer: Mapping[str, str]) -> str:
    """Why no code came. What else the address said is not repeated: anybody can write it there."""
    if answer.get("error") == "access_denied":
        return f"You did not agree on {channel.label}'s page, so nothing was changed. Begin again when you want to."
    return f"{channel.label} ended the sign-in without an answer, so nothing was changed. Begin again."


def _hashed(state: str) -> str:
    return sha256(state.encode()).hexdigest()
