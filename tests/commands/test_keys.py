"""The credentials key is exchanged without losing a login."""

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from wholecell import config
from wholecell.commands.keys import command
from wholecell.db import db
from wholecell.models import Integration
from wholecell.services.vault import Vault, VaultError


@pytest.fixture
def sealed(app, settings):
    make.make_integration(secrets=Vault(settings.credentials_keys).close({"token": "hunter2"}))
    return lambda: db.session.scalar(sa.select(Integration.secrets))


@pytest.fixture
def rotate(app):
    return lambda: app.test_cli_runner().invoke(command)


def test_a_new_key_in_the_file(rotate, sealed, settings, monkeypatch):
    monkeypatch.delenv("WHOLECELL_CREDENTIALS_KEY", raising=False)
    result = rotate()
    assert result.exit_code == 0, result.output
    assert "Encrypted 1 logins" in result.output
    assert "Restart" in result.output
    with pytest.raises(VaultError):
        Vault(settings.credentials_keys).open(sealed())
    new = config.load({"WHOLECELL_DATA_DIR": str(settings.data_dir)}).credentials_keys
    assert Vault(new[:1]).open(sealed()) == {"token": "hunter2"}
    assert new[1:] == settings.credentials_keys


def test_the_first_of_the_variable(rotate, sealed, settings, app, monkeypatch):
    new = Fernet.generate_key().decode()
    keys = (new, *settings.credentials_keys)
    monkeypatch.setenv("WHOLECELL_CREDENTIALS_KEY", ",".join(keys))
    object.__setattr__(settings, "credentials_keys", keys)
    result = rotate()
    assert "the others may go now" in result.output
    assert Vault([new]).open(sealed()) == {"token": "hunter2"}
