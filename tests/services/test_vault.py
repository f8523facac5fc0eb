"""Logins at rest: read with any key there is, written with the newest."""

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration
from wholecell.services.vault import UNREADABLE, Vault, VaultError

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def refuse(integration, problem):
    with transaction() as session:
        values = {"login_refused_at": utcnow(), "login_problem": problem}
        session.execute(sa.update(Integration).where(Integration.id == integration.id).values(values))


def is_refused(integration):
    query = sa.select(Integration.login_refused_at).where(Integration.id == integration.id)
    return db.session.scalar(query) is not None


def test_what_is_kept_does_not_show_the_secret():
    sealed = Vault([NEW]).close({"token": "hunter2"})
    assert "hunter2" not in sealed
    assert Vault([NEW]).open(sealed) == {"token": "hunter2"}
    assert Vault([NEW]).open("") == {}


def test_another_key_cannot_read_it_and_the_error_says_what_to_do():
    sealed = Vault([OLD]).close({"token": "hunter2"})
    with pytest.raises(VaultError, match="put the old credentials key back"):
        Vault([NEW]).open(sealed)
    assert Vault([NEW, OLD]).open(sealed) == {"token": "hunter2"}


def test_rotation_leaves_nothing_under_the_old_key(app):
    integration = make.make_integration(secrets=Vault([OLD]).close({"token": "hunter2"}))
    make.make_integration(secrets="")
    assert Vault([NEW, OLD]).rotate() == 1
    sealed = db.session.scalar(sa.select(Integration.secrets).where(Integration.id == integration.id))
    assert Vault([NEW]).open(sealed) == {"token": "hunter2"}
    with pytest.raises(VaultError):
        Vault([OLD]).open(sealed)


def test_what_stopped_for_want_of_the_key_goes_on_with_it(app):
    ours = make.make_integration(secrets=Vault([OLD]).close({"token": "hunter2"}))
    theirs = make.make_integration(secrets=Vault([OLD]).close({"token": "hunter2"}))
    refuse(ours, UNREADABLE)
    refuse(theirs, "Invalid token")
    Vault([NEW]).resume()
    assert is_refused(ours)
    Vault([NEW, OLD]).resume()
    assert not is_refused(ours)
    assert is_refused(theirs)
