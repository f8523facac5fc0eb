"""An integration whose files people carry: nothing is ever called for it."""

import pytest

from tests import factories as make
from wholecell import jobs
from wholecell.channels import discover
from wholecell.db import db, transaction, utcnow
from wholecell.models import Work
from wholecell.services import due, integrations, logins, run_now, work
from wholecell.services.events import Actor
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

ME = Actor()
KIND = next(kind for kind, channel in discover().items() if channel.sheet_words is not None)


@pytest.fixture
def vault(settings):
    return Vault(settings.credentials_keys)


@pytest.fixture
def integration(app, vault):
    logins.check(KIND, {"mode": "csv"}, vault)  # calls nothing: it has no address
    return integrations.add(KIND, "By hand", {"mode": "csv"}, vault, ME)


def test_login_says_that_people_carry_files(integration):
    assert (integration.is_by_hand, integration.needs_all_phones, integration.imports_orders) == (True, True, False)


@pytest.mark.parametrize("is_by_hand", [True, False])
def test_no_work_is_ever_asked_for_or_begun(integration, vault, is_by_hand):
    """Its twin, the same integration with an API, is asked for work and begins it."""
    make.make_listing(integration, last_offered=3, last_synced=5, is_connected=True)
    integration.armed_at, integration.is_by_hand = utcnow().replace(year=2020), is_by_hand
    db.session.commit()
    work.ask(integration.id, Kind.IMPORT_LISTINGS, ME)
    asked = db.session.get(Work, (integration.id, Kind.IMPORT_LISTINGS.value), populate_existing=True).wanted_at
    claims = [work.claim(integration.id, kind, ME) for kind in (Kind.REPAIR, Kind.PUSH_QUANTITIES)]
    with transaction() as session:
        session.get(Work, (integration.id, Kind.IMPORT_ORDERS.value)).wanted_at = utcnow()
    found = {kind for _, kind in jobs.wanted(utcnow())}
    expected = (False, [False, False], set(), [])
    if not is_by_hand:
        expected = (True, [True, True], {Kind.IMPORT_LISTINGS, Kind.IMPORT_ORDERS}, [integration.id])
    assert (bool(asked), [c is not None for c in claims], found, due.integrations_with_due(utcnow())) == expected


def test_command_line_says_so(integration, vault):
    report = run_now.run_now(integration, Kind.PUSH_QUANTITIES, vault)
    assert not report.is_done
    assert "files that people carry" in report.sentence
