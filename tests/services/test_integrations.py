"""Integrations that two people change at the same moment."""

import contextlib
import dataclasses
import threading

import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from tests.races import race
from wholecell.db import db, is_sqlite
from wholecell.models import Integration, InventoryStatus
from wholecell.services import integrations
from wholecell.services.events import SYSTEM
from wholecell.services.integrations import IntegrationError
from wholecell.services.vault import Vault


def _save_at_once(monkeypatch):
    """Two people tick the same two statuses more; both have loaded the settings before either saves."""
    integration = make.make_integration()
    ticks = frozenset(make.named(InventoryStatus, name).id for name in ("Available", "Repair"))
    old = integrations.settings_of(integration)
    new = dataclasses.replace(old, rule=dataclasses.replace(old.rule, statuses=ticks))
    db.session.commit()
    both, save_rule = threading.Barrier(2), integrations._save_rule

    def save_together(*args):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(1)  # only when both got here at once
        save_rule(*args)

    monkeypatch.setattr(integrations, "_save_rule", save_together)
    return race(lambda _: integrations.save_settings(integration.id, new, SYSTEM))


def test_saving_the_same_settings_twice_at_once_saves_them(app, monkeypatch):
    assert _save_at_once(monkeypatch) == [None, None]


def test_without_the_lock_the_second_is_lost_on_postgresql(app, monkeypatch):
    """The twin; SQLite's writers queue whatever we do."""
    get_one = sa.orm.Session.get_one
    monkeypatch.setattr(sa.orm.Session, "get_one", lambda self, model, key, **_: get_one(self, model, key))
    lost = [result for result in _save_at_once(monkeypatch) if isinstance(result, sa.exc.IntegrityError)]
    assert len(lost) == (0 if is_sqlite() else 1)


def _add_at_once():
    vault = Vault([Fernet.generate_key().decode()])
    return race(lambda _: integrations.add("backmarket", "Shop", {"token": "t"}, vault, SYSTEM), 4)


def test_of_those_who_add_one_name_at_once_one_does_and_the_others_are_told(app):
    results = _add_at_once()
    assert sum(isinstance(result, Integration) for result in results) == 1
    assert sum(isinstance(result, IntegrationError) for result in results) == 3, results


def _connect_one_account_at_once(monkeypatch):
    """Two connect one seller's account under two names, and both have looked for it before either connects."""
    vault, login = Vault([Fernet.generate_key().decode()]), {"marketplace": "ATVPDKIKX0DER", "platform": "na"}
    integrations.add("amazon", "Another", {**login, "seller_id": "A0"}, vault, SYSTEM)
    both, refuse = threading.Barrier(2), integrations._refuse_known_account

    def look_together(*args):
        refuse(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)  # only when both got here at once

    monkeypatch.setattr(integrations, "_refuse_known_account", look_together)
    return race(lambda number: integrations.add("amazon", f"{number}", {**login, "seller_id": "A1"}, vault, SYSTEM))


def test_an_account_that_two_connect_at_once_is_connected_once(app, monkeypatch):
    results = _connect_one_account_at_once(monkeypatch)
    assert {type(result) for result in results} == {Integration, IntegrationError}, results


def test_without_the_lock_both_connect_it_on_postgresql(app, monkeypatch):
    """The twin; SQLite's writers queue whatever we do."""
    get_one = sa.orm.Session.get_one
    monkeypatch.setattr(sa.orm.Session, "get_one", lambda self, model, key, **_: get_one(self, model, key))
    results = _connect_one_account_at_once(monkeypatch)
    assert sum(isinstance(result, Integration) for result in results) == (1 if is_sqlite() else 2), results
