"""`flask sync` prints what it did and exits non-zero with the reason when it failed."""

import pytest

from tests import factories as make
from wholecell.commands.sync import command
from wholecell.db import transaction
from wholecell.services import work
from wholecell.services.events import SYSTEM
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@pytest.fixture
def run(app):
    return lambda *args: app.test_cli_runner().invoke(command, args)


@pytest.fixture
def integration(app, settings, monkeypatch):
    monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", "http://127.0.0.1:9")  # nobody answers there
    login = {"platform": "north-america", "market": "en-us", "company": "Acme", "email": "it@acme.example"}
    secrets = Vault(settings.credentials_keys).close({"token": "hunter2-token"})
    integration = make.make_integration(name="Market", login=login, secrets=secrets)
    with transaction() as session:
        work.ensure_rows(session, integration.id)
    return integration


def test_done(run, integration, monkeypatch):
    monkeypatch.setattr("wholecell.services.sync._dispatch", lambda run, *_: run.count("new", 60))
    result = run("Market", "import-listings")
    assert (result.exit_code, result.output) == (0, "Market, import-listings: 60 new.\n")


def test_failed(run, integration):
    result = run(str(integration.id), "import-listings")
    assert result.exit_code == 1
    assert result.output.startswith("Error: Market, import-listings: ")
    assert "hunter2" not in result.output


def test_run_by_somebody_else(run, integration):
    work.claim(integration.id, Kind.REPAIR, SYSTEM)
    result = run("Market", "repair")
    assert result.exit_code == 1
    assert "Somebody else runs repair for Market" in result.output


@pytest.mark.parametrize("args", [("Nowhere", "repair"), ("Market", "sell")])
def test_unknown(run, integration, args):
    result = run(*args)
    assert result.exit_code != 0
    assert "Error: " in result.output
