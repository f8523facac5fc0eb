"""A client of the pretend eBay; REST calls are checked against eBay's documents, Trading calls against their rules."""

from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring

import pytest
import requests

from tests.oas import specs_folder, validator_for
from tests.sandbox.trading_rules import trading_complaints
from wholecell.sandbox import Sandbox
from wholecell.sandbox.ebay.account import CERT_ID, CLIENT_ID, REFRESH_TOKEN, SCOPES

BASE_SCOPE = SCOPES[0]
A, B, OWN, NO_SKU = "IP13-128-BLU-A", "S21-A", "INV-1", ""
GREEN, RED = "IP11-GRN", "IP11-RED"
SINGLE, EMPTY, ENDED, AUCTION, VARIED, MANAGED = (str(176_500_000_001 + each) for each in range(6))
DOCUMENTS = {
    "/sell/inventory/v1": "sell_inventory_v1",
    "/sell/fulfillment/v1": "sell_fulfillment_v1",
    "/sell/account/v1": "sell_account_v1",
    "/commerce/identity/v1": "commerce_identity_v1",
    "/developer/analytics/v1_beta": "developer_analytics_v1_beta",
}
_SPACE = "{urn:ebay:apis:eBLBaseComponents}"


def make_row(sku=A, item=SINGLE, **fields):
    row = {"sku": sku, "item": item, "title": "Apple iPhone 13 128GB Blue & Unlocked", "price": "289.00"}
    return row | {"currency": "USD", "quantity": 5} | fields


ROWS = (
    make_row(sold=12),
    make_row(B, EMPTY, quantity=0),
    make_row("OLD-1", ENDED, state="Ended"),
    make_row(NO_SKU, AUCTION, type="Chinese", quantity=1),
    make_row(GREEN, VARIED, group="ip11", specifics={"Color": "Green"}, quantity=3, sold=2),
    make_row(RED, VARIED, group="ip11", specifics={"Color": "Red"}, price="279.00", quantity=4),
    make_row(OWN, MANAGED, inventory_api=True, quantity=6),
)


class Ebay:
    """Calls it over the socket. `complaints`: departures from the documents of calls that were answered well."""

    def __init__(self, sandbox, shop):
        self.sandbox, self.shop = sandbox, shop
        self.account = shop.account("ebay")
        self.base = sandbox.base_url("ebay")
        folder = specs_folder() / "ebay"
        self.validators = {
            prefix: validator_for(folder / f"{name}.json", self.base + prefix)
            for prefix, name in DOCUMENTS.items()
            if (folder / f"{name}.json").is_file()
        }
        self.complaints = []
        self.token = None

    def log_in(self, keys=(CLIENT_ID, CERT_ID), **form):
        form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN} | form
        sent = {name: value for name, value in form.items() if value is not None}
        return requests.post(f"{self.base}/identity/v1/oauth2/token", sent, auth=keys, timeout=10)

    def use(self, **form):
        """Log in, and make calls with that token from now on."""
        self.token = self.log_in(**form).json()["access_token"]
        return self.token

    def __call__(self, method, path, *, headers=None, **options):
        ours = {"Authorization": f"Bearer {self.token or self.use()}", "Accept": "application/json"}
        sent = ours | {"Accept-Language": "en-US"} | (headers or {})
        # Not None: requests would fill in its own.
        response = requests.request(method, self.base + path, headers=sent, timeout=10, **options)
        for prefix, validator in self.validators.items():
            if path.startswith(prefix):
                self.complaints += validator.complaints(response)
        return response

    def get(self, path, **params):
        return self("GET", path, params=params)

    def post(self, path, body):
        return self("POST", path, json=body)

    def orders(self, **params):
        return self.get("/sell/fulfillment/v1/order", **params)

    def order(self, order):
        return self.get(f"/sell/fulfillment/v1/order/{order.number}").json()

    def ship(self, order, *lines, **fields):
        body = {"lineItems": [{"lineItemId": str(line), "quantity": units} for line, units in lines]} | fields
        return self.post(f"/sell/fulfillment/v1/order/{order.number}/shipping_fulfillment", body)

    def trade(self, name, body="", *, headers=None, document=None):
        """A Trading call; the answer's root, its names without their namespace."""
        text = f'<?xml version="1.0" encoding="utf-8"?><{name}Request xmlns="urn:ebay:apis:eBLBaseComponents">{body}'
        sent = {
            "X-EBAY-API-CALL-NAME": name,
            "X-EBAY-API-SITEID": "0",
            "X-EBAY-API-COMPATIBILITY-LEVEL": "1423",
            "X-EBAY-API-IAF-TOKEN": self.token or self.use(),
            "Content-Type": "text/xml; charset=utf-8",
        } | (headers or {})
        response = requests.post(
            f"{self.base}/ws/api.dll",
            (document or f"{text}</{name}Request>").encode(),
            headers={key: value for key, value in sent.items() if value is not None},
            timeout=10,
        )
        assert response.status_code == 200 and response.headers["Content-Type"].startswith("text/xml")
        root = fromstring(response.content)
        for each in root.iter():
            assert each.tag.startswith(_SPACE)
            each.tag = each.tag.removeprefix(_SPACE)
        self.complaints += trading_complaints(name, root)
        return root

    def selling(self, number=1, size=200, more=""):
        paging = f"<EntriesPerPage>{size}</EntriesPerPage><PageNumber>{number}</PageNumber>"
        asked = f"<Include>true</Include><Pagination>{paging}</Pagination>"
        return self.trade("GetMyeBaySelling", f"<ActiveList>{asked}</ActiveList>{more}")

    def item(self, number):
        return self.trade("GetItem", f"<ItemID>{number}</ItemID>")

    def revise(self, *entries):
        """Entries of (item, sku or None, quantity)."""
        return self.trade("ReviseInventoryStatus", "".join(entry_xml(*entry) for entry in entries))

    def set(self, **settings):
        assert self.control("settings", channel="ebay", **settings).status_code == 200

    def control(self, name, **body):
        return requests.post(f"{self.sandbox.url}/_sandbox/{name}", json=body, timeout=20)


def entry_xml(item, sku, quantity):
    named = f"<SKU>{sku}</SKU>" if sku is not None else ""
    counted = f"<Quantity>{quantity}</Quantity>" if quantity is not None else ""
    return f"<InventoryStatus><ItemID>{item}</ItemID>{named}{counted}</InventoryStatus>"


def codes(root):
    return [each.text for each in root.findall("Errors/ErrorCode")]


def echoes(root):
    """(item, SKU) -> quantity of what was done."""
    rows = root.findall("InventoryStatus")
    return {(row.findtext("ItemID"), row.findtext("SKU") or ""): int(row.findtext("Quantity")) for row in rows}


def refusal(answer):
    """The number of the one REST error."""
    (error,) = answer.json()["errors"]
    return error["errorId"]


def path_of(address):
    """What to call for a link that an answer holds."""
    parts = urlsplit(address)
    return parts.path.removeprefix("/ebay") + (f"?{parts.query}" if parts.query else "")


@pytest.fixture(scope="module")
def ebay_sandbox():
    """One server for a file; each test gets its state anew."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def ebay(ebay_sandbox):
    """Six listings, one of two variations, at a time that stands still; fails the test that made a call amiss."""
    from tests.sandbox.conftest import START

    shop = ebay_sandbox.shop
    shop.reset(empty=True)
    shop.clock.set(START)
    shop.seed("ebay", ROWS)
    made = Ebay(ebay_sandbox, shop)
    yield made
    assert not made.complaints, made.complaints
