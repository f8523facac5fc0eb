"""Integrations as people use them: connect, tick, look at the preview, arm, and what lesser roles are refused."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.push_world import ME, World
from tests.web.pages import check_page, check_partial, get_page
from wholecell.db import db, utcnow
from wholecell.models import Event, Integration, Listing, SyncRun, Work
from wholecell.services import guard, integrations, offers, work
from wholecell.services.recompute import Cause
from wholecell.services.work import Kind

TOKEN = "sandbox-backmarket-token"
LOGIN = {
    "name": "Back Market US",
    "platform": "north-america",
    "market": "en-us",
    "token": TOKEN,
    "company": "Northline",
    "email": "ops@northline.example",
}


def the_one():
    db.session.remove()
    return db.session.scalars(sa.select(Integration)).one()


@pytest.fixture
def world(app):
    """Ten armed listings of one phone each, all in step."""
    world = World(count=10, stock=1)
    world.settle()
    return world


# Details


def form_of(client, integration_id):
    """The settings as the page shows them, so that a test changes one thing."""
    page = get_page(client, f"/integrations/{integration_id}/")
    form = page.text.split('id="settings"')[1]
    ticked = re.findall(r'name="(statuses|warehouses)" value="(\d+)" checked', form)
    data = {"match": "sku", "imports_online_only": "all", "pushes_quantities": "y"}
    for name in ("statuses", "warehouses"):
        data[name] = [value for each, value in ticked if each == name]
    return data


def test_settings_are_saved_as_ticked(client_as):
    one = make.make_integration()
    key = one.id
    client = client_as("manager")
    repair = make.named(make.InventoryStatus, "Repair").id
    data = form_of(client, key)
    data["statuses"].append(str(repair))
    answer = client.post(
        f"/integrations/{key}/",
        data={**data, "match": "chosen", "imports_online_only": "online", "safety_quantity": "2", "percentage": ""},
    )
    assert answer.status_code == 303
    saved = integrations.settings_of(the_one())
    assert repair in saved.rule.statuses
    assert (saved.rule.matches_via_sku, saved.imports_online_only) == (False, True)
    assert (saved.rule.limits.safety_quantity, saved.rule.limits.percentage) == (2, 100)
    assert form_of(client, key)["statuses"] == data["statuses"]


def test_settings_filled_in_wrong(client_as):
    one = make.make_integration()
    client = client_as("manager")
    answer = client.post(f"/integrations/{one.id}/", data={**form_of(client, one.id), "percentage": "101"})
    assert answer.status_code == 422
    assert "Enter a whole number from 0 to 100" in check_page(client, answer).text


def test_what_saving_would_do(client_as, world):
    client = client_as("manager")
    url = f"/integrations/{world.integration.id}/effect"
    data = form_of(client, world.integration.id)
    answer = client.post(url, data=data)
    check_partial(client, answer, "effect")
    assert "No number changes" in answer.text
    answer = client.post(url, data={**data, "safety_quantity": "1"})
    assert "The guard would hold these back" in answer.text
    assert "10 of 10 connected listings" in answer.text
    answer = client.post(url, data={**data, "warehouses": []})
    assert "No warehouse is ticked" in answer.text
    assert "not filled in right" in client.post(url, data={**data, "safety_quantity": "x"}).text


# Sync Listings


def test_progress_in_every_state(client_as, world):
    client = client_as("manager")
    key = world.integration.id
    url = f"/integrations/{key}"

    def shown():
        return client.get(f"{url}/progress")

    assert "Listings synced" in shown().text
    assert shown().headers["HX-Trigger"] == "listings-synced"
    assert "hx-get" not in shown().text.split('id="sync-button"')[0], "only a live one asks again"
    answer = client.post(f"{url}/sync", headers={"HX-Request": "true"})
    assert "about to start" in answer.text
    assert 'hx-trigger="load delay:1s"' in answer.text
    run = work.claim(key, Kind.IMPORT_LISTINGS, ME)
    run.count("new", 3)
    with integrations.transaction() as session:
        run.progress(session, 3, 10)
    assert "<b>3</b> of 10 read" in shown().text
    client.post(f"{url}/sync")
    assert db.session.scalar(sa.select(Work.wanted_at).where(Work.kind == Kind.IMPORT_LISTINGS)) is None
    answer = client.post(f"{url}/runs/{run.run_id}/stop", headers={"HX-Request": "true"})
    assert "stopping" in answer.text
    work.stop(run)
    assert "Stopped by hand" in shown().text
    run = work.claim(key, Kind.IMPORT_LISTINGS, ME)
    work.wait(run, "Back Market is busy.", "", 600)
    assert "next at" in shown().text and "Back Market is busy." in shown().text
    db.session.execute(sa.update(Work).values(not_before=None))
    db.session.commit()
    run = work.claim(key, Kind.IMPORT_LISTINGS, ME)
    work.refuse_login(run, "Invalid token.", "")
    assert "Login refused" in shown().text and "Invalid token." in shown().text


def test_a_run_that_failed_says_what_to_do(client_as, world):
    db.session.execute(sa.update(SyncRun).values(state="failed", problem="It broke <here>.", advice="Press again."))
    db.session.commit()
    text = client_as("viewer").get(f"/integrations/{world.integration.id}/progress").text
    assert "It broke &lt;here&gt;. Press again." in text


# Preview and arming


def test_arming_wants_zeros_agreed_to(client_as):
    one = make.make_integration()
    key = one.id
    make.make_variation("A1")
    make.make_listing(one, "A1", last_imported=4)
    client = client_as("manager")
    page = get_page(client, f"/integrations/{key}/preview")
    assert "Arm and send 1" in page.text
    assert "Orders are not imported" in page.text and f"/integrations/{key}/#orders" in page.links()
    answer = client.post(f"/integrations/{key}/arm")
    assert answer.status_code == 422
    assert "Tick that 1 listing may go to zero" in check_page(client, answer).text
    assert the_one().armed_at is None
    assert client.post(f"/integrations/{key}/arm", data={"seen": "y"}).status_code == 303
    assert the_one().armed_at is not None
    assert client.post(f"/integrations/{key}/disarm").status_code == 303
    assert the_one().armed_at is None


def test_nothing_ticked_cannot_be_armed_and_says_so(client_as):
    one = make.make_integration(statuses=())
    client = client_as("manager")
    page = get_page(client, f"/integrations/{one.id}/preview")
    assert "No status is ticked" in page.text
    assert "Arm and send" not in page.text
    assert client.post(f"/integrations/{one.id}/arm", data={"seen": "y"}).status_code == 422
    assert the_one().armed_at is None


def test_armed_and_in_step_there_is_nothing_to_send(client_as, world):
    assert "Nothing to send" in get_page(client_as("viewer"), f"/integrations/{world.integration.id}/preview").text


def hold(world):
    """Untick the only warehouse by the page's own save: every 0 waits."""
    empty = make.named(make.Warehouse, "Empty").id
    now = integrations.settings_of(db.session.get(Integration, world.integration.id))

    integrations.save_settings(
        world.integration.id, replace(now, rule=replace(now.rule, warehouses=frozenset({empty}))), ME
    )
    offers.compute_requested()
    assert guard.held_on(world.integration.id).zeros == 10


