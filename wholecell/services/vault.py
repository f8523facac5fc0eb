"""Marketplace logins, encrypted at rest; the newest key encrypts, older ones still decrypt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from wholecell.db import transaction
from wholecell.models import Integration, MarketplaceApp, ShippingSettings

UNREADABLE = (
    "The stored login was encrypted with another key: put the old credentials key back, or enter the login again."
)
APP_UNREADABLE = (
    "The stored keys of the app were encrypted with another key: put the old credentials key back, or enter them again."
)


class VaultError(Exception):
    """The stored login cannot be read with the keys this process has; the text holds no secret."""


class Vault:
    """Encrypts and decrypts the secret fields of a login form."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` as WHOLECELL_CREDENTIALS_KEY lists them, the newest first."""
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def close(self, secrets: Mapping[str, str]) -> str:
        """Encrypt these fields."""
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """Decrypt them. Raises VaultError when no key fits."""
        if not sealed:
            return {}
        try:
            fields: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            raise VaultError(UNREADABLE) from None
        return fields

    def resume(self) -> None:
        """Let integrations go on that stopped only because their login could not be read, where now it can."""
        with transaction() as session:
            stopped = Integration.login_problem.in_([UNREADABLE, APP_UNREADABLE])
            for row in session.scalars(sa.select(Integration).where(stopped)):
                app = session.get(MarketplaceApp, row.kind)
                with suppress(VaultError):
                    self.open(row.secrets)
                    self.open(app.secrets if app is not None else "")
                    row.login_refused_at, row.login_problem = None, ""

    def rotate(self) -> int:
        """Encrypt every stored login, and the keys of apps and callers, with the newest key; returns how many."""
        with transaction() as session:
            logins = session.scalars(sa.select(Integration).where(Integration.secrets != "")).all()
            apps = session.scalars(sa.select(MarketplaceApp).where(MarketplaceApp.secrets != "")).all()
            callers = session.scalars(sa.select(ShippingSettings).where(ShippingSettings.secrets != "")).all()
            rows: list[Integration | MarketplaceApp | ShippingSettings] = [*logins, *apps, *callers]
            for row in rows:
                row.secrets = self._fernet.rotate(row.secrets.encode()).decode()
            return len(rows)
