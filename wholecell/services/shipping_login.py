"""The user name and password with which a program calls us: made here, shown once, kept encrypted."""

from __future__ import annotations

import re
import secrets
from hmac import compare_digest

import sqlalchemy as sa

from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, ShippingSettings
from wholecell.services import shipping_settings
from wholecell.services.events import Actor, record
from wholecell.services.vault import Vault, VaultError

USER_NAME = r"[a-z0-9-]{1,40}"
_NONE = "no password that anybody has"


def make(integration_id: int, vault: Vault, actor: Actor) -> tuple[str, str]:
    """Make a new password, and a user name where there is none yet; the password before ends at once."""
    password = secrets.token_urlsafe(24)
    with transaction() as session:
        session.get_one(Integration, integration_id, with_for_update={"key_share": True})
        row = shipping_settings.ensure(session, integration_id)
        row.user_name = row.user_name or f"wholecell-{secrets.token_hex(5)}"
        row.secrets, row.password_at = vault.close({"password": password}), utcnow()
        record(session, actor, "integration", integration_id, "password made")
        return row.user_name, password


def password_of(row: ShippingSettings, vault: Vault) -> str:
    """The password that lets in; empty where none was made, or where it cannot be read any more."""
    try:
        return vault.open(row.secrets).get("password", "")
    except VaultError:
        return ""


def let_in(kind: str, user_name: str, password: str, vault: Vault) -> int | None:
    """The integration of this kind that these open, None for wrong ones. As much work is done for either."""
    query = (
        sa.select(ShippingSettings)
        .join(Integration, Integration.id == ShippingSettings.integration_id)
        .where(Integration.kind == kind, Integration.is_by_hand, ShippingSettings.user_name == user_name)
    )
    row = db.session.scalar(query) if re.fullmatch(USER_NAME, user_name, re.ASCII) else None
    right = password_of(row, vault) if row is not None else ""
    is_right = compare_digest(password.encode("utf-8", "replace"), (right or _NONE).encode())
    return row.integration_id if row is not None and right and is_right else None


def note_call(integration_id: int) -> None:
    """Keep when it called last."""
    with transaction() as session:
        update = sa.update(ShippingSettings).where(ShippingSettings.integration_id == integration_id)
        session.execute(update.values(called_at=utcnow()))
