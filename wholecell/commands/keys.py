"""`flask rotate-credentials-key`: encrypt the marketplace logins with a new key."""

from __future__ import annotations

import os

import click
from flask import current_app

from wholecell import config
from wholecell.config import Config
from wholecell.services.vault import Vault


@click.command("rotate-credentials-key")
def command() -> None:
    """Encrypt all marketplace logins with a new key, or with the first of WHOLECELL_CREDENTIALS_KEY.

    Without that variable a new key is put before the old one in the file credentials.key; the old one stays
    for backups and programs that still use it, and goes at the next rotation.
    """
    settings: Config = current_app.extensions["wholecell"]
    if os.environ.get("WHOLECELL_CREDENTIALS_KEY", "").strip():
        count = Vault(settings.credentials_keys).rotate()
        click.echo(f"Encrypted {count} logins with the first key of WHOLECELL_CREDENTIALS_KEY; the others may go now.")
        return
    keys = config.add_credentials_key(settings.data_dir)
    count = Vault(keys).rotate()
    click.echo(f"Encrypted {count} logins with a new key in {settings.data_dir / 'credentials.key'}.")
    click.echo("Restart WholeCell and its workers now: until then they cannot read the logins.")
