"""Commands of `flask`: each prints what it did and exits non-zero when it failed."""

from __future__ import annotations

import importlib
import pkgutil

import click
from flask import Flask

from wholecell import commands


def init_app(app: Flask) -> None:
    """Add every `group` and `command` found in wholecell/commands/."""
    for module in pkgutil.iter_modules(commands.__path__):
        found = importlib.import_module(f"{commands.__name__}.{module.name}")
        for name in ("group", "command"):
            if isinstance(each := getattr(found, name, None), click.Command):
                app.cli.add_command(each)
