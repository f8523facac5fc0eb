"""`flask worker`: the scheduler alone, for an account whose pages run in other processes."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click
from flask import current_app
from flask_migrate import upgrade

from wholecell import jobs


@click.command("worker")
def command() -> None:
    """Import, push and repair until Ctrl+C, without pages. Any number may run: each job is done once."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    upgrade()
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    scheduler = jobs.start(app)
    click.echo("The worker runs (stop with Ctrl+C).")
    while not stopped.wait(1):  # on Windows only a short wait lets Ctrl+C through
        pass
    jobs.stop(app, scheduler)
    click.echo("The worker finished what it did and stopped.")
