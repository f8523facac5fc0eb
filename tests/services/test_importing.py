"""Sync Listings against the sandbox over a real socket, with what a marketplace can do wrong."""

import re

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.engine_world import LOGIN
from wholecell.channels.backmarket.client import BackMarket
from wholecell.channels.own_state import OwnState
from wholecell.db import db, transaction
from wholecell.models import Event, Integration, Listing, SyncRun
from wholecell.sandbox import Sandbox
from wholecell.services import sync, work
from wholecell.services.events import SYSTEM
from wholecell.services.work import Kind


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


@pytest.fixture
def shop(sandbox):
    sandbox.shop.reset(empty=True)
    for limit in sandbox.shop.account("backmarket").limits.values():
        limit.most = None
    return sandbox.shop


@pytest.fixture
def integration(app):
    row = make.make_integration()
    with transaction() as session:
        work.ensure_rows(session, row.id)
    return row


def seed(shop, count=3, quantity=2):
    return shop.seed_backmarket(
        [
            {
                "sku": f"S{i}",
                "title": f"Phone {i}",
                "grade": "GOOD",
                "price": "99.90",
                "currency": "USD",
                "quantity": quantity,
            }
            for i in range(count)
        ]
    )


@pytest.fixture
def press_sync(integration, sandbox, shop):
    """Press Sync Listings and give back the run; `token` logs in with another one."""
    integration_id = integration.id

    def press(token=LOGIN["token"]):
        db.session.remove()
        url = sandbox.base_url("backmarket")
        sync.run_work(
            integration_id,
            Kind.IMPORT_LISTINGS,
            None,
            opener=lambda _: BackMarket({**LOGIN, "token": token}, url, OwnState()),
        )
        db.session.remove()
        return db.session.scalar(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(1))

    return press


def listings():
    return list(db.session.scalars(sa.select(Listing).order_by(Listing.sku)))


def test_the_first_import_takes_everything_in(shop, press_sync):
    seed(shop, 120)
    make.make_items(make.make_variation("S0"), 4)
    run = press_sync()
    assert (run.state, run.done, run.total, run.counts["new"]) == ("done", 120, 120, 120)
    first = listings()[0]
    assert (first.sku, first.price_cents, first.currency, first.last_imported, first.state) == (
        "S0", 9990, "USD", 2, "active",
    )  # fmt: skip
    assert (first.is_connected, first.last_offered) == (True, 4)
    assert sum(each.is_connected for each in listings()) == 1


def test_a_second_import_changes_nothing(shop, press_sync):
    seed(shop)
    press_sync()
    run = press_sync()
    assert run.counts == {"same": 3, "new": 0, "unreadable": 0} or run.counts["same"] == 3
    assert "changed" not in run.counts


def test_titles_prices_and_quantities_follow_the_channel(shop, press_sync):
    (remote,) = seed(shop, 1)
    press_sync()
    shop.change("backmarket", remote.id, title="Better phone", price="120.00", quantity=9)
    assert press_sync().counts["changed"] == 1
    (row,) = listings()
    assert (row.title, row.price_cents, row.last_imported) == ("Better phone", 12000, 9)
    kinds = set(db.session.scalars(sa.select(Event.kind).where(Event.subject == "listing")))
    assert {"imported", "channel title", "channel price_cents", "channel quantity"} <= kinds


def test_a_listing_that_vanished_is_marked_ended_and_kept(shop, press_sync):
    first, second, third = seed(shop)
    press_sync()
    shop.remove("backmarket", second.id)
    assert press_sync().counts["ended"] == 1
    assert [row.state for row in listings()] == ["active", "ended", "active"]


def test_online_only_keeps_what_is_out_of_stock(shop, press_sync, integration):
    first, second = seed(shop, 2)
    db.session.get(Integration, integration.id).imports_online_only = True
    db.session.commit()
    press_sync()
    shop.push("backmarket", first.id, 0)
    press_sync()
    assert [row.state for row in listings()] == ["out of stock", "active"]


@pytest.mark.parametrize("fault", ["shifting_page", "repeated_page"])
def test_rows_that_shift_while_paging_lose_nothing(shop, press_sync, fault):
    seed(shop, 120)
    press_sync()
    shop.faults.add(fault)
    run = press_sync()
    assert run.state == "done"
    assert all(row.state == "active" for row in listings())
    assert len(listings()) >= 120


def test_a_wrong_token_stops_the_integration_and_a_new_one_resumes(shop, press_sync, integration):
    seed(shop)
    run = press_sync(token="revoked")
    assert run.state == "failed"
    assert "refused the token" in run.problem
    assert run.advice
    assert "revoked" not in run.problem + run.advice
    db.session.remove()
    assert db.session.scalar(sa.select(Integration)).login_refused_at is not None
    assert press_sync().id == run.id, "nothing more is called with a refused login"


FAULTS = [
    ({"kind": "edge_html"}, "edge"),
    ({"kind": "status", "status": 429}, "slow|many|limit|wait"),
    ({"kind": "status", "status": 500}, "500|error|trouble"),
    ({"kind": "status", "status": 422}, ""),
    ({"kind": "bare_string"}, ""),
    ({"kind": "broken_json"}, "not|could"),
    ({"kind": "redirect"}, ""),
    ({"kind": "too_large"}, ""),
]


@pytest.mark.parametrize(("fault", "words"), FAULTS, ids=[str(sorted(f.values(), key=str)) for f, _ in FAULTS])
def test_what_went_wrong_is_a_plain_sentence_and_nothing_is_lost(shop, press_sync, fault, words):
    seed(shop, 120)
    press_sync()
    shop.faults.add(times=None, **fault)
    run = press_sync()
    assert run.state == "failed"
    assert len(run.problem) > 15
    assert run.advice
    assert "<" not in run.problem
    assert "Traceback" not in run.problem
    assert len(listings()) == 120
    assert all(row.state == "active" for row in listings())
    assert re.search(words, f"{run.problem} {run.advice}", re.IGNORECASE)


def test_it_resumes_by_itself_after_the_wait(shop, press_sync, integration):
    seed(shop)
    shop.faults.add("status", status=429, times=1)
    assert press_sync().state == "failed"
    db.session.execute(sa.update(work.Work).values(not_before=None))
    db.session.commit()
    assert press_sync().state == "done"


def test_a_second_press_while_it_runs_does_not_start_another(shop, press_sync, integration):
    seed(shop)
    running = work.claim(integration.id, Kind.IMPORT_LISTINGS, SYSTEM)
    assert press_sync().id == running.run_id


def test_a_person_can_stop_it_and_what_was_read_stays(shop, integration, sandbox):
    seed(shop, 120)
    url = sandbox.base_url("backmarket")

    class Stopping(BackMarket):
        def listings(self, *, online_only):
            for page in super().listings(online_only=online_only):
                work.ask_stop(db.session.scalar(sa.select(sa.func.max(SyncRun.id))))
                yield page

    sync.run_work(integration.id, Kind.IMPORT_LISTINGS, None, opener=lambda _: Stopping(LOGIN, url, OwnState()))
    run = db.session.scalar(sa.select(SyncRun))
    assert (run.state, run.done) == ("stopped", 50)
    assert len(listings()) == 50
