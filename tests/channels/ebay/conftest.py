"""A pretend eBay on a real socket, each call of which is checked against eBay's documents where those are."""

from xml.etree.ElementTree import fromstring

import pytest

from tests.channels.ebay.payloads import SETTINGS
from tests.oas import specs_folder, validating
from tests.sandbox.ebay_api import DOCUMENTS
from tests.sandbox.trading_rules import trading_complaints
from wholecell.channels.ebay import CHANNEL
from wholecell.channels.own_state import OwnState
from wholecell.sandbox import Sandbox
from wholecell.sandbox.ebay.account import CERT_ID, CLIENT_ID, REFRESH_TOKEN, RU_NAME, USER_ID, USERNAME

KEYS = {"client_id": CLIENT_ID, "client_secret": CERT_ID, "ru_name": RU_NAME, "verification_token": ""}
LOGIN = SETTINGS | KEYS | {"refresh_token": REFRESH_TOKEN, "user_id": USER_ID, "user_name": USERNAME}


class World:
    """The sandbox with its shop, and connectors to it."""

    def __init__(self, sandbox):
        self.sandbox, self.shop = sandbox, sandbox.shop
        self.account = sandbox.shop.account("ebay")
        self.link = self.connect()

    def connect(self, state=None, **login):
        return CHANNEL.connect(LOGIN | login, self.sandbox.base_url("ebay"), state or OwnState())

    def seed(self, *rows):
        usual = {"title": "iPhone 13", "price": "289.00", "currency": "USD", "quantity": 5}
        return self.shop.seed("ebay", [usual | ({"sku": row} if isinstance(row, str) else row) for row in rows])

    def set(self, **settings):
        self.account.settings.update(settings)

    def calls(self, name):
        """The Trading or REST calls with this in their path."""
        return [call for call in self.shop.calls if name in call.path]

    def order(self, sale, link=None):
        """The order as it is read by its id."""
        (page,) = (link or self.link).orders_by_id([sale.number])
        return page.orders[0]


class Trading:
    """WSGI middleware that checks Trading's answers against the rules."""

    def __init__(self, app):
        self._app, self.complaints = app, []

    def __call__(self, environ, start_response):
        body = b"".join(self._app(environ, start_response))
        name = environ.get("HTTP_X_EBAY_API_CALL_NAME", "")
        if environ["PATH_INFO"].endswith("/ws/api.dll") and body.startswith(b"<?xml"):
            root = fromstring(body)
            for each in root.iter():
                each.tag = each.tag.rpartition("}")[2]
            self.complaints += trading_complaints(name, root)
        return [body]


@pytest.fixture
def world(request):
    """Fails the test at its end when a call that was answered well departed from the documents."""
    checkers = []

    def wrap(app):
        for prefix, name in DOCUMENTS.items():
            path = specs_folder() / "ebay" / f"{name}.json"
            if path.is_file():
                app = validating(app, path, f"/ebay{prefix}")
                checkers.append(app)
        checkers.append(Trading(app))
        return checkers[-1]

    with Sandbox(wrap=wrap) as sandbox:
        sandbox.shop.reset(empty=True)
        yield World(sandbox)
    assert [complaint for checker in checkers for complaint in checker.complaints] == []