def test_held_numbers_are_sent(client_as, world):
    hold(world)
    client = client_as("manager")
    url = f"/integrations/{world.integration.id}"
    page = get_page(client, f"{url}/preview")
    assert "The guard holds 10 numbers" in page.text
    assert "Send 10" in page.text
    client.post(f"{url}/release")
    assert guard.held_on(world.integration.id) is None


def test_held_numbers_are_taken_back_with_what_caused_them(client_as, world):
    hold(world)
    client = client_as("manager")
    url = f"/integrations/{world.integration.id}"
    page = get_page(client, f"{url}/preview")
    (undo,) = [form["action"] for form in page.forms if "/undo/" in form.get("action", "")]
    assert "as they were before" in client.post(undo, follow_redirects=True).text
    offers.compute_requested()
    assert guard.held_on(world.integration.id) is None
    assert "taken back already" in client.post(undo, follow_redirects=True).text
    assert "no such change" in client.post(f"{url}/undo/999", follow_redirects=True).text


# History


def test_history_holds_runs_and_changes(client_as, world):
    client = client_as("viewer")
    url = f"/integrations/{world.integration.id}"
    page = get_page(client, f"{url}/history")
    for words in ("Sync Listings", "Armed: numbers leave from here on", "the schedule"):
        assert words in page.text
    world.change(Cause.ITEM, 0, status="Repair")
    world.settle()
    run = db.session.scalar(sa.select(SyncRun.id).order_by(SyncRun.id.desc()))
    page = get_page(client, f"{url}/runs/{run}")
    assert "Numbers sent" in page.text and "Fewer to sell" in page.text
    assert client.get(f"{url}/runs/99").status_code == 404


