"""`flask backup`: a copy of the whole database, made while it is in use."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from wholecell.config import Config
from wholecell.services import backup
from wholecell.services.refusal import Refusal


@click.command("backup")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def command(path: Path) -> None:
    """Write a copy of the database to the new file PATH. The credentials key is not in it: keep that elsewhere."""
    settings: Config = current_app.extensions["wholecell"]
    try:
        backup.back_up(path, settings.credentials_keys)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    key = backup.fingerprint(settings.credentials_keys[0])
    click.echo(f"Wrote {path}, {path.stat().st_size / 1e6:.1f} MB. Its logins need the credentials key {key}.")
