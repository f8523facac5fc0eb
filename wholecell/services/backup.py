"""Copies of the whole database, made while it is in use, and put back disarmed.

A copy never holds the credentials key, only a fingerprint of it: who has the copy cannot use the logins in it.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from wholecell.db import db, is_sqlite, transaction, utcnow
from wholecell.models import (
    Integration,
    Listing,
    LoginLink,
    MarketplaceApp,
    Setting,
    ShippingSettings,
    UserSession,
    Work,
)
from wholecell.services import api_tokens
from wholecell.services.events import SYSTEM, record
from wholecell.services.refusal import Refusal

KEY_SETTING = "backup_credentials_key"
# What a copy must never do by itself, in SQL that fits copies of any age.
DISARM = "UPDATE integration SET armed_at = NULL"
REVISION = "SELECT version_num FROM alembic_version"


def fingerprint(key: str) -> str:
    """Names a credentials key without telling it."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def back_up(path: Path, keys: Sequence[str]) -> None:
    """Write a copy of the database as it is now. Raises Refusal, for example when the file is there already."""
    if path.exists():
        raise Refusal(f"{path} is there already: name a new file.")
    with transaction() as session:
        session.merge(Setting(key=KEY_SETTING, value=fingerprint(keys[0])))
    unfinished = path.with_name(f"{path.name}.part")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        if is_sqlite():
            _copy_sqlite(_sqlite_path(), unfinished)
        else:
            _run(["pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}"])
        unfinished.replace(path)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def restore(path: Path, known_revisions: set[str]) -> None:
    """Put a copy in place of everything that is here, with every integration disarmed.

    Raises Refusal, with nothing changed, when the file is no copy of ours or of a newer program. The tables
    are those of the copy: they have to be brought up to date, then `settle` called, before anything else.
    """
    if not path.is_file():
        raise Refusal(f"There is no file {path}.")
    db.session.remove()
    db.engine.dispose()
    if is_sqlite():
        _restore_sqlite(path, known_revisions)
    else:
        _restore_postgresql(path, known_revisions)


def settle(keys: Sequence[str]) -> str:
    """Make a restored copy safe to run; returns a sentence about the credentials key it misses, or nothing.

    What the channels hold by now is unknown, nobody is signed in, no token or password of another system works, and no
    work is claimed or waits.
    """
    with transaction() as session:
        session.execute(sa.update(Integration).values(armed_at=None))
        session.execute(sa.update(ShippingSettings).values(sends_orders=False, secrets="", password_at=None))
        was_pushed = Listing.last_synced.is_not(None)
        session.execute(sa.update(Listing).where(was_pushed).values(is_number_unknown=True, sending=None, held=None))
        session.execute(sa.update(Work).values(lease=None, lease_until=None, wanted_at=None, wanted_by_id=None))
        session.execute(sa.delete(UserSession))
        session.execute(sa.delete(LoginLink))
        api_tokens.revoke_all(session)
        record(session, SYSTEM, "account", 0, "backup restored", new=f"{utcnow():%Y-%m-%d %H:%M} UTC")
        used = session.scalar(sa.select(Setting.value).where(Setting.key == KEY_SETTING))
        kept = sa.or_(sa.exists().where(Integration.secrets != ""), sa.exists().where(MarketplaceApp.secrets != ""))
        has_logins = session.scalar(sa.select(kept))
    if not has_logins or used in {fingerprint(key) for key in keys}:
        return ""
    return (
        f"The logins in this backup need the credentials key {used}, which is not here: put it into "
        "WHOLECELL_CREDENTIALS_KEY or the file credentials.key and start again, or enter each login again."
    )


def _sqlite_path() -> Path:
    return Path(str(db.engine.url.database))


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online backup: a plain copy of the file loses what is still in the write-ahead log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")  # one file, readable from a read-only place


def _restore_sqlite(path: Path, known_revisions: set[str]) -> None:
    with tempfile.TemporaryDirectory(dir=_sqlite_path().parent) as folder:
        copy = Path(folder) / "copy.db"
        try:
            _copy_sqlite(path, copy)
            with closing(sqlite3.connect(copy)) as connection:
                [(revision,)] = connection.execute(REVISION)
                connection.execute(DISARM)
                connection.commit()
        except (sqlite3.DatabaseError, ValueError):
            raise Refusal(f"{path} is no backup of a WholeCell on SQLite.") from None
        _check_revision(revision, known_revisions)
        with closing(sqlite3.connect(copy)) as new, closing(sqlite3.connect(_sqlite_path(), timeout=30)) as target:
            new.backup(target)
            target.execute("PRAGMA journal_mode=WAL")


def _restore_postgresql(path: Path, known_revisions: set[str]) -> None:
    """One transaction from dropping the old tables to disarming the new: a scheduler sees neither in between."""
    listing = _run(["pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(path)], connect=False)
    found = [line for line in listing.splitlines() if line in known_revisions]
    if "COPY public.alembic_version" not in listing:
        raise Refusal(f"{path} is no backup of a WholeCell on PostgreSQL.")
    _check_revision(found[0] if found else "unknown", known_revisions)
    script = _run(["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(path)], connect=False)
    fresh = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"
    _run(
        ["psql", "--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"],
        text=f"{fresh}{script}\n{DISARM.replace('integration', 'public.integration')};\n",
    )


def _check_revision(revision: str, known: set[str]) -> None:
    if revision not in known:
        raise Refusal("This backup is of a newer WholeCell: update the program, then restore it.")


def _run(command: list[str], *, connect: bool = True, text: str | None = None) -> str:
    """Run one of PostgreSQL's own programs; the password goes through the environment, which `ps` does not show."""
    environment = {**os.environ, **(_connection() if connect else {})}
    try:
        done = subprocess.run(command, env=environment, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Refusal(f"{command[0]} is missing: install PostgreSQL's client programs (postgresql-client).") from None
    if done.returncode:
        raise Refusal(f"{command[0]} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else ''}")
    return done.stdout


def _connection() -> Mapping[str, str]:
    url = db.engine.url
    parts = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {name: str(value) for name, value in parts.items() if value} | {
        f"PG{name.upper()}": str(value) for name, value in url.query.items() if name == "sslmode"
    }
