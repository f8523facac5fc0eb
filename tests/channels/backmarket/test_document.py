"""Both sides checked against Back Market's own document: what our connector sends, and what the sandbox answers."""

import pytest

from tests.engine_world import LOGIN
from tests.oas import needs_spec, specs_folder, validating
from wholecell.channels.backmarket import client
from wholecell.channels.backmarket.client import BackMarket
from wholecell.channels.contract import ListingState, Outcome, QuantityChange
from wholecell.channels.own_state import OwnState
from wholecell.sandbox import Sandbox

pytestmark = needs_spec("backmarket/back-market-openapi.yml")


@pytest.fixture
def checked():
    """A sandbox whose every call is checked, and the complaints so far."""
    checkers = []

    def wrap(app):
        document = specs_folder() / "backmarket" / "back-market-openapi.yml"
        checkers.append(validating(app, document, "/backmarket"))
        return checkers[0]

    with Sandbox(wrap=wrap) as sandbox:
        for limit in sandbox.shop.account("backmarket").limits.values():
            limit.most = None
        yield sandbox, checkers[0].complaints


def seed(shop, count):
    offer = {"grade": "GOOD", "price": "99.90", "currency": "USD", "quantity": 2}
    return [row.id for row in shop.seed_backmarket([{"sku": f"S{i}", "title": f"P{i}", **offer} for i in range(count)])]


def change(listing_id, number, quantity):
    return QuantityChange(listing_id, f"S{number}", quantity, is_fall=False)


def test_all_calls_of_listings_and_quantities_fit_the_document(checked, monkeypatch):
    sandbox, complaints = checked
    ids = seed(sandbox.shop, 120)
    connector = BackMarket(LOGIN, sandbox.base_url("backmarket"), OwnState())
    connector.check()
    assert sum(len(page.listings) for page in connector.listings(online_only=False)) == 120
    assert sum(len(page.listings) for page in connector.listings(online_only=True)) == 120
    (answer,) = connector.push_quantities([change(ids[0], 0, 0)])
    assert (answer.outcome, answer.stored) == (Outcome.ACCEPTED, 0)
    readings = list(connector.quantities([ids[0], ids[1], "00000000-0000-0000-0000-000000000000"]))
    assert [r.state for r in readings] == [ListingState.OUT_OF_STOCK, ListingState.ACTIVE, ListingState.ENDED]
    monkeypatch.setattr(client, "BULK_FROM", 2)
    (group,) = connector.plan([change(key, number, 7) for number, key in enumerate(ids[:3])])
    receipt = next(iter(connector.push_quantities(group))).receipt
    assert connector.push_outcomes(receipt, group) is None
    sandbox.shop.clock.advance(400)
    assert [result.stored for result in connector.push_outcomes(receipt, group)] == [7, 7, 7]
    assert len(sandbox.shop.calls) > 10
    assert complaints == []
