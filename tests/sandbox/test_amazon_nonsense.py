"""Bent requests: what passes fits the documents, what is refused is refused in their words, and nothing breaks."""

import json
import random

import pytest
from werkzeug.test import Client

from tests.oas import needs_spec, specs_folder, validating
from tests.sandbox.amazon_api import LOGIN, MARKETPLACE, SELLER, SPECS, message, stock
from wholecell.sandbox import create_sandbox
from wholecell.sandbox.amazon.documents import new_document

JUNK = [None, 0, -1, 1, "", [], {}, "x", [None], [[]], {"a": 1}, True, 1.5, "9" * 5_000, 10**30, float("nan"), "1"]
WORDS = ["", "x", "1", "9" * 5_000, "0001-01-01T00:00:00+14:00", "2026-03-01T00:00:00Z", "e30", "bnVsbA", "SKU", "a,b"]
WORDS += ["eyJwYWdlIjoxfQ", "eyJzZWFyY2giOltdLCJwYWdlIjp7fX0", "eyJ0eXBlcyI6MX0", MARKETPLACE, "JSON_LISTINGS_FEED"]
NAMES = "pageSize pageToken includedData identifiers identifiersType lastUpdatedAfter createdAfter createdBefore sortBy"
NAMES += " withStatus nextToken paginationToken maxResultsPerPage feedTypes reportTypes createdSince marketplaceIds"
READS = [
    f"listings/2021-08-01/items/{SELLER}",
    f"listings/2021-08-01/items/{SELLER}/IP13-A",
    "orders/2026-01-01/orders",
    "feeds/2021-06-30/feeds",
    "reports/2021-06-30/reports",
    "sellers/v1/marketplaceParticipations",
]


def bent(value, chance):
    """The value with parts of it left out or replaced."""
    if chance.random() < 0.08:
        return chance.choice(JUNK)
    if isinstance(value, dict):
        return {key: bent(each, chance) for key, each in value.items() if chance.random() > 0.03}
    return [bent(each, chance) for each in value] if isinstance(value, list) else value


@pytest.fixture
def calls(amazon_shop):
    """Calls the app without a socket; answers its status, or raises what broke it."""
    for limit in amazon_shop.account("amazon").limits.values():
        limit.most = None
    checked = validating(create_sandbox(amazon_shop), specs_folder() / SPECS, "/amazon")
    client = Client(checked)
    headers = {"x-amz-access-token": client.post("/amazon/auth/o2/token", data=LOGIN).json["access_token"]}

    def call(method, path, **options):
        return client.open(f"/amazon/{path}", method=method, headers=headers, **options).status_code

    call.complaints = checked.complaints
    return call


@needs_spec(SPECS)
def test_bent_bodies(amazon_shop, calls):
    chance = random.Random(7)
    order = amazon_shop.sell("amazon", sku="IP13-A", quantity=2)
    item = {"orderItemId": str(order.lines[0].id), "quantity": 1, "transparencyCodes": ["A"]}
    package = {"packageReferenceId": "1", "carrierCode": "UPS", "carrierName": "UPS", "shippingMethod": "Ground"}
    package |= {
        "shipFromSupplySourceId": "A",
        "trackingNumber": "1Z",
        "shipDate": "2026-03-01T12:00:00Z",
        "orderItems": [item],
    }
    places = {"marketplaceIds": [MARKETPLACE]}
    patch = stock(3, restock_date="2026-04-01", lead_time_to_ship_max_days=2)
    report = {"reportType": "GET_MERCHANT_LISTINGS_ALL_DATA", "reportOptions": {"custom": "true"}} | places
    shipment = {"marketplaceId": MARKETPLACE, "codCollectionMethod": "DirectPayment", "packageDetail": package}
    document = new_document(amazon_shop.account("amazon"), "feed", "application/json", b"{}")
    feed = {"feedType": "JSON_LISTINGS_FEED", "inputFeedDocumentId": document, "feedOptions": {"a": "b"}} | places
    bodies = [
        ("PATCH", f"{READS[1]}?marketplaceIds={MARKETPLACE}", {"productType": "PRODUCT", "patches": [patch]}),
        ("POST", "reports/2021-06-30/reports", report | {"dataStartTime": "2026-01-01T00:00:00Z"}),
        ("POST", "feeds/2021-06-30/documents", {"contentType": "application/json"}),
        ("POST", "feeds/2021-06-30/feeds", feed),
        ("POST", f"orders/v0/orders/{order.number}/shipmentConfirmation", shipment),
    ]
    statuses = set()
    for _ in range(120):
        method, path, body = chance.choice(bodies)
        sent = json.dumps(bent(body, chance))
        statuses.add(calls(method, path, data=sent, content_type="application/json"))
    assert statuses == {200, 201, 202, 204, 400} and calls.complaints == []


@needs_spec(SPECS)
def test_bent_queries(calls):
    chance = random.Random(7)
    statuses = set()
    for _ in range(120):
        query = {chance.choice(NAMES.split()): chance.choice(WORDS) for _ in range(2)}
        usual = {"marketplaceIds": MARKETPLACE} if chance.random() < 0.7 else {}
        statuses.add(calls("GET", chance.choice(READS), query_string=query | usual))
    assert statuses == {200, 400} and calls.complaints == []


def test_bent_feeds(amazon, amazon_shop):
    chance = random.Random(7)
    amazon.control("limits", createFeed=None, createFeedDocument=None, getFeed=None)
    amazon.settings(feed_seconds=0)
    wanted = {"includedData": ["summaries"], "apiVersion": "2021-08-01"}
    whole = {"fulfillment_availability": [{"fulfillment_channel_code": "DEFAULT", "quantity": 9}]}
    other = {"messageId": 2, "sku": "IP13-B", "operationType": "PARTIAL_UPDATE", "productType": "PRODUCT"}
    feed = {"header": {"sellerId": SELLER, "version": "2.0", "report": wanted}}
    feed |= {"messages": [message(1, "IP13-A", 3), other | {"attributes": whole}]}
    states = set()
    for _ in range(40):
        answer = amazon.feed(content=json.dumps(bent(feed, chance)).encode())
        number = answer.json()["feedId"]
        states.add(amazon.get(f"/feeds/2021-06-30/feeds/{number}").json()["processingStatus"])
    assert states == {"DONE", "FATAL"}
