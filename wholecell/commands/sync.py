"""`flask sync`: do one piece of an integration's work now, in this process."""

from __future__ import annotations

import click
from flask import current_app

from wholecell.config import Config
from wholecell.services.refusal import Refusal
from wholecell.services.run_now import find_integration, run_now
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@click.command("sync")
@click.argument("integration")
@click.argument("what", type=click.Choice([kind.value for kind in Kind]))
def command(integration: str, what: str) -> None:
    """Do one piece of work for INTEGRATION, an id or name.

    Import listings or orders, push quantities, send shipments (and acceptances), or repair: read the channel's
    numbers again.
    """
    settings: Config = current_app.extensions["wholecell"]
    try:
        report = run_now(find_integration(integration), Kind(what), Vault(settings.credentials_keys))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    if not report.is_done:
        raise click.ClickException(report.sentence)
    click.echo(report.sentence)
