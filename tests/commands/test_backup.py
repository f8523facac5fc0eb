"""Backups are whole, hold no key, and come back disarmed."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask_migrate import stamp

from tests import factories as make
from wholecell.db import db, transaction, utcnow
from wholecell.models import Event, Integration, InventoryItem, Listing, LoginLink, User, UserSession, Work
from wholecell.services import backup, login_links, work
from wholecell.services.events import SYSTEM
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@pytest.fixture
def shop(own_app, settings):
    """A person, a phone, and an armed integration in the middle of sending a number."""
    login = Vault(settings.credentials_keys).close({"token": "hunter2"})
    integration = make.make_integration(name="Market", armed=True, secrets=login)
    with transaction() as session:
        work.ensure_rows(session, integration.id)
    variation = make.make_variation("S1")
    make.make_item(variation)
    make.make_listing(integration, "S1", last_offered=1, last_synced=1, sending=0, is_connected=True)
    user = make.make_user("maya@example.com")
    make.save(UserSession(token_hash="x", user_id=user.id, data=b"", expires_at=utcnow()))
    login_links.make("password", user.id)
    work.claim(integration.id, Kind.PUSH_QUANTITIES, SYSTEM)
    return integration


def count(model, *where):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def test_what_was_backed_up_comes_back_whole_and_what_came_later_is_gone(flask, shop, tmp_path):
    assert flask("backup", tmp_path / "copy").exit_code == 0
    make.make_item(make.make_variation("S2"))
    make.make_user("later@example.com", role="viewer")
    result = flask("restore", tmp_path / "copy", "--yes")
    assert result.exit_code == 0, result.output
    assert "disarmed" in result.output
    assert count(InventoryItem) == 1
    assert list(db.session.scalars(sa.select(User.email))) == ["maya@example.com"]
    make.make_item(db.session.scalar(sa.select(make.ProductVariation)))
    assert count(InventoryItem) == 2


def test_a_restored_copy_sends_nothing_and_trusts_no_number(flask, shop, tmp_path):
    flask("backup", tmp_path / "copy")
    assert flask("restore", tmp_path / "copy", "--yes").exit_code == 0
    assert count(Integration) == 1
    assert count(Integration, Integration.armed_at.is_not(None)) == 0
    assert count(Listing, Listing.is_number_unknown, Listing.sending.is_(None)) == 1
    assert count(Work) == len(Kind)
    assert count(Work, Work.lease.is_not(None)) == 0
    assert count(UserSession) == count(LoginLink) == 0
    assert count(Event, Event.kind == "backup restored") == 1


def test_the_copy_of_a_copy_is_good_and_timelines_stay_append_only(flask, shop, tmp_path):
    for number in range(2):
        assert flask("backup", tmp_path / f"copy{number}").exit_code == 0
        assert flask("restore", tmp_path / f"copy{number}", "--yes").exit_code == 0
    with pytest.raises(sa.exc.DBAPIError, match="only ever added to"), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM event"))


def test_the_copy_holds_no_key_and_no_login_in_the_clear(flask, shop, tmp_path, settings):
    flask("backup", tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    for key in settings.credentials_keys:
        assert key.encode() not in content
    assert b"hunter2" not in content
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600


def test_restore_names_the_missing_key(flask, shop, tmp_path, own_app, settings):
    said = flask("backup", tmp_path / "copy").output
    key = backup.fingerprint(settings.credentials_keys[0])
    assert f"credentials key {key}" in said
    assert key not in flask("restore", tmp_path / "copy", "--yes").output
    object.__setattr__(settings, "credentials_keys", (Fernet.generate_key().decode(),))
    own_app.extensions["wholecell"] = settings
    result = flask("restore", tmp_path / "copy", "--yes")
    assert result.exit_code == 0
    assert f"need the credentials key {key}, which is not here" in result.output


def test_an_existing_file_is_not_written_over(flask, shop, tmp_path):
    (tmp_path / "copy").write_text("precious")
    result = flask("backup", tmp_path / "copy")
    assert result.exit_code == 1
    assert "is there already: name a new file" in result.output
    assert (tmp_path / "copy").read_text() == "precious"


def test_a_place_that_cannot_be_written(flask, shop, tmp_path):
    result = flask("backup", tmp_path / "no" / "copy")
    assert result.exit_code == 1
    assert "cannot be written" in result.output


@pytest.mark.parametrize("content", [None, b"", b"not a backup at all"])
def test_what_is_no_backup_changes_nothing(flask, shop, tmp_path, content):
    if content is not None:
        (tmp_path / "copy").write_bytes(content)
    result = flask("restore", tmp_path / "copy", "--yes")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert count(Integration, Integration.armed_at.is_not(None)) == 1


def test_a_copy_of_a_newer_program_is_refused(flask, shop, tmp_path):
    set_revision("9999")
    flask("backup", tmp_path / "copy")
    stamp(purge=True)
    result = flask("restore", tmp_path / "copy", "--yes")
    assert result.exit_code == 1
    assert "newer WholeCell" in result.output
    assert count(Integration, Integration.armed_at.is_not(None)) == 1


def set_revision(revision):
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_restore_asks_before_it_replaces_people(flask, shop, tmp_path):
    flask("backup", tmp_path / "copy")
    result = flask("restore", tmp_path / "copy", input="n\n")
    assert result.exit_code == 1
    assert count(Integration, Integration.armed_at.is_not(None)) == 1


def test_a_sqlite_copy_under_writes_has_what_was_committed(tmp_path):
    with closing(sqlite3.connect(tmp_path / "live.db", isolation_level=None)) as live:
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("CREATE TABLE phone (name TEXT)")
        live.execute("INSERT INTO phone VALUES ('committed')")
        live.execute("BEGIN IMMEDIATE")
        live.execute("INSERT INTO phone VALUES ('open')")
        backup._copy_sqlite(tmp_path / "live.db", tmp_path / "copy.db")
        live.execute("COMMIT")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT name FROM phone").fetchall() == [("committed",)]