def test_history_goes_on_where_the_page_ended(client_as, world):
    for number in range(60):
        integrations.record(db.session, ME, "integration", world.integration.id, "limits", number, number + 1)
    db.session.commit()
    client = client_as("viewer")
    url = f"/integrations/{world.integration.id}/history"
    page = get_page(client, url)
    (older,) = [href for href in page.links() if "before=" in href]
    second = get_page(client, older)
    assert not [href for href in second.links() if "before=" in href]
    changes = db.session.scalar(sa.select(sa.func.count()).select_from(Event).where(Event.subject == "integration"))
    runs = db.session.scalar(sa.select(sa.func.count()).select_from(SyncRun))
    rows = sum(text.count("<tr>") - 1 for text in (page.text, second.text))
    assert rows == changes + runs


# Roles


def test_people_who_only_read_see_no_buttons_that_change(client_as, world):
    client = client_as("viewer")
    for tab in ("", "listings", "preview", "history"):
        page = get_page(client, f"/integrations/{world.integration.id}/{tab}")
        changing = [form["action"] for form in page.forms if form.get("method") == "post"]
        ours = [action for action in changing if action.startswith(("/integrations", "/listings"))]
        offered = {action.removeprefix(f"/integrations/{world.integration.id}/") for action in ours}
        assert offered <= {"", "login"}, "shown filled in, with nothing to press"


@pytest.mark.parametrize("role", ["viewer", "picker", "manager"])
def test_changes_are_refused_below_their_role(client_as, world, role):
    client = client_as(role)
    key = world.integration.id
    logins = [f"/integrations/{key}/login", f"/integrations/{key}/login/test", "/integrations/connect/backmarket"]
    changes = [
        f"/integrations/{key}/{each}" for each in ("", "effect", "sync", "send", "arm", "disarm", "release", "undo/1")
    ]
    refused = logins if role == "manager" else [*logins, *changes, f"/integrations/{key}/runs/1/stop"]
    for url in refused:
        assert client.post(url).status_code == 403, url
    assert client.get("/integrations/connect/backmarket").status_code == 403
    assert the_one().armed_at is not None


def test_integrations_that_do_not_exist(client_as):
    client = client_as("admin")
    for tab in ("", "listings", "preview", "history", "progress", "runs/1"):
        assert client.get(f"/integrations/7/{tab}").status_code == 404, tab
    for change in ("", "effect", "sync", "send", "arm", "disarm", "release", "undo/1", "login", "login/test"):
        assert client.post(f"/integrations/7/{change}").status_code == 404, change


def test_channel_words_are_escaped(client_as, world):
    world.set(0, title="<b>x</b>", rejected_at=utcnow(), rejected_words="<script>alert(1)</script>")
    client = client_as("viewer")
    for url in (f"/integrations/{world.integration.id}/listings", f"/listings/{world.listing().id}", "/"):
        text = get_page(client, url).text
        assert "<script>alert" not in text and "<b>x</b>" not in text


def test_queries_of_the_tabs_are_fixed(client_as, count_queries, app):
    one = make.make_integration()
    key = one.id
    client = client_as("viewer")

    def queries(url):
        client.get(url)
        with count_queries() as statements:
            assert client.get(url).status_code == 200
        return len(statements)

    def add(count):
        for number in range(count):
            make.make_item(make.make_variation(f"S{count}-{number}"))
            make.make_listing(one, f"S{count}-{number}", last_imported=5)

    urls = [f"/integrations/{key}/{tab}" for tab in ("", "listings", "preview", "history")] + ["/", "/listings/"]
    add(10)
    few = [queries(url) for url in urls]
    add(30)
    assert [queries(url) for url in urls] == few
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 40
