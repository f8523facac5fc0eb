"""One runner at a time, whatever the number of threads, processes and schedulers."""

import multiprocessing
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from tests import factories as make
from tests import quick_apps
from wholecell import create_app
from wholecell.channels.contract import CredentialsError, TemporaryError
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, SyncRun, Work
from wholecell.services import logins, sync, work
from wholecell.services.events import SYSTEM, Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind


@pytest.fixture
def integration(app):
    row = make.make_integration()
    with transaction() as session:
        work.ensure_rows(session, row.id)
    return row


def claim(integration, kind=Kind.PUSH_QUANTITIES, **more):
    return work.claim(integration.id, kind, SYSTEM, **more)


def test_a_second_runner_is_turned_away_until_the_first_ends(integration):
    run = claim(integration)
    assert claim(integration) is None
    assert claim(integration, Kind.REPAIR) is not None, "another kind of work goes on"
    work.finish(run)
    assert claim(integration) is not None


def test_a_dead_runner_loses_the_lease_by_time_and_history_says_so(integration):
    dead = claim(integration)
    later = utcnow() + work.LEASE + timedelta(seconds=1)
    assert claim(integration, now=later) is not None
    row = db.session.get_one(SyncRun, dead.run_id)
    assert (row.state, row.problem) == ("failed", "The program stopped in the middle of this run.")
    with pytest.raises(work.LeaseLostError):
        dead.keep()
    work.finish(dead)  # too late: it changes nothing any more
    assert db.session.scalar(sa.select(Work.lease).where(Work.kind == Kind.PUSH_QUANTITIES)) != dead.lease


def test_keeping_the_lease_prolongs_it(integration):
    run = claim(integration)
    run.keep(now=utcnow() + timedelta(minutes=5))
    assert claim(integration, now=utcnow() + timedelta(minutes=5)) is None


def test_asking_twice_wants_one_run_and_names_who_asked(integration):
    user = make.make_user()
    for _ in range(2):
        work.ask(integration.id, Kind.IMPORT_LISTINGS, Actor(user_id=user.id))
    run = claim(integration, Kind.IMPORT_LISTINGS)
    assert db.session.get_one(SyncRun, run.run_id).user_id == user.id
    assert db.session.scalar(sa.select(Work.wanted_at).where(Work.kind == Kind.IMPORT_LISTINGS)) is None


def test_a_person_can_stop_a_run(integration):
    run = claim(integration)
    work.ask_stop(run.run_id)
    with pytest.raises(work.StopAskedError):
        run.keep()


def test_waiting_grows_with_each_failure_and_ends_with_success(integration):
    pauses = []
    for _ in range(3):
        db.session.execute(sa.update(Work).values(not_before=None))
        db.session.commit()
        work.wait(claim(integration), "The channel is down.", "", None)
        row = db.session.get_one(Work, (integration.id, Kind.PUSH_QUANTITIES), populate_existing=True)
        pauses.append(round((row.not_before - utcnow()).total_seconds(), -1))
    assert pauses == [10, 20, 40]
    db.session.execute(sa.update(Work).values(not_before=None))
    db.session.commit()
    work.finish(claim(integration))
    row = db.session.get_one(Work, (integration.id, Kind.PUSH_QUANTITIES), populate_existing=True)
    assert (row.failures, row.not_before) == (0, None)


def test_a_429_for_an_hour_stops_only_its_own_kind_of_work(integration):
    work.wait(claim(integration), "Too many calls.", "", 3600)
    assert claim(integration) is None
    assert claim(integration, Kind.REPAIR) is not None
    assert claim(integration, now=utcnow() + timedelta(minutes=61)) is not None


def test_an_unforeseen_error_ends_the_run_without_its_text(integration):
    def explode(_):
        raise ValueError("token=very-secret")

    with pytest.raises(ValueError, match="very-secret"):
        sync.run_work(integration.id, Kind.REPAIR, None, opener=explode)
    row = db.session.scalar(sa.select(SyncRun))
    assert row.state == "failed"
    assert "secret" not in row.problem + row.advice


def test_a_temporary_error_says_what_happened_and_that_it_goes_on(integration):
    def down(_):
        raise TemporaryError("Back Market does not answer.")

    sync.run_work(integration.id, Kind.REPAIR, None, opener=down)
    row = db.session.scalar(sa.select(SyncRun))
    assert (row.problem, row.advice) == ("Back Market does not answer.", "Nothing to do: it is tried again by itself.")


def _claims_of_threads(app, integration_id, count=16):
    won, barrier = [], threading.Barrier(count)

    def run():
        with app.app_context():
            barrier.wait()
            if work.claim(integration_id, Kind.PUSH_QUANTITIES, SYSTEM):
                won.append(1)
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(won)


def test_of_sixteen_threads_one_wins(app, integration):
    assert _claims_of_threads(app, integration.id) == 1


def test_without_the_guarded_update_several_win(app, integration, monkeypatch):
    """The twin: looking first and writing later lets several through."""
    looked = threading.Barrier(16)

    def look_then_write(session, works, lease, now):
        session.commit()
        free = session.scalar(sa.select(Work.lease).where(works)) is None
        session.commit()
        looked.wait()
        if free:
            session.execute(sa.update(Work).where(works).values(lease=lease, lease_until=now + work.LEASE))
        return free

    monkeypatch.setattr(work, "_take", look_then_write)
    monkeypatch.setattr(work, "transaction", _no_transaction)
    assert _claims_of_threads(app, integration.id) > 1


class _no_transaction:
    def __enter__(self):
        return db.session()

    def __exit__(self, *_):
        db.session.commit()


def _process(settings, integration_id, start, results):
    with quick_apps.late_pages():
        app = create_app(settings)
    with app.app_context():
        start.wait()
        run = work.claim(integration_id, Kind.PUSH_QUANTITIES, SYSTEM)
        results.put(run is not None)


def test_of_ten_processes_one_runs_the_job(app, integration, settings):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.services.test_work"])
    start, results = context.Barrier(10), context.Queue()
    processes = [context.Process(target=_process, args=(settings, integration.id, start, results)) for _ in range(10)]
    for process in processes:
        process.start()
    assert sum(results.get(timeout=60) for _ in processes) == 1
    for process in processes:
        process.join()


def _refused(integration, meanwhile):
    def refuse(_integration):
        meanwhile()
        raise CredentialsError("Back Market refused the token.")

    sync.run_work(integration.id, Kind.IMPORT_LISTINGS, None, opener=refuse)
    return db.session.get_one(Integration, integration.id, populate_existing=True)


def test_a_refusal_of_the_old_login_does_not_stop_the_new_one(integration):
    vault = Vault([Fernet.generate_key().decode()])

    def enter_a_new_one():
        logins.change(integration.id, {"token": "new"}, vault, SYSTEM)

    row = _refused(integration, enter_a_new_one)
    assert (row.login_refused_at, row.login_problem) == (None, "")
    assert claim(integration, Kind.IMPORT_LISTINGS) is not None


def test_a_refusal_of_the_login_in_use_stops_everything(integration):
    assert _refused(integration, lambda: None).login_refused_at is not None
    assert claim(integration, Kind.IMPORT_LISTINGS) is None


def test_an_import_whose_login_was_refused_is_wanted_again_under_a_new_one(integration):
    _refused(integration, lambda: None)
    wanted = sa.select(Work.wanted_at).where(Work.kind == Kind.IMPORT_LISTINGS)
    assert db.session.scalar(wanted) is not None
