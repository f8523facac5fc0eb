"""What pages say of work that waits without a failure, of listings read by changes, and of logins that end."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from tests.services.test_waiting_runs import SlowShop, press
from tests.web.pages import get_page
from wholecell.db import db, transaction, utcnow
from wholecell.models import Integration, Work
from wholecell.services import work
from wholecell.services.work import Kind

LIMIT = "The shop allows 1 order search every 3 minutes"


@pytest.fixture
def integration(app):
    row = make.make_integration(name="Slow Shop", armed=True)
    with transaction() as session:
        work.ensure_rows(session, row.id)
    return row


def wait(kind, failures=0, reason=f"{LIMIT}."):
    until = utcnow() + timedelta(minutes=2)
    values = {"not_before": until, "not_before_reason": reason, "failures": failures}
    db.session.execute(sa.update(Work).where(Work.kind == kind).values(values))
    db.session.commit()
    return until


def test_waiting_for_a_limit_is_told_with_its_time_and_is_no_trouble(client_as, integration):
    until = wait(Kind.IMPORT_ORDERS)
    client = client_as("viewer")
    said = f'Import orders: {LIMIT}; next at <span class="tnum">{until:%H:%M:%S}</span>'
    for url in ("/integrations/", *(f"/integrations/{integration.id}/{tab}" for tab in ("", "listings", "history"))):
        text = get_page(client, url).text
        assert said in text, url
        assert "Armed" in text, "nothing is wrong with it"
    assert LIMIT not in get_page(client, "/").text, "nothing for a person to do"
    wait(Kind.IMPORT_ORDERS, failures=1)
    assert said not in get_page(client, f"/integrations/{integration.id}/history").text


def test_history_shows_a_run_that_waits_as_no_failure(client_as, integration):
    shop = SlowShop()
    (run,) = press(integration, shop)
    client = client_as("viewer")
    text = get_page(client, f"/integrations/{integration.id}/history").text
    assert "Waiting" in text and '<span class="muted">The shop prepares its list.</span>' in text
    text = get_page(client, f"/integrations/{integration.id}/runs/{run.id}").text
    assert "not yet, it goes on by itself" in text and "nothing yet" in text and "notice-bad" not in text


@pytest.mark.parametrize("is_able", [True, False])
def test_everything_is_read_on_demand_where_only_changes_would_be(client_as, integration, channel_has, is_able):
    if is_able:
        channel_has(connect=SlowShop)
    client = client_as("manager")
    url = f"/integrations/{integration.id}/listings"
    assert ("All listings are read next" in get_page(client, url).text) == is_able
    shop = SlowShop(waits=0)
    press(integration, shop)
    text = get_page(client, url).text
    assert ("Read completely at" in text, "Read everything" in text) == (is_able, is_able)
    assert client.post(f"/integrations/{integration.id}/sync-everything").status_code == 303
    assert db.session.scalar(sa.select(Work.wanted_at).where(Work.kind == Kind.IMPORT_LISTINGS)) is not None
    press(integration, shop)
    assert shop.since == [], "it read everything again"


@pytest.mark.parametrize(("days", "told"), [(31, None), (30, "ends"), (1, "ends"), (0, "ended"), (-400, "ended")])
def test_the_end_of_a_login_is_told_from_a_month_before(client_as, integration, channel_has, days, told):
    on = utcnow().date() + timedelta(days=days)
    channel_has(login_ends=lambda login: on if login["made"] == "x" else None)
    db.session.get(Integration, integration.id).login = {"made": "x"}
    db.session.commit()
    client = client_as("admin")
    said = f"The login {told} on {on.day} {on:%B %Y}."
    for url in ("/", "/integrations/", f"/integrations/{integration.id}/"):
        text = get_page(client, url).text
        assert (said in text) == bool(told), url
        assert ("The login e" in text) == bool(told), url
    integration = db.session.get(Integration, integration.id)
    integration.login_refused_at = utcnow()
    db.session.commit()
    assert "The login e" not in get_page(client, "/").text, "its refusal is told instead"
