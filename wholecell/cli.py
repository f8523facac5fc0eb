"""Commands of `flask`: each prints what it did and exits non-zero when it failed."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add our commands to the app."""
