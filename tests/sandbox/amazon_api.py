"""A seeded pretend Amazon on a real socket, and a client that is logged in."""

import gzip
import json
from urllib.parse import quote

import pytest
import requests

from tests.oas import specs_folder, validator_for
from wholecell.sandbox import Sandbox, Shop

SPECS = "amazon/openapi3"
SELLER, MARKETPLACE = "A1SANDBOXSELLER", "ATVPDKIKX0DER"
LOGIN = {
    "grant_type": "refresh_token",
    "refresh_token": "sandbox-amazon-refresh",
    "client_id": "sandbox-amazon-client",
    "client_secret": "sandbox-amazon-secret",
}
BLOCKS = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS"
ODD_SKU = 'A/1 #2+3%25"€'


def amazon_row(sku="IP13-A", **fields):
    row = {"sku": sku, "title": 'iPhone 13 6.1" 128GB - Blue', "price": "289.00", "currency": "USD", "quantity": 5}
    return row | fields


class AmazonApi:
    """Calls the pretend Amazon over the socket; every call to the API is checked against its document."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.base = sandbox.base_url("amazon")
        self.complaints = []
        self.validator = validator_for(specs_folder() / SPECS, self.base) if (specs_folder() / SPECS).is_dir() else None
        self.token = self.log_in().json()["access_token"]

    def log_in(self, **fields):
        form = {name: value for name, value in (LOGIN | fields).items() if value is not None}
        return requests.post(f"{self.base}/auth/o2/token", data=form, timeout=10)

    def __call__(self, method, path, *, headers=None, **options):
        sent = {"x-amz-access-token": self.token, "User-Agent": "Acme/1.0"} | (headers or {})
        sent = {name: value for name, value in sent.items() if value is not None}
        options.setdefault("timeout", 10)
        response = requests.request(method, self.base + path, headers=sent, allow_redirects=False, **options)
        if self.validator:
            self.complaints += self.validator.complaints(response)
        assert response.headers["x-amzn-RequestId"]
        return response

    def get(self, path, **params):
        return self("GET", path, params=params)

    def control(self, name, **body):
        return requests.post(f"{self.sandbox.url}/_sandbox/{name}", json={"channel": "amazon"} | body, timeout=10)

    def settings(self, **settings):
        assert self.control("settings", **settings).status_code == 200

    # Listings

    def search(self, **params):
        return self.get(f"/listings/2021-08-01/items/{SELLER}", **{"marketplaceIds": MARKETPLACE} | params)

    def listing(self, sku, **params):
        return self.get(self.item_path(sku), **{"marketplaceIds": MARKETPLACE} | params)

    def patch(self, sku, *patches, **params):
        body = {"productType": "PRODUCT", "patches": list(patches)}
        return self("PATCH", self.item_path(sku), params={"marketplaceIds": MARKETPLACE} | params, json=body)

    def push(self, sku, quantity):
        return self.patch(sku, stock(quantity))

    def available(self, sku):
        shown = self.listing(sku, includedData="fulfillmentAvailability").json()["fulfillmentAvailability"]
        return {entry["fulfillmentChannelCode"]: entry.get("quantity") for entry in shown}

    def item_path(self, sku):
        return f"/listings/2021-08-01/items/{SELLER}/{quote(sku, safe='')}"

    # Orders

    def orders(self, **params):
        return self.get("/orders/2026-01-01/orders", **params)

    def order(self, order, blocks=BLOCKS):
        return self.get(f"/orders/2026-01-01/orders/{order.number}", **({"includedData": blocks} if blocks else {}))

    def confirm(self, order, *, items=None, **fields):
        lines = [{"orderItemId": str(line.id), "quantity": line.quantity} for line in order.lines]
        detail = {
            "packageReferenceId": "1",
            "carrierCode": "UPS",
            "trackingNumber": "1Z999AA10123456784",
            "shipDate": "2026-03-01T12:00:00Z",
            "orderItems": lines if items is None else items,
        }
        body = {"marketplaceId": MARKETPLACE, "packageDetail": detail | fields}
        return self("POST", f"/orders/v0/orders/{order.number}/shipmentConfirmation", json=body)

    # Documents

    def feed(self, *messages, header=None, content=None):
        made = self("POST", "/feeds/2021-06-30/documents", json={"contentType": "application/json; charset=UTF-8"})
        body = {"header": header or {"sellerId": SELLER, "version": "2.0"}, "messages": list(messages)}
        content = json.dumps(body).encode() if content is None else content
        sent = {"Content-Type": "application/json; charset=UTF-8"}
        assert requests.put(made.json()["url"], data=content, headers=sent, timeout=10).status_code == 200
        return self.create_feed(made.json()["feedDocumentId"])

    def create_feed(self, document, **fields):
        body = {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE], "inputFeedDocumentId": document}
        return self("POST", "/feeds/2021-06-30/feeds", json=body | fields)

    def read(self, api, document):
        """The bytes of a document, unpacked."""
        made = self.get(f"/{api}/2021-06-30/documents/{document}").json()
        content = requests.get(made["url"], timeout=10).content
        return gzip.decompress(content) if made.get("compressionAlgorithm") == "GZIP" else content


def stock(quantity, op="merge", channel="DEFAULT", **fields):
    entry = {"fulfillment_channel_code": channel, "quantity": quantity} | fields
    return {"op": op, "path": "/attributes/fulfillment_availability", "value": [entry]}


def message(number, sku, quantity, **fields):
    made = {"messageId": number, "sku": sku, "operationType": "PATCH", "productType": "PRODUCT"}
    return made | {"patches": [stock(quantity)]} | fields


@pytest.fixture
def amazon_shop():
    from tests.sandbox.conftest import START

    made = Shop()
    made.clock.set(START)
    rows = [amazon_row(), amazon_row("IP13-B", quantity=2, price="240.50"), amazon_row("S21-A", quantity=0)]
    rows += [amazon_row("FBA-1", quantity=7, fulfillment="AMAZON"), amazon_row(ODD_SKU)]
    made.seed("amazon", rows)
    return made


@pytest.fixture
def amazon_sandbox(amazon_shop):
    with Sandbox(amazon_shop) as running:
        yield running


@pytest.fixture
def amazon(amazon_sandbox):
    """Fails the test at its end when a call departed from its document and no fault caused it."""
    made = AmazonApi(amazon_sandbox)
    yield made
    assert made.complaints == []


def refused(answer, status=400, code="InvalidInput"):
    """Whether this is the documents' error with that status and code."""
    return (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
