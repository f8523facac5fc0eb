"""WholeCell: one pile of phones, offered on every channel, never oversold."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from wholecell import cli, config, db, logs, models, web

ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: config.Config | None = None) -> Flask:
    """Build the app. Raises config.ConfigError when the environment holds a value it cannot run with."""
    settings = settings or config.load()
    logs.configure(settings.log_level)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.extensions["wholecell"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # The text of a database error, which the log keeps, would hold people's data and secrets otherwise.
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True, "hide_parameters": True},
        MAX_CONTENT_LENGTH=10 * 1024 * 1024,
    )
    db.db.init_app(app)
    Migrate(app, db.db, directory=str(ROOT / "migrations"), render_as_batch=True)
    with app.app_context():
        db.listen(db.db.engine)
    web.init_app(app, settings)
    cli.init_app(app)
    return app


__all__ = ["ROOT", "create_app", "models"]
