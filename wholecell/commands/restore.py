"""`flask restore`: put a copy of the database in place of this one."""

from __future__ import annotations

from pathlib import Path

import click
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import upgrade

from wholecell.config import Config
from wholecell.services import accounts, backup
from wholecell.services.refusal import Refusal


@click.command("restore")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask before what is here is replaced.")
def command(path: Path, yes: bool) -> None:
    """Replace everything by the copy in PATH. Nothing is sent to a channel until each integration is armed again."""
    settings: Config = current_app.extensions["wholecell"]
    upgrade()
    if accounts.has_people() and not yes:
        click.confirm("This replaces everything that is in the database now. Go on?", abort=True)
    try:
        backup.restore(path, _revisions())
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    upgrade()
    missing = backup.settle(settings.credentials_keys)
    click.echo(
        f"Restored {path}. Everybody signs in again, API tokens are revoked, and every integration is disarmed: arm "
        "them on their pages."
    )
    if missing:
        click.echo(missing, err=True)


def _revisions() -> set[str]:
    """The states of the tables that this program knows."""
    config = current_app.extensions["migrate"].migrate.get_config()
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
