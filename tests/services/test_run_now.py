"""One piece of work on demand: what it says when it worked, failed, or could not start."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests import factories as make
from wholecell.db import db, transaction, utcnow
from wholecell.models import InventoryItem, Listing, Work
from wholecell.sandbox import Sandbox
from wholecell.services import integrations, recompute, run_now, work
from wholecell.services.events import SYSTEM
from wholecell.services.recompute import Cause
from wholecell.services.refusal import Refusal
from wholecell.services.vault import Vault
from wholecell.services.work import Kind

LOGIN = {
    "platform": "north-america",
    "market": "en-us",
    "token": "sandbox-backmarket-token",
    "company": "Acme",
    "email": "it@acme.example",
}


@pytest.fixture
def sandbox(monkeypatch):
    with Sandbox() as sandbox:
        monkeypatch.setenv("WHOLECELL_BACKMARKET_BASE_URL", sandbox.base_url("backmarket"))
        row = {"title": "Phone", "grade": "GOOD", "price": "99.00", "currency": "USD", "quantity": 5}
        sandbox.shop.seed_backmarket([{**row, "sku": "S1"}, {**row, "sku": "S2"}])
        yield sandbox


@pytest.fixture
def vault(settings):
    return Vault(settings.credentials_keys)


@pytest.fixture
def integration(app, sandbox, vault):
    make.make_items(make.make_variation("S1"), 3)
    return integrations.add("backmarket", "Market", LOGIN, vault, SYSTEM)


def run(integration, kind, vault):
    report = run_now.run_now(integration, kind, vault)
    return report.is_done, report.sentence


def test_says_what_it_did(integration, vault, sandbox):
    assert run(integration, Kind.IMPORT_LISTINGS, vault) == (True, "Market, import-listings: 2 new.")
    integrations.arm(integration.id, SYSTEM)
    assert run(integration, Kind.PUSH_QUANTITIES, vault) == (True, "Market, push-quantities: 1 sent, 1 accepted.")
    assert sandbox.shop.shown("backmarket", sku="S1").quantity == 3
    assert run(integration, Kind.PUSH_QUANTITIES, vault) == (True, "Market, push-quantities: nothing to do.")
    assert run(integration, Kind.REPAIR, vault)[0]


def test_computes_what_changed_without_a_scheduler(integration, vault, sandbox):
    run(integration, Kind.IMPORT_LISTINGS, vault)
    integrations.arm(integration.id, SYSTEM)
    run(integration, Kind.PUSH_QUANTITIES, vault)
    with transaction() as session:
        item = session.scalars(sa.select(InventoryItem)).first()
        item.status_id = make.named(make.InventoryStatus, "Repair").id
        recompute.request(session, Cause.ITEM, SYSTEM, variations=[item.variation_id])
    assert run(integration, Kind.PUSH_QUANTITIES, vault)[0]
    assert sandbox.shop.shown("backmarket", sku="S1").quantity == 2


def test_a_push_in_preview_or_switched_off_is_not_called_done(integration, vault):
    assert run(integration, Kind.PUSH_QUANTITIES, vault) == (
        False,
        "Market is in preview and sends nothing: arm it on its Preview tab first.",
    )
    integrations.arm(integration.id, SYSTEM)
    with transaction():
        integration.pushes_quantities = False
    assert run(integration, Kind.PUSH_QUANTITIES, vault)[1].startswith("Quantity sync is off for Market")


def test_says_that_somebody_else_runs_it(integration, vault):
    work.claim(integration.id, Kind.IMPORT_LISTINGS, SYSTEM)
    is_done, sentence = run(integration, Kind.IMPORT_LISTINGS, vault)
    assert not is_done
    assert sentence.startswith("Somebody else runs import-listings for Market")
    assert db.session.scalar(sa.select(sa.func.count(Listing.id))) == 0


def test_says_until_when_it_must_wait(integration, vault):
    until = utcnow() + timedelta(minutes=5)
    with transaction() as session:
        session.execute(sa.update(Work).values(not_before=until, not_before_reason="The limit is used up."))
    is_done, sentence = run(integration, Kind.IMPORT_LISTINGS, vault)
    assert not is_done
    assert sentence == f"Market must wait until {until:%H:%M:%S} UTC: The limit is used up."


def test_a_failure_says_the_channels_words_and_the_way_out(integration, vault, sandbox):
    sandbox.shop.set_tokens("backmarket", [])
    is_done, sentence = run(integration, Kind.IMPORT_LISTINGS, vault)
    assert not is_done
    assert sentence.startswith("Market, import-listings: ")
    assert "token" in sentence
    again = run(integration, Kind.IMPORT_LISTINGS, vault)
    assert not again[0]
    assert again[1].startswith("Market refused its login:")


def test_an_integration_goes_by_id_or_name_and_a_name_goes_first(app):
    first, second = make.make_integration(name="Europe"), make.make_integration(name="1")
    assert first.id == 1
    assert run_now.find_integration("Europe").id == first.id
    assert run_now.find_integration("1").id == second.id
    assert run_now.find_integration(str(second.id)).id == second.id


@pytest.mark.parametrize("text", ["Asia", "99", "9" * 40, "²", ""])
def test_an_unknown_integration_names_those_there_are(app, text):
    with pytest.raises(Refusal, match="Connect one on the Integrations page first"):
        run_now.find_integration(text)
    make.make_integration(name="Europe")
    with pytest.raises(Refusal, match=r"There are: 1 \(Europe\)"):
        run_now.find_integration(text)


def test_what_calls_us_has_nothing_to_do_from_here(app, vault):
    integration = make.make_integration("shipstation", "Ship", is_by_hand=True)
    done, words = run(integration, Kind.IMPORT_LISTINGS, vault)
    assert not done and words == "Ship calls us by itself: there is nothing to do from here."
