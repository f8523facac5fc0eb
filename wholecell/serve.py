"""Serve the app: bring the database up to date, say how to get in, run the scheduler beside the pages."""

from __future__ import annotations

import gc
import sys

import click
import waitress
from flask import Flask
from flask_migrate import upgrade

from wholecell import jobs
from wholecell.config import Config
from wholecell.services import accounts, login_links, start_lists
from wholecell.web.links import address

THREADS = 8


def serve(app: Flask) -> None:
    """Serve until stopped."""
    settings: Config = app.extensions["wholecell"]
    with app.app_context():
        prepare()
    scheduler = jobs.start(app) if settings.scheduler else None
    gc.freeze()  # the program itself is no garbage: looking through it took a tenth of a large upload
    click.echo(f"WholeCell is at {settings.public_url} (stop with Ctrl+C)")
    try:
        waitress.serve(app, host=settings.host, port=settings.port, threads=THREADS, ident=None)
    except OSError as error:
        place = f"Port {settings.port} on {settings.host} cannot be used"
        sys.exit(f"{place} ({error.strerror}): choose others with WHOLECELL_PORT and WHOLECELL_HOST.")
    finally:
        if scheduler:  # it would go on asking for threads that the interpreter, on its way out, no longer gives
            jobs.stop(app, scheduler)


def prepare() -> None:
    """Build or update the tables, fill the start lists, and print a set-up link while there is nobody."""
    upgrade()
    start_lists.ensure()
    if not accounts.has_people():
        click.echo(f"Set up WholeCell here, once, within an hour:\n  {address(login_links.make('setup'))}")
