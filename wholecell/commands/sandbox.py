"""`flask sandbox`: the pretend marketplaces alone."""

from __future__ import annotations

import click
from flask import current_app

from wholecell.config import Config
from wholecell.demo import seed
from wholecell.demo.catalog import plan
from wholecell.sandbox import Sandbox, Shop


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--empty", is_flag=True, help="Without the demo shop's listings.")
def command(port: int, empty: bool) -> None:
    """Serve the pretend marketplaces until Ctrl+C, for an app started with the address they print."""
    settings: Config = current_app.extensions["wholecell"]
    shop = Shop(pages=settings.public_url)
    if not empty:
        seed.put_up(shop, plan())
    with Sandbox(shop, port) as sandbox:
        click.echo(f"The pretend marketplaces are at {sandbox.url} (stop with Ctrl+C).")
        for kind, account in shop.accounts.items():
            variables = " ".join(f"{name}={url}" for name, url in sandbox.variables(kind).items())
            click.echo(f"{kind}: start the app with {variables}")
            click.echo(f"{kind}: connect with {account.login}")
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            click.echo("Stopped.")
