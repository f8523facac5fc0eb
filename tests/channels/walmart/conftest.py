"""A pretend Walmart on a real socket, each call of which is checked against Walmart's documents where those are."""

import pytest

from tests.oas import specs_folder, validating
from wholecell.channels.own_state import OwnState
from wholecell.channels.walmart.client import Walmart
from wholecell.sandbox import Sandbox

LOGIN = {"platform": "us", "client_id": "sandbox-walmart-client", "client_secret": "sandbox-walmart-secret"}


class World:
    """The sandbox with its shop, and connectors to it."""

    def __init__(self, sandbox):
        self.sandbox, self.shop = sandbox, sandbox.shop
        self.account = sandbox.shop.account("walmart")
        self.link = self.connect()

    def connect(self, state=None):
        return Walmart(LOGIN, self.sandbox.base_url("walmart"), state or OwnState())

    def unlimited(self):
        for limit in self.account.limits.values():
            limit.most = None

    def seed(self, *skus, **fields):
        row = {"title": "iPhone 13", "price": "289.00", "currency": "USD", "quantity": 5} | fields
        return self.shop.seed("walmart", [row | {"sku": sku} for sku in skus])

    def set(self, **settings):
        self.account.settings.update(settings)

    def sell(self, sku, quantity=1, **options):
        return self.shop.sell("walmart", sku=sku, quantity=quantity, **options)

    def happen(self, order, event, **options):
        self.shop.happen("walmart", order.id, event, **options)

    def calls(self, method, path):
        return [call for call in self.shop.calls if (call.method, call.path) == (method, "/walmart" + path)]

    def order(self, order):
        """The order as it is read by its id."""
        (page,) = self.link.orders_by_id([str(order.id)])
        return page.orders[0]


@pytest.fixture
def world():
    """Fails the test at its end when a call that was answered well departed from the documents."""
    checkers = []

    def wrap(app):
        if not (specs_folder() / "walmart").is_dir():
            return app
        checkers.append(validating(app, specs_folder() / "walmart", "/walmart"))
        return checkers[0]

    with Sandbox(wrap=wrap) as sandbox:
        sandbox.shop.reset(empty=True)
        yield World(sandbox)
    assert [complaint for checker in checkers for complaint in checker.complaints] == []
