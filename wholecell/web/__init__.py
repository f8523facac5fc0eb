"""The pages: one blueprint module per area."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Blueprint, Flask

from wholecell.config import Config
from wholecell.web import channel_routes, errors, filters, headers, security, shell, subjects


def init_app(app: Flask, settings: Config) -> None:
    """Register every blueprint found in this package (a module's `bp`), and what all pages share."""
    headers.init_app(app, settings)
    security.init_app(app, settings)
    errors.init_app(app)
    filters.init_app(app)
    shell.init_app(app)
    subjects.init_app(app)
    for module in pkgutil.iter_modules(__path__):
        blueprint = getattr(importlib.import_module(f"{__name__}.{module.name}"), "bp", None)
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint)
    channel_routes.init_app(app)
