"""A pretend ShipStation on a real socket, each call of which is checked against V1's document where that is."""

import pytest

from tests.channels.shipstation.payloads import connect
from tests.oas import specs_folder, validating
from wholecell.sandbox import Sandbox
from wholecell.sandbox.shipstation.actions import ACTIONS

SPEC = specs_folder() / "shipstation" / "openapi-v1.corrected.json"
KEYS = {"api_key": "sandbox-shipstation-key", "api_secret": "sandbox-shipstation-secret"}
SHOPIFY, MANUAL = 310_002, 310_001


class World:
    """The sandbox with one product in its other stores, and connectors to it."""

    def __init__(self, sandbox):
        self.sandbox, self.shop = sandbox, sandbox.shop
        self.account = sandbox.shop.account("shipstation")
        self.shop.seed("shipstation", [{"sku": "A", "title": "iPhone 12", "price": "289.00", "quantity": 50}])
        self.unlimited()

    def unlimited(self):
        for limit in self.account.limits.values():
            limit.most = None

    def connect(self, state=None, **login):
        return connect(state, self.sandbox.base_url("shipstation"), **KEYS, **login)

    def do(self, action, **body):
        return ACTIONS[action](self.shop, body)

    def sell(self, **options):
        return self.shop.sell("shipstation", sku="A", **options)

    def set(self, **settings):
        self.account.settings.update(settings)

    def there(self, key):
        """The order of this key there, deleted ones left out."""
        (found,) = [row for row in self.account.all_orders() if row.key == key]
        return found


@pytest.fixture
def world():
    """Fails the test at its end when a call that was answered well departed from the document."""
    checkers = []

    def wrap(app):
        if not SPEC.is_file():
            return app
        checkers.append(validating(app, SPEC, "/shipstation"))
        return checkers[0]

    with Sandbox(wrap=wrap) as sandbox:
        sandbox.shop.reset(empty=True)
        yield World(sandbox)
    assert [complaint for checker in checkers for complaint in checker.complaints] == []
