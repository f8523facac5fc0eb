import dataclasses
import re

import pytest
import sqlalchemy as sa

from tests.factories import make_user
from wholecell import config, create_app, serve
from wholecell.db import db
from wholecell.models import InventoryStatus
from wholecell.services import login_links


@pytest.fixture
def empty(tmp_path):
    """An app before its first start: no tables."""
    app = create_app(config.load({"WHOLECELL_DATA_DIR": str(tmp_path), "WHOLECELL_SCHEDULER": "off"}))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_first_start_builds_the_tables_and_prints_a_set_up_link(empty, capsys):
    serve.prepare()
    found = re.search(r"http://localhost:8000/link/(\S+)", capsys.readouterr().out)
    assert login_links.find(found[1]) == ("setup", None)
    assert db.session.scalar(sa.select(sa.func.count(InventoryStatus.id))) > 0


def test_later_starts_print_none(empty, capsys):
    serve.prepare()
    make_user()
    capsys.readouterr()
    serve.prepare()
    assert "/link/" not in capsys.readouterr().out


@pytest.mark.parametrize("switch", [True, False])
def test_serving_runs_the_scheduler_unless_switched_off(empty, monkeypatch, switch):
    started, served, stopped = [], [], []
    monkeypatch.setattr(serve.jobs, "start", lambda app: started.append(app) or "scheduler")
    monkeypatch.setattr(serve.jobs, "stop", lambda app, scheduler: stopped.append((app, scheduler)))
    monkeypatch.setattr(serve.waitress, "serve", lambda app, **options: served.append(options))
    empty.extensions["wholecell"] = dataclasses.replace(empty.extensions["wholecell"], scheduler=switch)
    serve.serve(empty)
    assert started == ([empty] if switch else [])
    assert stopped == ([(empty, "scheduler")] if switch else [])
    assert (served[0]["host"], served[0]["port"], served[0]["threads"]) == ("127.0.0.1", 8000, 8)
