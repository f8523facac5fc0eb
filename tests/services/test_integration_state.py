"""What processes share of one integration: one access token, fetched once, and notes."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from wholecell.channels.contract import AccessToken, CredentialsError, WaitingError
from wholecell.db import db, transaction, utcnow
from wholecell.models import IntegrationNote
from wholecell.services import integration_state
from wholecell.services.integration_state import IntegrationState, forget
from wholecell.services.vault import Vault

KEY = Fernet.generate_key().decode()


@pytest.fixture
def integration_id(app):
    return make.make_integration().id


def state(integration_id, version=1, key=KEY):
    return IntegrationState(integration_id, "fake", version, Vault([key]))


class Shop:
    """Gives tokens and counts them."""

    def __init__(self, lasts=timedelta(minutes=15), takes=None):
        self.given, self._lasts, self._takes = 0, lasts, takes

    def fetch(self):
        if self._takes is not None:
            self._takes.wait(5)
        self.given += 1
        return AccessToken(f"token-{self.given}", utcnow() + self._lasts)


def test_a_token_is_fetched_once_for_all_who_use_the_login(integration_id):
    shop = Shop()
    for _ in range(3):
        assert state(integration_id).token(shop.fetch) == "token-1"


def test_one_that_ends_within_a_minute_is_renewed(integration_id):
    shop = Shop(lasts=timedelta(seconds=59))
    own = state(integration_id)
    assert [own.token(shop.fetch), own.token(shop.fetch)] == ["token-1", "token-2"]


def test_a_refused_one_is_renewed_and_a_newer_one_stays(integration_id):
    shop, first, second = Shop(), state(integration_id), state(integration_id)
    refused = first.token(shop.fetch)
    second.token(shop.fetch)
    first.drop_token(refused)
    assert first.token(shop.fetch) == "token-2"
    second.drop_token(refused)
    assert second.token(shop.fetch) == "token-2"


def _fetched_by_threads(app, integration_id, count=6):
    shop, barrier, got = Shop(), threading.Barrier(count), []

    def one():
        with app.app_context():
            barrier.wait()
            got.append(state(integration_id).token(shop.fetch))
            db.session.remove()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return shop.given, got


def test_of_many_at_once_one_fetches(app, integration_id):
    assert _fetched_by_threads(app, integration_id) == (1, ["token-1"] * 6)


def test_without_the_guard_each_fetches(app, integration_id, monkeypatch):
    monkeypatch.setattr(IntegrationState, "_may_fetch", lambda self, _: self._write("access token") or True)
    monkeypatch.setattr(IntegrationState, "_opened", lambda *_: "")
    given, _ = _fetched_by_threads(app, integration_id)
    assert given == 6


def test_while_another_fetches_for_long_the_work_goes_on_later(integration_id, monkeypatch):
    monkeypatch.setattr(integration_state, "LONGEST_NAP", 0.2)
    assert state(integration_id)._may_fetch(None)
    with pytest.raises(WaitingError):
        state(integration_id).token(Shop().fetch)


def test_one_who_died_while_fetching_is_followed_by_the_next(integration_id):
    assert state(integration_id)._may_fetch(None)
    with transaction() as session:
        session.execute(sa.update(IntegrationNote).values(fetching_until=utcnow() - timedelta(seconds=1)))
    assert state(integration_id).token(Shop().fetch) == "token-1"


def test_a_refused_login_lets_the_next_one_try_at_once(integration_id):
    def refuse():
        raise CredentialsError("Refused.")

    with pytest.raises(CredentialsError):
        state(integration_id).token(refuse)
    assert state(integration_id).token(Shop().fetch) == "token-1"


def test_notes_are_kept_for_the_next_run_and_forgotten(integration_id):
    state(integration_id).remember("report", "R-1")
    assert state(integration_id).recall("report") == "R-1"
    assert state(integration_id).recall("feed") == ""
    state(integration_id).remember("report", "")
    assert state(integration_id).recall("report") == ""


def test_a_new_login_knows_nothing_of_the_old_one(integration_id):
    old = state(integration_id)
    old.remember("report", "R-1")
    old.token(Shop().fetch)
    with transaction() as session:
        forget(session, integration_id)
    old.remember("report", "R-2")  # a run that still goes on under the old login
    shop = Shop()
    assert state(integration_id, version=2).recall("report") == ""
    state(integration_id, version=2).token(shop.fetch)
    assert shop.given == 1


def test_what_is_kept_is_encrypted_and_with_another_key_had_again(integration_id):
    state(integration_id).remember("report", "secret-report")
    state(integration_id).token(Shop().fetch)
    kept = "".join(db.session.scalars(sa.select(IntegrationNote.text)))
    assert "secret-report" not in kept
    assert "token-1" not in kept
    other = state(integration_id, key=Fernet.generate_key().decode())
    assert other.recall("report") == ""
    assert other.token(Shop().fetch) == "token-1"
