"""`flask demo`: a believable shop on a pretend Back Market, with an embedded database of its own."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import click
from flask import Flask, current_app
from flask_migrate import upgrade

from wholecell import config
from wholecell.channels import discover
from wholecell.config import Config
from wholecell.demo import seed
from wholecell.demo.catalog import Plan, plan
from wholecell.sandbox import Sandbox, Shop
from wholecell.services import accounts, login_links, start_lists
from wholecell.services.vault import Vault

DATABASE = "demo.db"
SANDBOX_PORT = 8001


@click.command("demo")
@click.option("--port", type=click.IntRange(1, 65535), help="Where the pages are; WHOLECELL_PORT unless given.")
@click.option("--sandbox-port", type=click.IntRange(1, 65535), help="8001, or a free one, unless given.")
@click.option("--keep", is_flag=True, help="Go on with the shop of last time instead of a fresh one.")
def command(port: int | None, sandbox_port: int | None, keep: bool) -> None:
    """Start the demo shop and the sandbox it sells on; prints a link that signs you in."""
    from wholecell import create_app
    from wholecell.serve import serve
    from wholecell.web.links import address

    base: Config = current_app.extensions["wholecell"]
    settings = demo_settings(base, port)
    if not _is_free(settings.port):
        raise click.ClickException(f"Port {settings.port} is in use: choose another with --port or WHOLECELL_PORT.")
    if sandbox_port and not _is_free(sandbox_port):
        raise click.ClickException(f"Port {sandbox_port} is in use: choose another with --sandbox-port.")
    if not keep:
        remove_database(settings.data_dir)
    shop_plan, shop = plan(), Shop(pages=settings.public_url)
    seed.put_up(shop, shop_plan)
    with Sandbox(shop, sandbox_port or (SANDBOX_PORT if _is_free(SANDBOX_PORT) else 0)) as sandbox:
        os.environ |= pretended(sandbox)
        app = create_app(settings)
        with app.app_context():
            token = prepare(app, shop, shop_plan)
            click.echo(f"The pretend marketplaces are at {sandbox.url} (see {sandbox.url}/_sandbox/state)")
            for kind, account in shop.accounts.items():
                if kind != seed.KIND and kind in discover():
                    click.echo(f"Connect its {discover()[kind].label} with {account.login}")
            click.echo(f"Sign in here, once, within an hour:\n  {address(token)}")
        serve(app)


def pretended(sandbox: Sandbox) -> dict[str, str]:
    """Where all channels are: whoever connects another one here means the pretended, never the real."""
    return {name: url for kind in sandbox.shop.marketplaces for name, url in sandbox.variables(kind).items()}


def demo_settings(base: Config, port: int | None) -> Config:
    """The settings of this process, but with a folder and a SQLite file of its own, beside the real ones."""
    own = {
        "WHOLECELL_DATA_DIR": str(base.data_dir / "demo"),
        "WHOLECELL_DATABASE_URL": f"sqlite:///{base.data_dir / 'demo' / DATABASE}",
        "WHOLECELL_SECRET_KEY": "",
        "WHOLECELL_CREDENTIALS_KEY": "",
        "WHOLECELL_SCHEDULER": "on",
        "WHOLECELL_LOG_LEVEL": os.environ.get("WHOLECELL_LOG_LEVEL") or "WARNING",
    }
    if port:
        own |= {"WHOLECELL_PORT": str(port), "WHOLECELL_PUBLIC_URL": ""}
    return config.load({**os.environ, **own})


def remove_database(folder: Path) -> None:
    """Forget the shop of last time."""
    for suffix in ("", "-wal", "-shm"):
        (folder / f"{DATABASE}{suffix}").unlink(missing_ok=True)


def prepare(app: Flask, shop: Shop, shop_plan: Plan) -> str:
    """Fill a fresh database, or remind the sandbox of a kept one; the token of a sign-in link for the admin."""
    settings: Config = app.extensions["wholecell"]
    upgrade()
    start_lists.ensure()
    if accounts.has_people():
        seed.recall(shop)
    else:
        seed.seed(shop_plan, Vault(settings.credentials_keys), shop)
    admin = accounts.find_by_email(seed.ADMIN)
    if admin is None:
        raise click.ClickException("The kept shop has no demo admin any more: start again without --keep.")
    return login_links.make("signin", admin.id)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
